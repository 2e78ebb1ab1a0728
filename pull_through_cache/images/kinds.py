"""Which program a document is for, judged by its content and the name of its file."""

import re
from pathlib import Path

from pull_through_cache.images.tree import Mapping, Node, Scalar, Sequence

KUSTOMIZATIONS = frozenset({"kustomization.yaml", "kustomization.yml", "Kustomization"})
VALUES = "values"
NO_IMAGES = "no images"
_BY_NAME = {
    **dict.fromkeys(KUSTOMIZATIONS, "kustomize.config.k8s.io/Kustomization"),
    **dict.fromkeys(("Chart.yaml", "requirements.yaml"), "Chart.yaml"),
    **dict.fromkeys(("Chart.lock", "requirements.lock"), "Chart.lock"),
    **dict.fromkeys(("devspace.yaml", "devspace.yml"), "DevSpace"),
    **dict.fromkeys(("okteto.yaml", "okteto.yml"), "Okteto"),
    **dict.fromkeys(("werf.yaml", "werf.yml"), "werf"),
}
_BRANCHES = frozenset({"default", "branches", "pull-requests", "custom", "tags"})
_COMPOSE = "Compose"
BITBUCKET = "Bitbucket Pipelines"
_RENOVATE = re.compile(r"\.?renovate(rc)?(\.json5?)?")
_SCHEMAS = ("json-schema.org", "docs.renovatebot.com")


def kind_of_object(node: Mapping) -> str:
    """Group and kind of a Kubernetes object, such as `apps/Deployment` or `/Pod`; empty for another mapping."""
    if "apiVersion" not in node.own or "kind" not in node.own:
        return ""  # the most frequent case, and the fastest
    version, kind = node.text("apiVersion"), node.text("kind")
    if not version or not kind:
        return ""
    group, slash, _ = version.rpartition("/")
    return f"{group if slash else ''}/{kind}"


def kind_of_document(root: Node | None, file: Path) -> str:
    """The kind of a whole document; `values` if no other kind matches."""
    if by_name := _BY_NAME.get(file.name):
        return by_name
    if not isinstance(root, Mapping):
        return VALUES
    if _has_no_images(root, file.name):
        return NO_IMAGES
    return kind_of_object(root) or _by_content(root, file.name)


def is_checked_by_sops(root: Node | None) -> bool:
    """Whether a MAC of SOPS covers the plain values of a document: https://getsops.io/docs/#message-authentication-code."""
    sops = root.get("sops") if isinstance(root, Mapping) else None
    if not isinstance(sops, Mapping) or "mac" not in sops:
        return False
    only_encrypted = sops.get("mac_only_encrypted")
    return not (isinstance(only_encrypted, Scalar) and only_encrypted.value == "true")


def _by_content(root: Mapping, name: str) -> str:
    def mapping(key: str) -> Mapping | None:
        node = root.get(key)
        return node if isinstance(node, Mapping) else None

    if mapping("jobs") and "on" in root:
        return "GitHub workflow"
    if (runs := mapping("runs")) and "using" in runs:
        return "GitHub action"
    if name.startswith("bitbucket-pipelines.") or (
        (pipelines := mapping("pipelines")) and _BRANCHES & pipelines.own.keys()
    ):
        return BITBUCKET
    if name.startswith("cloudbuild") and "steps" in root:
        return "Cloud Build"
    if name.endswith(".gitlab-ci.yml") or _is_gitlab(root):
        return "GitLab CI"
    if (provider := mapping("provider")) and provider.text("name") in ("openfaas", "faas") and mapping("functions"):
        return "OpenFaaS"
    if "runtime" in root and ("specVersion" in root or name == "func.yaml"):
        return "Knative function"
    return _COMPOSE if mapping("services") else VALUES


def _has_no_images(root: Mapping, name: str) -> bool:
    """Whether a file is a program's that pulls nothing: Renovate, JSON Schema, OpenAPI, OpenStack Heat, Grafana."""
    is_schema = any(each in root.text("$schema") for each in _SCHEMAS) or _RENOVATE.fullmatch(name)
    is_api = "paths" in root and ("openapi" in root or "swagger" in root)
    is_dashboard = isinstance(root.get("panels"), Sequence) and ("schemaVersion" in root or "templating" in root)
    return bool(is_schema or is_api or is_dashboard or "heat_template_version" in root)


def _is_gitlab(root: Mapping) -> bool:
    jobs = [node for node in root.own.values() if isinstance(node, Mapping) and "script" in node]
    # A file that a pipeline includes may have neither; a script of Helm values is no list.
    is_job = any("stage" in job or isinstance(job.get("script"), Sequence) for job in jobs)
    return bool(jobs) and ("stages" in root or is_job)
