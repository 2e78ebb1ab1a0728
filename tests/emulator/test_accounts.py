"""The accounts of the emulator, as AWS's API describes them."""

import pytest

from emulator.organization import (
    ACCOUNTS,
    MANAGEMENT,
    MEMBERS,
    ORGANIZATION_ID,
    SHARED_SERVICES,
    STRANGER,
    UNITS,
    Account,
)
from tests.aws import Aws, allow, error_of, policy


@pytest.mark.parametrize("account", ACCOUNTS, ids=lambda account: account.name)
def test_every_account_has_an_administrator(aws: Aws, account: Account) -> None:
    identity = aws.client("sts", account).get_caller_identity()
    assert identity["Arn"] == f"arn:aws:iam::{account.id}:user/administrator"


@pytest.mark.parametrize("account", [MANAGEMENT, SHARED_SERVICES, *MEMBERS], ids=lambda account: account.name)
def test_every_member_can_describe_the_organization(aws: Aws, account: Account) -> None:
    organization = aws.client("organizations", account).describe_organization()["Organization"]
    assert (organization["Id"], organization["MasterAccountId"]) == (ORGANIZATION_ID, MANAGEMENT.id)


@pytest.mark.parametrize(("service", "call"), [("sts", "get_caller_identity"), ("ecr", "describe_repositories")])
def test_the_key_of_an_account_that_does_not_exist(aws: Aws, service: str, call: str) -> None:
    error = error_of(getattr(aws.client(service, Account("210987654321", "nobody")), call))
    assert "The security token included in the request is invalid: there is no account 210987654321" in error


def test_a_stranger_is_in_no_organization(aws: Aws) -> None:
    error = error_of(aws.client("organizations", STRANGER).describe_organization)
    assert error.startswith("AWSOrganizationsNotInUseException")


def test_accounts_are_in_their_units(aws: Aws) -> None:
    organizations = aws.client("organizations", MANAGEMENT)
    for unit in UNITS:
        found = organizations.list_accounts_for_parent(ParentId=unit)["Accounts"]
        assert {each["Id"] for each in found} == {account.id for account in ACCOUNTS if account.unit == unit}


@pytest.mark.parametrize("action", ["list_accounts", "list_roots"])
def test_only_the_management_account_lists_what_is_in_the_organization(aws: Aws, action: str) -> None:
    getattr(aws.client("organizations", MANAGEMENT), action)()
    assert error_of(getattr(aws.client("organizations"), action)).startswith("AccessDeniedException")


def test_an_assumed_role_reaches_its_own_account(aws: Aws) -> None:
    trust = policy(allow("sts:AssumeRole", principal={"AWS": SHARED_SERVICES.id}))
    aws.client("iam", MEMBERS[0]).create_role(RoleName="deploy", AssumeRolePolicyDocument=trust)
    arn = f"arn:aws:iam::{MEMBERS[0].id}:role/deploy"
    assumed = aws.client("sts").assume_role(RoleArn=arn, RoleSessionName="terraform")
    assert assumed["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{MEMBERS[0].id}:assumed-role/deploy/terraform"


def test_accounts_share_nothing(aws: Aws) -> None:
    aws.secret()
    assert aws.client("secretsmanager", MEMBERS[0]).list_secrets()["SecretList"] == []
