"""IAM roles: what their policies grant them, and which service may assume them."""

from collections.abc import Iterator, Sequence
from typing import Any

from botocore.exceptions import ClientError

from pull_through_cache.aws.arns import role_name
from pull_through_cache.aws.statements import Statement
from pull_through_cache.check.account import Account
from pull_through_cache.check.findings import Finding, error_code
from pull_through_cache.check.grants import Document, lacking


def check_role(
    account: Account,
    role: str,
    where: str,
    statements: Sequence[Statement],
    *,
    remedy: str,
    if_missing: str | None = None,
    trusts: str | None = None,
) -> Iterator[Finding]:
    """What keeps a role, given by name or ARN, from doing what `statements` allow, or a service from assuming it.

    - `if_missing`: the remedy if the role does not exist. Default: `remedy`.
    """
    iam, name = account.client("iam"), role_name(role)
    try:
        found = iam.get_role(RoleName=name)["Role"]
    except ClientError as error:
        if error_code(error) != "NoSuchEntity":
            raise
        yield Finding(where, f"there is no role {name} in account {account.id}", if_missing or remedy)
        return
    if trusts:
        assume = Statement(actions=("sts:AssumeRole",), principals={"Service": (trusts,)})
        if lacking([found["AssumeRolePolicyDocument"]], assume):
            yield Finding(where, f"the role {name} does not trust {trusts}, so ECR cannot use it", remedy)
    documents = list(_policies(iam, name))
    boundary = found.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
    for statement in statements:
        if missing := lacking(documents, statement):
            yield Finding(where, f"the policies of the role {name} do not grant {missing}", remedy)
        elif boundary and (missing := lacking([_managed(iam, boundary)], statement)):
            cause = f"the permissions boundary {boundary} of the role {name} does not allow {missing}"
            yield Finding(where, cause, "allow it in the boundary, or remove the boundary")


def _policies(iam: Any, role: str) -> Iterator[Document]:
    for page in iam.get_paginator("list_role_policies").paginate(RoleName=role):
        for name in page["PolicyNames"]:
            yield iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    for page in iam.get_paginator("list_attached_role_policies").paginate(RoleName=role):
        for policy in page["AttachedPolicies"]:
            yield _managed(iam, policy["PolicyArn"])


def _managed(iam: Any, arn: str) -> Document:
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    document: Document = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
    return document
