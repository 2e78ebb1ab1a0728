"""The policies that let a pull through: what each grants, to whom, on what.

Who needs what is in the Guide, pull-through-cache-iam.html: CreateRepository counts in an identity policy or the registry
policy only, and a pull from another account needs a grant on both sides.
"""

import json
from collections.abc import Iterable, Sequence

from pull_through_cache.access import PullAccess
from pull_through_cache.statements import Condition, Statement

FIRST_PULL = ("ecr:BatchImportUpstreamImage", "ecr:CreateRepository")
"""What a registry policy grants: to have an image fetched, and its repository made."""

PULL = ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
"""What a repository policy grants: to read what is cached."""

PULL_OF_THE_POST = (
    "ecr:CreateRepository",
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:BatchImportUpstreamImage",
    "ecr:DescribeImages",
    "ecr:GetAuthorizationToken",
    "ecr:GetDownloadUrlForLayer",
)
"""What the post grants in its repository policy. CreateRepository and GetAuthorizationToken have no effect there."""

NODE_PULL = (
    "ecr:BatchGetImage",
    "ecr:BatchImportUpstreamImage",
    "ecr:GetAuthorizationToken",
    "ecr:GetDownloadUrlForLayer",
    "ecr:CreateRepository",
)
"""What an identity policy grants a node. GetAuthorizationToken takes no resource but `*`."""

# Guide: pull-through-cache-private.html.
READ_UPSTREAM = (
    "ecr:BatchGetImage",
    "ecr:BatchImportUpstreamImage",
    "ecr:GetDownloadUrlForLayer",
    "ecr:GetImageCopyStatus",
)
"""What ECR needs of another account's registry, by the role of the rule."""

WRITE_CACHE = (
    "ecr:BatchImportUpstreamImage",
    "ecr:CompleteLayerUpload",
    "ecr:GetImageCopyStatus",
    "ecr:InitiateLayerUpload",
    "ecr:PutImage",
    "ecr:UploadLayerPart",
)
"""What ECR needs of its own registry then, by the same role."""

TAG = "ecr:TagResource"
"""What the puller needs besides, in its identity policy, where the template sets tags."""

MAX_RESOURCE_POLICY = 10_240  # Guide: service-quotas.html, policy text of a repository or registry
MAX_MANAGED_POLICY = 6_144  # IAM Guide: reference_iam-quotas.html, without white space


def for_whom(
    access: PullAccess, *, sid: str, organization_id: str, actions: Sequence[str], resources: Sequence[str] = ()
) -> list[Statement]:
    """Statements that allow `actions` to everyone in `access`, a statement for each way of saying whom.

    `sid` begins their names. The principal `*` stands only beside a condition on the organisation.
    """
    statements = []

    def allow(whom: str, principals: Iterable[str], *conditions: Condition) -> None:
        statements.append(
            Statement.model_construct(
                sid=f"{sid}{whom}",
                effect="Allow",
                actions=tuple(actions),
                resources=tuple(resources),
                conditions=conditions,
                principals={"AWS": tuple(principals)},
            )
        )

    def condition(test: str, variable: str, *values: str) -> Condition:
        return Condition.model_construct(test=test, variable=variable, values=values)

    if access.organization:
        organization = organization_id if access.organization == "caller" else access.organization
        allow("Organization", ["*"], condition("StringEquals", "AWS:PrincipalOrgID", organization))
    if access.organizational_units:
        paths = sorted(access.organizational_units)
        allow("OrganizationalUnits", ["*"], condition("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", *paths))
    if access.accounts:
        allow("Accounts", [f"arn:aws:iam::{account}:root" for account in sorted(access.accounts)])
    return statements


def repositories(prefixes: Iterable[str], *, account_id: str, regions: Iterable[str]) -> list[str]:
    """ARNs of the repositories with these prefixes; `ROOT` stands for every repository."""
    patterns = ["*" if prefix == "ROOT" else f"{prefix.rstrip('/')}/*" for prefix in prefixes]
    if "*" in patterns:
        patterns = ["*"]
    return [f"arn:aws:ecr:{region}:{account_id}:repository/{p}" for region in regions for p in sorted(patterns)]


def length(statements: Iterable[Statement]) -> int:
    """How many characters a policy of these statements has."""
    document = {"Version": "2012-10-17", "Statement": [statement.document() for statement in statements]}
    return len(json.dumps(document, separators=(",", ":")))
