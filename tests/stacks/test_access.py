"""Who may pull: the registry's policy and the repositories'."""

import json
from typing import Any

import pytest
from cdktf_cdktf_provider_aws.data_aws_iam_policy_document import DataAwsIamPolicyDocument
from cdktf_cdktf_provider_aws.ecr_account_setting import EcrAccountSetting
from cdktf_cdktf_provider_aws.ecr_registry_policy import EcrRegistryPolicy

from tests.stacks.conftest import Synthesize, has

UPSTREAMS = "regions: [eu-west-1], upstreams: {quay: {url: quay.io}, images: {url: registry.k8s.io, prefix: k8s}}"
REPOSITORIES = [
    f"arn:aws:ecr:eu-west-1:${{data.aws_caller_identity.current.account_id}}:repository/{prefix}/*"
    for prefix in ("k8s", "quay")
]

EVERYONE_IN = {
    "organization: caller": {
        "Organization": ("StringEquals", "AWS:PrincipalOrgID", ["${data.aws_organizations_organization.current.id}"])
    },
    "organization: o-a1b2c3d4e5": {"Organization": ("StringEquals", "AWS:PrincipalOrgID", ["o-a1b2c3d4e5"])},
    "organizational_units: [o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*]": {
        "OrganizationalUnits": (
            "ForAnyValue:StringLike",
            "aws:PrincipalOrgPaths",
            ["o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*"],
        )
    },
}


def stack(synthesize: Synthesize, registry: str) -> Any:
    return json.loads(synthesize(f"registry: {{{UPSTREAMS}, {registry}}}")["shared-services-eu-west-1"])


def registry_statements(stack: Any) -> Any:
    return stack["data"]["aws_iam_policy_document"]["registry"]["statement"]


@pytest.mark.parametrize(("access", "statements"), EVERYONE_IN.items(), ids=EVERYONE_IN)
def test_first_pulls_are_granted_under_a_condition(
    synthesize: Synthesize, access: str, statements: dict[str, tuple[str, str, list[str]]]
) -> None:
    synthesized = stack(synthesize, f"pull_access: {{{access}}}")

    granted = [
        {
            "sid": f"AllowPullThroughFrom{whom}",
            "effect": "Allow",
            "actions": ["ecr:BatchImportUpstreamImage", "ecr:CreateRepository"],
            "resources": REPOSITORIES,
            "principals": [{"type": "AWS", "identifiers": ["*"]}],
            "condition": [{"test": test, "variable": variable, "values": values}],
        }
        for whom, (test, variable, values) in statements.items()
    ]
    assert has(synthesized, DataAwsIamPolicyDocument, statement=granted)
    assert registry_statements(synthesized) == granted
    assert has(synthesized, EcrRegistryPolicy, policy="${data.aws_iam_policy_document.registry.json}")


@pytest.mark.parametrize(("access", "statements"), EVERYONE_IN.items(), ids=EVERYONE_IN)
def test_reading_is_granted_under_a_condition(
    synthesize: Synthesize, access: str, statements: dict[str, tuple[str, str, list[str]]]
) -> None:
    synthesized = stack(synthesize, f"pull_access: {{{access}}}")

    assert synthesized["module"]["ecr_pull_through_caches"]["repository_policy_statements"] == {
        f"AllowReadFrom{whom}": {
            "sid": f"AllowReadFrom{whom}",
            "effect": "Allow",
            "actions": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            "principals": [{"type": "AWS", "identifiers": ["*"]}],
            "conditions": [{"test": test, "variable": variable, "values": values}],
        }
        for whom, (test, variable, values) in statements.items()
    }


def test_accounts_are_named_one_by_one(synthesize: Synthesize) -> None:
    synthesized = stack(synthesize, "pull_access: {accounts: ['222222222222', '111111111111']}")

    roots = [{"type": "AWS", "identifiers": [f"arn:aws:iam::{account}:root" for account in ("1" * 12, "2" * 12)]}]
    [statement] = registry_statements(synthesized)
    reading = synthesized["module"]["ecr_pull_through_caches"]["repository_policy_statements"]
    assert statement["principals"] == roots
    assert reading["AllowReadFromAccounts"]["principals"] == roots


def test_the_organization_is_asked_for_only_where_it_is_meant(synthesize: Synthesize) -> None:
    assert (
        "aws_organizations_organization" not in stack(synthesize, "pull_access: {accounts: ['111111111111']}")["data"]
    )


def test_nobody_else_may_pull_where_nobody_is_named(synthesize: Synthesize) -> None:
    synthesized = stack(synthesize, "pull_access: {}")

    assert "repository_policy_statements" not in synthesized["module"]["ecr_pull_through_caches"]
    assert "aws_ecr_registry_policy" not in synthesized.get("resource", {})


def test_the_registry_policy_has_room_for_others(synthesize: Synthesize) -> None:
    synthesized = stack(
        synthesize,
        "registry_policy: {extra_statements: [{sid: Replication, actions: ['ecr:ReplicateImage'], "
        "resources: ['arn:aws:ecr:eu-west-1:123456789012:repository/*'], "
        "principals: {AWS: ['arn:aws:iam::210987654321:root']}}]}",
    )

    assert [statement["sid"] for statement in registry_statements(synthesized)] == [
        "AllowPullThroughFromOrganization",
        "Replication",
    ]


def test_the_scope_is_set_before_the_policy(synthesize: Synthesize) -> None:
    synthesized = stack(synthesize, "registry_policy: {scope: V2}")

    assert has(synthesized, EcrAccountSetting, name="REGISTRY_POLICY_SCOPE", value="V2")
    assert has(synthesized, EcrRegistryPolicy, depends_on=["aws_ecr_account_setting.registry_policy_scope"])


def test_an_external_registry_policy_is_an_output(synthesize: Synthesize) -> None:
    synthesized = stack(synthesize, "registry_policy: external")

    assert synthesized["output"]["registry_policy"]["value"] == "${data.aws_iam_policy_document.registry.json}"
    assert "resource" not in synthesized


def test_without_a_registry_policy_there_is_neither(synthesize: Synthesize) -> None:
    synthesized = stack(synthesize, "registry_policy: none")

    assert "registry_policy" not in synthesized["output"]
    assert "resource" not in synthesized
