"""The opt-in mode in which every call needs a permission. test_policies.py tests how policies combine."""

from typing import Any

import pytest
from botocore.session import get_session

from emulator.organization import MEMBERS, SHARED_SERVICES
from tests.aws import Aws, Json, allow, error_of, policy

TRUST = allow("sts:AssumeRole", principal={"AWS": SHARED_SERVICES.id})
ROLE = f"arn:aws:iam::{SHARED_SERVICES.id}:role/node"
TEMPLATE = {"prefix": "quay", "appliedFor": ["PULL_THROUGH_CACHE"]}


class Session:
    """A session of a role with these statements. The emulator evaluates every call."""

    def __init__(self, aws: Aws, *statements: Json) -> None:
        self._aws = aws
        arn = aws.role(*statements, trust=TRUST)
        self._credentials = aws.client("sts").assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
        aws.emulator.authorize()

    def client(self, service: str) -> Any:
        return get_session().create_client(
            service,
            endpoint_url=self._aws.emulator.url,
            region_name="us-east-1",
            aws_access_key_id=self._credentials["AccessKeyId"],
            aws_secret_access_key=self._credentials["SecretAccessKey"],
            aws_session_token=self._credentials["SessionToken"],
        )


def test_the_administrator_may_do_everything(aws: Aws) -> None:
    aws.emulator.authorize()
    aws.secret()
    assert aws.emulator.permissions() == ["secretsmanager:CreateSecret"]


def test_a_call_without_its_permission(aws: Aws) -> None:
    ecr = Session(aws, allow("ecr:DescribeRegistry", resource="*")).client("ecr")
    ecr.describe_registry()
    assert error_of(ecr.describe_repositories) == (
        f"AccessDeniedException: User: arn:aws:sts::{SHARED_SERVICES.id}:assumed-role/node/session is not authorized to "
        "perform: ecr:DescribeRepositories on resource: * because no identity-based policy allows the "
        "ecr:DescribeRepositories action"
    )


def test_the_query_protocol_has_another_name_for_the_error(aws: Aws) -> None:
    iam = Session(aws).client("iam")
    assert error_of(iam.get_role, RoleName="node").startswith("AccessDenied: ")


def test_get_caller_identity_needs_no_permission(aws: Aws) -> None:
    assert Session(aws).client("sts").get_caller_identity()["Account"] == SHARED_SERVICES.id


@pytest.mark.parametrize(("name", "allowed"), [("team/service", True), ("other/service", False)])
def test_permissions_for_some_resources(aws: Aws, name: str, allowed: bool) -> None:
    ecr = Session(aws, allow("ecr:CreateRepository", resource="arn:aws:ecr:*:*:repository/team/*")).client("ecr")
    if allowed:
        ecr.create_repository(repositoryName=name)
    else:
        assert error_of(ecr.create_repository, repositoryName=name).startswith("AccessDeniedException: ")


@pytest.mark.parametrize(
    ("call", "parameters", "needed"),
    [
        pytest.param(
            "create_repository_creation_template",
            TEMPLATE | {"customRoleArn": ROLE, "repositoryPolicy": policy(allow("ecr:PutImage", principal="*"))},
            ["ecr:CreateRepositoryCreationTemplate", "iam:PassRole", "ecr:CreateRepository", "ecr:SetRepositoryPolicy"],
            id="a template",
        ),
        pytest.param(
            "create_repository",
            {"repositoryName": "team/service", "tags": [{"Key": "team", "Value": "shop"}]},
            ["ecr:CreateRepository", "ecr:TagResource"],
            id="tags",
        ),
    ],
)
def test_calls_that_need_more_than_their_own_permission(
    aws: Aws, call: str, parameters: Json, needed: list[str]
) -> None:
    ecr = Session(aws, allow(*needed, resource="*")).client("ecr")
    getattr(ecr, call)(**parameters)
    assert aws.emulator.permissions() == needed


@pytest.mark.parametrize("missing", ["the caller's permission", "the role's trust", "nothing"])
def test_another_account_s_role_needs_both_sides(aws: Aws, missing: str) -> None:
    trusted = MEMBERS[1].id if missing == "the role's trust" else SHARED_SERVICES.id
    there = aws.role(account=MEMBERS[0], trust=allow("sts:AssumeRole", principal={"AWS": trusted}))
    own = [] if missing == "the caller's permission" else [allow("sts:AssumeRole", resource=there)]
    sts = Session(aws, *own).client("sts")
    if missing == "nothing":
        sts.assume_role(RoleArn=there, RoleSessionName="test")
    else:
        assert error_of(sts.assume_role, RoleArn=there, RoleSessionName="test").startswith("AccessDenied: ")


def test_a_reset_allows_every_call_again(aws: Aws) -> None:
    session = Session(aws)
    aws.emulator.reset()
    session.client("ecr").describe_repositories()
