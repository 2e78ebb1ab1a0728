"""The policies that allow pulls. Each policy is made here and nowhere else.

A pull from another account needs a grant on both sides: in the puller's identity policy, and in the policies of the
registry and its repositories. Source: Amazon ECR User Guide, pull-through-cache-iam.html.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pull_through_cache.aws.actions import (
    FIRST_PULL,
    LOGIN,
    MODULE_READ,
    NODE_PULL,
    PULL,
    PUSH,
    READ_UPSTREAM,
    REPLICATE,
    TAG,
    USE_KMS_KEY,
    WRITE_CACHE,
)
from pull_through_cache.aws.statements import Condition, Statement

PULLER_KINDS = ("Organization", "OrganizationalUnits", "Accounts")
"""In the sids of statements, by kind of `Pullers`."""
FIRST_PULL_SIDS = [f"AllowPullThroughFrom{kind}" for kind in PULLER_KINDS]
"""Sids of the statements of `registry_policy`, without an ending."""
MODULE_SIDS = ("PrivateReadOnly", "PrivateLambdaReadOnly", "ReadWrite")
"""Sids of the statements that the repository-template module writes itself."""


@dataclass(frozen=True, kw_only=True)
class Pullers:
    """The principals of other accounts that may pull if their own policies allow it: any mixture of these.

    - `organization_id`: everyone in the organization.
    - `organizational_units`: everyone in the units with these paths; `*` at the end includes the units below.
    - `accounts`: everyone in these accounts.
    """

    organization_id: str | None = None
    organizational_units: Sequence[str] = ()
    accounts: Sequence[str] = ()


def node_policy(repositories: Sequence[str], *, tags: bool) -> list[Statement]:
    """The identity policy of EKS nodes. The first pull of an image creates its repository, as the puller.

    - `repositories`: ARNs of the cached repositories; `["*"]` means every registry.
    - `tags`: whether cached repositories get tags, which their creator must be allowed to set.
    """
    actions = (*NODE_PULL, TAG) if tags else NODE_PULL
    if list(repositories) == ["*"]:
        return [Statement(actions=actions, resources=("*",))]
    on_repositories = tuple(action for action in actions if action != LOGIN)
    return [
        Statement(actions=(LOGIN,), resources=("*",)),
        Statement(actions=on_repositories, resources=tuple(repositories)),
    ]


def repository_policy(pullers: Pullers, *, actions: Sequence[str] = PULL) -> list[Statement]:
    """What the policy of the cached repositories grants to `pullers`."""
    return list(_for(pullers, "AllowReadFrom", actions))


def registry_policy(pullers: Pullers, *, repositories: Sequence[str], sid_ending: str = "") -> list[Statement]:
    """What the registry policy grants to `pullers`: first pulls into `repositories` (ARNs)."""
    return list(_for(pullers, "AllowPullThroughFrom", FIRST_PULL, repositories, sid_ending))


def is_first_pull_sid(sid: str) -> bool:
    """Whether `registry_policy` can have made a statement with this sid."""
    return re.fullmatch(rf"({'|'.join(FIRST_PULL_SIDS)})(For[A-Za-z0-9]+)?", sid) is not None


def module_policy(
    *, account_root: str, readers: Sequence[str], writers: Sequence[str], functions: Sequence[str]
) -> list[Statement]:
    """What the repository-template module adds to the policy of repositories, for ARNs of roles and Lambda functions.

    Source: main.tf of the module, version 2.3.1.
    """
    statements = [
        Statement(sid="PrivateReadOnly", actions=MODULE_READ, principals={"AWS": (account_root, *readers, *writers)})
    ]
    if functions:
        statements.append(lambda_policy(functions))
    if writers:
        statements.append(Statement(sid="ReadWrite", actions=PUSH, principals={"AWS": tuple(writers)}))
    return statements


def lambda_policy(functions: Sequence[str]) -> Statement:
    """The statement that lets Lambda read images for these functions, by ARN."""
    return Statement(
        sid="PrivateLambdaReadOnly",
        actions=PULL,
        principals={"Service": ("lambda.amazonaws.com",)},
        conditions=(Condition("StringLike", "aws:sourceArn", tuple(functions)),),
    )


def upstream_role_policy(
    *, upstream_repositories: Sequence[str], cached_repositories: Sequence[str]
) -> list[Statement]:
    """The identity policy of the role with which ECR pulls from another account's registry.

    Source: Amazon ECR User Guide, pull-through-cache-private.html.
    """
    return [
        Statement(actions=(LOGIN,), resources=("*",)),
        Statement(actions=READ_UPSTREAM, resources=tuple(upstream_repositories)),
        Statement(actions=WRITE_CACHE, resources=tuple(cached_repositories)),
    ]


def upstream_role_trust() -> list[Statement]:
    """The trust policy of that role."""
    return [
        Statement(actions=("sts:AssumeRole",), principals={"Service": ("pullthroughcache.ecr.amazonaws.com",)}),
    ]


def upstream_repository_policy(principal: str) -> list[Statement]:
    """The repository policy that the other account attaches, so that this role can pull."""
    return [Statement(sid="AllowPullThroughCache", actions=READ_UPSTREAM, principals={"AWS": (principal,)})]


@dataclass(frozen=True, kw_only=True)
class TemplateRoleUse:
    """What a creation template needs a role for.

    - `repositories`: ARNs of the repositories that it shapes.
    - `tags`, `replication`: whether they get tags, and whether replication creates them too.
    """

    repositories: Sequence[str]
    tags: bool
    replication: bool
    kms_key_arn: str | None = None


def template_role_policy(uses: Iterable[TemplateRoleUse]) -> list[Statement]:
    """The identity policy of the role with which ECR creates repositories with tags or a KMS key.

    Source: Amazon ECR User Guide, repository-creation-templates-custom.html.
    """
    repositories: dict[tuple[str, ...], list[str]] = {}
    keys: dict[str, None] = {}
    for use in uses:
        more = ((REPLICATE, use.replication), (TAG, use.tags))
        actions = ("ecr:CreateRepository", *(action for action, needed in more if needed))
        repositories.setdefault(actions, []).extend(use.repositories)
        if use.kms_key_arn:
            keys[use.kms_key_arn] = None
    statements = [Statement(actions=actions, resources=tuple(arns)) for actions, arns in repositories.items()]
    return [*statements, Statement(actions=USE_KMS_KEY, resources=tuple(keys))] if keys else statements


def template_role_trust() -> list[Statement]:
    """The trust policy of that role. Source: Amazon ECR User Guide, repository-creation-templates-create-iam.html.

    Only a principal of the role's own account can pass the role to ECR. Source: AWS IAM User Guide,
    id_roles_use_passrole.html.
    """
    return [Statement(actions=("sts:AssumeRole",), principals={"Service": ("ecr.amazonaws.com",)})]


def secret_policy(readers: Sequence[str]) -> list[Statement]:
    """The resource policy of an upstream's secret, for readers by ARN.

    ECR reads the secret through its service-linked role, whatever this policy allows.
    """
    return [
        Statement(
            sid="AllowAccountRead",
            actions=("secretsmanager:GetSecretValue",),
            resources=("*",),
            principals={"AWS": tuple(readers)},
        )
    ]


def _for(
    pullers: Pullers, sid: str, actions: Sequence[str], resources: Sequence[str] = (), ending: str = ""
) -> Iterator[Statement]:
    """A statement for each kind of `pullers`. The principal `*` always has a condition on the organization."""

    def allow(kind: str, principals: Iterable[str], *conditions: Condition) -> Statement:
        return Statement(
            sid=f"{sid}{kind}{ending}",
            actions=tuple(actions),
            resources=tuple(resources),
            principals={"AWS": tuple(principals)},
            conditions=conditions,
        )

    organization, units, accounts = PULLER_KINDS
    if pullers.organization_id:
        yield allow(organization, ["*"], Condition("StringEquals", "AWS:PrincipalOrgID", (pullers.organization_id,)))
    if pullers.organizational_units:
        paths = tuple(sorted(pullers.organizational_units))
        yield allow(units, ["*"], Condition("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", paths))
    if pullers.accounts:
        yield allow(accounts, [f"arn:aws:iam::{account}:root" for account in sorted(pullers.accounts)])
