"""Who may pull: the policies of the registry and its repositories."""

import pytest
from cdktf_cdktf_provider_aws.data_aws_iam_policy_document import DataAwsIamPolicyDocument
from cdktf_cdktf_provider_aws.ecr_account_setting import EcrAccountSetting
from cdktf_cdktf_provider_aws.ecr_registry_policy import EcrRegistryPolicy

from tests.stacks.conftest import QUAY, Json, SharedServices, assert_has, caches

CALLERS_ORGANIZATION = "${data.aws_organizations_organization.current.id}"
UNIT = "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*"
CONDITIONS = {
    "organization: caller": ("Organization", "StringEquals", "AWS:PrincipalOrgID", CALLERS_ORGANIZATION),
    "organization: o-a1b2c3d4e5": ("Organization", "StringEquals", "AWS:PrincipalOrgID", "o-a1b2c3d4e5"),
    f"organizational_units: [{UNIT}]": (
        "OrganizationalUnits",
        "ForAnyValue:StringLike",
        "aws:PrincipalOrgPaths",
        UNIT,
    ),
}
"""The ends of the statements' sids, and their conditions, by the setting."""
ACCOUNTS = "pull_access: {accounts: ['222222222222', '111111111111']}"
ROOTS = [{"type": "AWS", "identifiers": ["arn:aws:iam::111111111111:root", "arn:aws:iam::222222222222:root"]}]


@pytest.mark.parametrize(("access", "expected"), CONDITIONS.items(), ids=CONDITIONS)
def test_the_registry_policy_allows_first_pulls_under_a_condition(
    shared_services: SharedServices, access: str, expected: tuple[str, str, str, str]
) -> None:
    stack = shared_services(f"pull_access: {{{access}}}", upstreams=f"{QUAY}, images: {{registry: k8s, prefix: k8s}}")

    kind, test, variable, value = expected
    repositories = "arn:aws:ecr:eu-west-1:${data.aws_caller_identity.current.account_id}:repository"
    statement = {
        "sid": f"AllowPullThroughFrom{kind}",
        "effect": "Allow",
        "actions": ["ecr:BatchImportUpstreamImage", "ecr:CreateRepository"],
        "resources": [f"{repositories}/k8s/*", f"{repositories}/quay/*"],
        "principals": [{"type": "AWS", "identifiers": ["*"]}],
        "condition": [{"test": test, "variable": variable, "values": [value]}],
    }
    assert_has(stack, DataAwsIamPolicyDocument, statement=[statement])
    assert_has(stack, EcrRegistryPolicy, policy="${data.aws_iam_policy_document.registry.json}")


@pytest.mark.parametrize(("access", "expected"), CONDITIONS.items(), ids=CONDITIONS)
def test_the_repository_policy_allows_pulls_under_a_condition(
    shared_services: SharedServices, access: str, expected: tuple[str, str, str, str]
) -> None:
    stack = shared_services(f"pull_access: {{{access}}}")

    kind, test, variable, value = expected
    sid = f"AllowReadFrom{kind}"
    statement = {
        "sid": sid,
        "effect": "Allow",
        "actions": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
        "principals": [{"type": "AWS", "identifiers": ["*"]}],
        "conditions": [{"test": test, "variable": variable, "values": [value]}],
    }
    assert caches(stack)["repository_policy_statements"] == {sid: statement}


def test_the_registry_policy_lists_accounts(shared_services: SharedServices) -> None:
    [statement] = registry_statements(shared_services(ACCOUNTS))

    assert statement["principals"] == ROOTS


def test_the_repository_policy_lists_accounts(shared_services: SharedServices) -> None:
    statements = caches(shared_services(ACCOUNTS))["repository_policy_statements"]

    assert statements["AllowReadFromAccounts"]["principals"] == ROOTS


def test_only_organization_caller_looks_up_the_organization(shared_services: SharedServices) -> None:
    assert "aws_organizations_organization" not in shared_services(ACCOUNTS)["data"]


