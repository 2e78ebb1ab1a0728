"""ECR as the upstream of ECR, in another account: the role with which ECR reads there, and the policies that allow it.

Source: Amazon ECR User Guide, pull-through-cache-private.html. AWS documents the requirements, but not the texts of
errors: the texts here are the emulator's own.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from moto.ecr.models import ecr_backends

from emulator.policies import Policy, evaluate
from emulator.registry import upstream_repository
from emulator.resource_policies import resource_policies
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

    Without a repository, one readable repository of the upstream below the rule's prefix is enough. If it has none,
    the role's own policies decide.
    """
    role, account = rule["customRoleArn"], rule["registryId"]
    failure = assumption_failure(role, SERVICE, account) or _denied(role, ["ecr:GetAuthorizationToken"], "*", account)
    if failure:
        return failure
    candidates = [repository] if repository else list(_cached_names(rule))
    failures = [_repository_failure(rule, region, name) for name in candidates]
    if None in failures:
        return None
    return failures[0] if failures else _own_failure(rule, region)


def _repository_failure(rule: dict[str, Any], region: str, repository: str) -> str | None:
    """Why the role cannot fetch into this repository."""
    role, (account, upstream_region), upstream = (
        rule["customRoleArn"],
        _registry(rule),
        upstream_repository(rule, repository),
    )
    if upstream not in ecr_backends[account][upstream_region].repositories:
        return f"The repository with name '{upstream}' does not exist in the registry with id '{account}'"
    return _denied_in_repository(role, READ_UPSTREAM, account, upstream_region, upstream) or _denied_in_repository(
        role, WRITE_CACHE, rule["registryId"], region, repository
    )


def _denied_in_repository(role: str, actions: Sequence[str], account: str, region: str, repository: str) -> str | None:
    """Why the role may not do one of the actions in this repository; None when it may do all."""
    arn = _arn(account, region, repository)
    for action in actions:
        failure = _denied(role, [action], arn, account, resource_policies(action, account, region, repository))
        if failure:
            return failure
    return None


def _own_failure(rule: dict[str, Any], region: str) -> str | None:
    """What the role's own policies lack for repositories that do not exist yet."""
    role, account = rule["customRoleArn"], rule["registryId"]
    cached = "*" if rule["ecrRepositoryPrefix"] == "ROOT" else f"{rule['ecrRepositoryPrefix'].rstrip('/')}/*"
    upstream = _arn(*_registry(rule), upstream_repository(rule, cached))
    return _denied(role, READ_UPSTREAM, upstream, account) or _denied(
        role, WRITE_CACHE, _arn(account, region, cached), account
    )


def _denied(role: str, actions: Sequence[str], resource: str, owner: str, others: Sequence[Policy] = ()) -> str | None:
    """Why the role may not do one of the actions; None when it may do all. ``others``: resource-based policies."""
    caller, policies = principal(role), [*identity_policies(role), *others]
    context = resource_context(owner, resource.split(":")[3] if resource != "*" else "")
    for action in actions:
        decision = evaluate(action, resource, caller, policies, owner=owner, context=context)
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
