"""ECR as the upstream of ECR, in another account: the role with which ECR reads there, and what lets it in.

Source: Guide, pull-through-cache-private.html. AWS documents what must be there, not the texts of its errors: those
here are the emulator's own.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from moto.ecr.models import ecr_backends

from emulator.policies import Policy, evaluate
from emulator.registry import registries, upstream_repository
from emulator.roles import assumption_failure, identity_policies, principal, resource_context

SERVICE = "pullthroughcache.ecr.amazonaws.com"
READ_UPSTREAM = (
    "ecr:BatchGetImage",
    "ecr:GetDownloadUrlForLayer",
    "ecr:BatchImportUpstreamImage",
    "ecr:GetImageCopyStatus",
)
WRITE_CACHE = (
    "ecr:BatchImportUpstreamImage",
    "ecr:GetImageCopyStatus",
    "ecr:InitiateLayerUpload",
    "ecr:UploadLayerPart",
    "ecr:CompleteLayerUpload",
    "ecr:PutImage",
)


def upstream_role_failure(rule: dict[str, Any], region: str, repository: str | None) -> str | None:
    """Why the rule's role cannot fetch an image into the cached repository; None when it can.

    Without a repository, one of those that the upstream has below the rule's prefix is enough. If it has none, the
    role's own policies decide.
    """
    role, account = rule["customRoleArn"], rule["registryId"]
    failure = assumption_failure(role, SERVICE, account) or _denied(
        role, ["ecr:GetAuthorizationToken"], "*", [], account
    )
    if failure:
        return failure
    candidates = [repository] if repository else list(_cached_names(rule))
    failures = [_repository_failure(rule, region, name) for name in candidates]
    if None in failures:
        return None
    return failures[0] if failures else _own_failure(rule, region)


def _repository_failure(rule: dict[str, Any], region: str, repository: str) -> str | None:
    """Why the role cannot fetch into this repository."""
    role, account = rule["customRoleArn"], rule["registryId"]
    upstream_account, upstream_region = _registry(rule)
    upstream = upstream_repository(rule, repository)
    found = ecr_backends[upstream_account][upstream_region].repositories.get(upstream)
    if found is None:
        return f"The repository with name '{upstream}' does not exist in the registry with id '{upstream_account}'"
    policies = list(resource_policies(upstream_account, upstream_region, upstream))
    return _denied(role, READ_UPSTREAM, found.arn, policies, upstream_account) or _denied(
        role,
        WRITE_CACHE,
        _arn(account, region, repository),
        list(resource_policies(account, region, repository)),
        account,
    )


def _own_failure(rule: dict[str, Any], region: str) -> str | None:
    """What the role's own policies lack for repositories that do not exist yet."""
    role, account = rule["customRoleArn"], rule["registryId"]
    cached = "*" if rule["ecrRepositoryPrefix"] == "ROOT" else f"{rule['ecrRepositoryPrefix'].rstrip('/')}/*"
    upstream = _arn(*_registry(rule), upstream_repository(rule, cached))
    return _denied(role, READ_UPSTREAM, upstream, [], account) or _denied(
        role, WRITE_CACHE, _arn(account, region, cached), [], account
    )


def resource_policies(account: str, region: str, repository: str) -> Iterator[Policy]:
    """The policies of a repository: that of its registry, which counts for every action under scope V2, and its own."""
    backend = ecr_backends[account][region]
    if backend.registry_policy and registries[account][region].account_settings["REGISTRY_POLICY_SCOPE"] == "V2":
        yield Policy("registry", account, json.loads(backend.registry_policy))
    found = backend.repositories.get(repository)
    if found and found.policy:
        yield Policy("repository", repository, json.loads(found.policy))


def _denied(role: str, actions: Sequence[str], resource: str, policies: list[Policy], owner: str) -> str | None:
    """Why the role may not do one of the actions; None when it may do all."""
    caller, own = principal(role), identity_policies(role)
    context = resource_context(owner, resource.split(":")[3] if resource != "*" else "")
    for action in actions:
        decision = evaluate(action, resource, caller, [*own, *policies], owner=owner, context=context)
        if not decision.allowed:
            return decision.reason
    return None


def _cached_names(rule: dict[str, Any]) -> Iterator[str]:
    """The names that the upstream's repositories have in the cache."""
    prefix, upstream_prefix = rule["ecrRepositoryPrefix"], rule.get("upstreamRepositoryPrefix", "ROOT")
    dropped = "" if upstream_prefix == "ROOT" else f"{upstream_prefix.rstrip('/')}/"
    added = "" if prefix == "ROOT" else f"{prefix.rstrip('/')}/"
    account, region = _registry(rule)
    for name in ecr_backends[account][region].repositories:
        if name.startswith(dropped):
            yield added + name.removeprefix(dropped)


def _registry(rule: dict[str, Any]) -> tuple[str, str]:
    """The account and the Region of the upstream."""
    parts = rule["upstreamRegistryUrl"].split(".")
    return parts[0], parts[3]


def _arn(account: str, region: str, repository: str) -> str:
    return f"arn:aws:ecr:{region}:{account}:repository/{repository}"
