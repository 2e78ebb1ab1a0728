"""Pull through cache rules as upstreams of a deployment file."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from pull_through_cache.aws.registries import Authentication, find
from pull_through_cache.deployment.upstream import Upstream, prefix_of
from pull_through_cache.importing.draft import Data, Draft


def add_upstreams(draft: Draft, rules: Iterable[Mapping[str, Any]]) -> None:
    """Adds an upstream for each rule, and a comment for a rule that a file cannot have."""
    for rule in rules:
        prefix, host = rule["ecrRepositoryPrefix"], rule["upstreamRegistryUrl"]
        if find(host) is None:
            draft.comment(f"Left out, the rule {prefix}: this version does not know the registry {host}.", "upstreams")
            continue
        key = _key(prefix, host, draft.upstreams)
        draft.upstreams[key] = _upstream(rule, key)


def _key(prefix: str, host: str, taken: Iterable[str]) -> str:
    """A key from the prefix that differs from the others by more than dashes, which names in Terraform lose."""
    kind = find(host)
    assert kind is not None, host
    words = re.sub(r"[^a-z0-9]+", "-", prefix).strip("-")
    base = words if prefix != "ROOT" and re.match("[a-z]", words) else f"{kind.api_name}-{words}".strip("-")
    base = kind.api_name if prefix == "ROOT" else base
    squeezed = {each.replace("-", "") for each in taken}
    number, key = 1, base
    while key.replace("-", "") in squeezed:
        number += 1
        key = f"{base}-{number}"
    return key


def _upstream(rule: Mapping[str, Any], key: str) -> Data:
    prefix, host = rule["ecrRepositoryPrefix"], rule["upstreamRegistryUrl"]
    kind = find(host)
    assert kind is not None, host
    upstream: Data = {"registry": kind.api_name}
    if "<name>" in kind.host:
        upstream["name"] = host.partition(".")[0]
    if kind.authentication is Authentication.IAM_ROLE:
        upstream |= {"account_id": host.partition(".")[0], "region": host.split(".")[3]}
    if prefix_of(key, Upstream.model_construct(registry=kind.api_name)) != prefix:
        upstream["prefix"] = prefix
    if rule.get("upstreamRepositoryPrefix", "ROOT") != "ROOT":
        upstream["upstream_prefix"] = rule["upstreamRepositoryPrefix"]
    if rule.get("customRoleArn"):
        upstream["role_arn"] = rule["customRoleArn"]
    if rule.get("credentialArn"):
        upstream["credentials"] = {"store": "existing", "secret_arn": rule["credentialArn"]}
    return upstream
