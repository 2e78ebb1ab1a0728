"""What the admission policies share: the requests that they apply to, and their YAML."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import yaml

NAME = "pull-through-cache"

Manifest = dict[str, Any]


class Scope(NamedTuple):
    """The pods that a policy applies to, and what happens to them if the policy itself fails."""

    namespaces: tuple[str, str] | None = None
    """Label and value of the namespaces that it applies to. Default: all except those left out."""
    fail: bool = False
    """Whether a pod is rejected if the policy cannot be evaluated. Default: the pod stays as it is."""

    @property
    def failure_policy(self) -> str:
        return "Fail" if self.fail else "Ignore"

    def namespace_selector(self, *left_out: str) -> Manifest:
        """Selects the namespaces, except those named."""
        name = {"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": list(left_out)}
        label = [{"key": key, "operator": "In", "values": [value]} for key, value in filter(None, [self.namespaces])]
        return {"matchExpressions": [name, *label]}


def match_constraints() -> Manifest:
    """New pods, and new ephemeral containers in pods, except pods that opt out.

    CloudNativePG replaces pods that have another image than it wrote
    (github.com/cloudnative-pg/cloudnative-pg/issues/3231), so its pods do not change.
    """
    return {
        "resourceRules": [_requests("CREATE", "pods"), _requests("UPDATE", "pods/ephemeralcontainers")],
        "objectSelector": {
            "matchExpressions": [
                {"key": NAME, "operator": "NotIn", "values": ["disabled"]},
                {"key": "cnpg.io/cluster", "operator": "DoesNotExist"},
            ]
        },
    }


def match_conditions() -> list[Manifest]:
    """Excludes mirror pods: they only show what a kubelet runs from its own files."""
    expression = "!('kubernetes.io/config.mirror' in object.metadata.?annotations.orValue({}))"
    return [{"name": "not-a-mirror-pod", "expression": expression}]


def text(comment: str, *manifests: Mapping[str, Any]) -> str:
    """The manifests as YAML below a comment."""
    body: str = yaml.dump_all(manifests, Dumper=_Dumper, sort_keys=False, width=1000)
    return "".join(f"# {line}".rstrip() + "\n" for line in comment.splitlines()) + body


def _requests(operation: str, resource: str) -> Manifest:
    return {"apiGroups": [""], "apiVersions": ["v1"], "operations": [operation], "resources": [resource]}


class _Dumper(yaml.SafeDumper):  # type: ignore[misc]
    """Writes expressions with several lines unchanged, and writes no anchors."""

    def ignore_aliases(self, _data: object) -> bool:
        return True

    def represent_text(self, data: str) -> yaml.ScalarNode:
        return self.represent_scalar("tag:yaml.org,2002:str", data, style="|" if "\n" in data else None)


_Dumper.add_representer(str, _Dumper.represent_text)