def test_empty_pull_access_lets_no_other_account_read(shared_services: SharedServices) -> None:
    assert "repository_policy_statements" not in caches(shared_services("pull_access: {}"))


def test_empty_pull_access_needs_no_registry_policy(shared_services: SharedServices) -> None:
    assert "resource" not in shared_services("pull_access: {}")


OWN_ACCESS = f"{QUAY}, git-hub: {{registry: k8s, pull_access: {{accounts: ['222222222222']}}}}"


def test_an_upstream_s_own_access_replaces_the_registry_s_in_the_registry_policy(
    shared_services: SharedServices,
) -> None:
    statements = registry_statements(shared_services(upstreams=OWN_ACCESS))

    repositories = "arn:aws:ecr:eu-west-1:${data.aws_caller_identity.current.account_id}:repository"
    assert {statement["sid"]: statement["resources"] for statement in statements} == {
        "AllowPullThroughFromOrganization": [f"{repositories}/quay/*"],
        "AllowPullThroughFromAccountsForGitHub": [f"{repositories}/git-hub/*"],
    }


def test_an_upstream_s_own_access_replaces_the_registry_s_in_its_template(shared_services: SharedServices) -> None:
    stack = shared_services(upstreams=OWN_ACCESS)

    each = caches(stack)["for_each"]
    assert {key: list(cache["repository_policy_statements"]) for key, cache in each.items()} == {
        "quay": ["AllowReadFromOrganization"],
        "git-hub": ["AllowReadFromAccounts"],
    }


def test_an_upstream_can_be_closed_to_other_accounts(shared_services: SharedServices) -> None:
    stack = shared_services(upstreams=f"{QUAY}, k8s: {{registry: k8s, pull_access: {{}}}}")

    assert [statement["sid"] for statement in registry_statements(stack)] == ["AllowPullThroughFromOrganization"]
    assert caches(stack)["for_each"]["k8s"]["repository_policy_statements"] == {}


def test_an_upstream_of_a_closed_registry_can_be_open(shared_services: SharedServices) -> None:
    stack = shared_services("pull_access: {}", upstreams=OWN_ACCESS)

    assert [statement["sid"] for statement in registry_statements(stack)] == ["AllowPullThroughFromAccountsForGitHub"]


def test_the_organization_is_looked_up_for_an_upstream_s_own_access(shared_services: SharedServices) -> None:
    upstreams = f"{QUAY}, k8s: {{registry: k8s, pull_access: {{organization: caller}}}}"

    assert "aws_organizations_organization" in shared_services("pull_access: {}", upstreams=upstreams)["data"]


def test_extra_statements_are_added_to_the_registry_policy(shared_services: SharedServices) -> None:
    stack = shared_services(
        "registry_policy: {extra_statements: [{sid: Replication, actions: ['ecr:ReplicateImage'], "
        "resources: ['arn:aws:ecr:eu-west-1:123456789012:repository/*'], "
        "principals: {AWS: ['arn:aws:iam::210987654321:root']}}]}",
    )

    sids = [statement["sid"] for statement in registry_statements(stack)]
    assert sids == ["AllowPullThroughFromOrganization", "Replication"]


def test_the_scope_is_an_account_setting(shared_services: SharedServices) -> None:
    stack = shared_services("registry_policy: {scope: V2}")

    assert_has(stack, EcrAccountSetting, name="REGISTRY_POLICY_SCOPE", value="V2")


def test_an_external_registry_policy_is_an_output(shared_services: SharedServices) -> None:
    stack = shared_services("registry_policy: external")

    assert stack["output"]["registry_policy"]["value"] == "${data.aws_iam_policy_document.registry.json}"
    assert "resource" not in stack


def test_without_a_registry_policy_there_is_neither_policy_nor_output(shared_services: SharedServices) -> None:
    stack = shared_services("registry_policy: none")

    assert "registry_policy" not in stack["output"]
    assert "resource" not in stack


def registry_statements(stack: Json) -> list[Json]:
    statements: list[Json] = stack["data"]["aws_iam_policy_document"]["registry"]["statement"]
    return statements
