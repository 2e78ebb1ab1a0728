"""IAM's quotas and names. Source: IAM User Guide, reference_iam-quotas.html."""

import json
from typing import Any

import pytest

from tests.aws import Aws, allow, error_of, policy

TRUST = policy(allow("sts:AssumeRole", principal={"Service": "ec2.amazonaws.com"}))


@pytest.fixture
def iam(aws: Aws) -> Any:
    aws.role()
    return aws.client("iam")


def of_size(size: int) -> str:
    """A policy with this many characters that are no white space, and some that are."""
    empty = policy(allow("ecr:GetAuthorizationToken", resource="*", sid=""))
    sid = "a" * (size - len("".join(empty.split())))
    return json.dumps(json.loads(empty.replace('"Sid": ""', f'"Sid": "{sid}"')), indent=8)


@pytest.mark.parametrize("name", ["pull", "Pull"])
def test_a_policy_s_name_is_unique_whatever_its_path(iam: Any, name: str) -> None:
    iam.create_policy(PolicyName="pull", Path="/nodes/", PolicyDocument=of_size(200))
    error = error_of(iam.create_policy, PolicyName=name, Path="/other/", PolicyDocument=of_size(200))
    assert error.startswith("EntityAlreadyExists: ")


def test_a_role_s_name_is_unique_whatever_its_case(iam: Any) -> None:
    error = error_of(iam.create_role, RoleName="Node", AssumeRolePolicyDocument=TRUST)
    assert error.startswith("EntityAlreadyExists: ")


@pytest.mark.parametrize("call", ["create_policy", "create_policy_version"])
def test_a_managed_policy_has_at_most_6144_characters(iam: Any, call: str) -> None:
    arn = iam.create_policy(PolicyName="pull", PolicyDocument=of_size(6_144))["Policy"]["Arn"]
    target = {"PolicyName": "other"} if call == "create_policy" else {"PolicyArn": arn}
    error = error_of(getattr(iam, call), **target, PolicyDocument=of_size(6_145))
    assert error == "LimitExceeded: Cannot exceed quota for PolicySize: 6144"


def test_the_inline_policies_of_a_role_have_at_most_10240_characters(iam: Any) -> None:
    for name, size in (("one", 10_000), ("two", 240), ("two", 240)):
        iam.put_role_policy(RoleName="node", PolicyName=name, PolicyDocument=of_size(size))
    error = error_of(iam.put_role_policy, RoleName="node", PolicyName="two", PolicyDocument=of_size(241))
    assert error == "LimitExceeded: Maximum policy size of 10240 bytes exceeded for role node"


def test_a_trust_policy_has_at_most_2048_characters(iam: Any) -> None:
    long = policy(allow("sts:AssumeRole", sid="a" * 2_048, principal={"Service": "ec2.amazonaws.com"}))
    error = error_of(iam.update_assume_role_policy, RoleName="node", PolicyDocument=long)
    assert error == "LimitExceeded: Cannot exceed quota for ACLSizePerRole: 2048"


def test_a_role_has_at_most_ten_policies(iam: Any) -> None:
    arns = [
        iam.create_policy(PolicyName=f"pull-{number}", PolicyDocument=of_size(200))["Policy"]["Arn"]
        for number in range(11)
    ]
    for arn in [*arns[:10], arns[0]]:
        iam.attach_role_policy(RoleName="node", PolicyArn=arn)
    error = error_of(iam.attach_role_policy, RoleName="node", PolicyArn=arns[10])
    assert error == "LimitExceeded: Cannot exceed quota for PoliciesPerRole: 10"


def test_a_permissions_boundary_must_exist(iam: Any) -> None:
    missing = "arn:aws:iam::123456789012:policy/missing"
    error = error_of(iam.put_role_permissions_boundary, RoleName="node", PermissionsBoundary=missing)
    assert error.startswith("NoSuchEntity: ")
