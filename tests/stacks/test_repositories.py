"""Settings of the cached repositories become inputs of the repository-template module."""

import json
from typing import Any

import pytest
from cdktf_cdktf_provider_aws.ecr_registry_scanning_configuration import EcrRegistryScanningConfiguration

from tests.stacks.conftest import Synthesize, has


def caches(synthesize: Synthesize, repositories: str, upstreams: str = "quay: {url: quay.io}", rest: str = "") -> Any:
    text = f"registry: {{regions: [eu-west-1], upstreams: {{{upstreams}}}, repositories: {{{repositories}}}{rest}}}"
    return json.loads(synthesize(text)["shared-services-eu-west-1"])["module"]["ecr_pull_through_caches"]


KEY = "arn:aws:kms:eu-west-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef"
ROLE = "arn:aws:iam::123456789012:role/templates"
READER = "arn:aws:iam::210987654321:role/scanner"
ROOT = "arn:aws:iam::${data.aws_caller_identity.current.account_id}:root"


@pytest.mark.parametrize(
    ("setting", "inputs"),
    [
        pytest.param("image_tag_mutability: IMMUTABLE", {"image_tag_mutability": "IMMUTABLE"}, id="immutable tags"),
        pytest.param(
            f"encryption: {{type: KMS, kms_key_arn: '{KEY}'}}", {"encryption_type": "KMS", "kms_key_arn": KEY}, id="KMS"
        ),
        pytest.param("tags: {team: platform}", {"resource_tags": {"team": "platform"}}, id="tags"),
        pytest.param(
            f"tags: {{team: platform}}, role_arn: '{ROLE}'",
            {"create_iam_role": False, "custom_role_arn": ROLE},
            id="tags with a given role",
        ),
        pytest.param(
            f"read_access: ['{READER}']",
            {"repository_read_access_arns": [ROOT, READER]},
            id="readers beside the registry's own account",
        ),
        pytest.param(
            f"read_write_access: ['{READER}']",
            {"repository_read_access_arns": [ROOT], "repository_read_write_access_arns": [READER]},
            id="writers beside the registry's own account",
        ),
        pytest.param(
            "lambda_read_access: ['arn:aws:lambda:eu-west-1:123456789012:function:*']",
            {"repository_lambda_read_access_arns": ["arn:aws:lambda:eu-west-1:123456789012:function:*"]},
            id="Lambda functions",
        ),
        pytest.param(
            "applied_for: [PULL_THROUGH_CACHE, REPLICATION]",
            {"applied_for": ["PULL_THROUGH_CACHE", "REPLICATION"]},
            id="replication",
        ),
    ],
)
def test_a_setting_is_an_input(synthesize: Synthesize, setting: str, inputs: dict[str, Any]) -> None:
    synthesized = caches(synthesize, setting)

    assert {name: synthesized.get(name) for name in inputs} == inputs


def test_a_description_replaces_the_host(synthesize: Synthesize) -> None:
    assert caches(synthesize, "description: Ours")["for_each"]["quay"]["description"] == "Ours"


@pytest.mark.parametrize(
    ("lifecycle", "rules"),
    [
        pytest.param(
            "keep_last: 20",
            [("any", "imageCountMoreThan", 20, None)],
            id="the newest stay",
        ),
        pytest.param(
            "expire_untagged_after_days: 3, expire_after_days: 90",
            [("untagged", "sinceImagePushed", 3, "days"), ("any", "sinceImagePushed", 90, "days")],
            id="old ones expire, untagged ones earlier",
        ),
    ],
)
def test_a_lifecycle_becomes_rules(synthesize: Synthesize, lifecycle: str, rules: list[tuple[Any, ...]]) -> None:
    policy = json.loads(caches(synthesize, f"lifecycle: {{{lifecycle}}}")["lifecycle_policy"])

    selections = [rule["selection"] for rule in policy["rules"]]
    assert [
        (each["tagStatus"], each["countType"], each["countNumber"], each.get("countUnit")) for each in selections
    ] == rules
    assert [rule["rulePriority"] for rule in policy["rules"]] == list(range(1, len(rules) + 1))


def test_an_upstream_overrides_what_it_names_and_nothing_else(synthesize: Synthesize) -> None:
    synthesized = caches(
        synthesize,
        "lifecycle: {keep_last: 20}, tags: {team: platform}",
        "quay: {url: quay.io}, k8s: {url: registry.k8s.io, repositories: {tags: {}}}",
    )

    assert synthesized["resource_tags"] == "${each.value.resource_tags}"
    assert synthesized["for_each"]["quay"]["resource_tags"] == {"team": "platform"}
    assert synthesized["for_each"]["k8s"]["resource_tags"] == {}
    assert json.loads(synthesized["lifecycle_policy"])


def test_what_only_some_caches_have_is_null_for_the_others(synthesize: Synthesize) -> None:
    synthesized = caches(
        synthesize, "", "quay: {url: quay.io}, k8s: {url: registry.k8s.io, repositories: {lifecycle: {keep_last: 2}}}"
    )

    assert synthesized["lifecycle_policy"] == "${try(each.value.lifecycle_policy, null)}"
    assert "lifecycle_policy" not in synthesized["for_each"]["quay"]


def test_more_statements_stand_beside_the_organizations(synthesize: Synthesize) -> None:
    synthesized = caches(
        synthesize, f"statements: [{{sid: Scan, actions: ['ecr:DescribeImages'], principals: {{AWS: ['{READER}']}}}}]"
    )

    statements = synthesized["repository_policy_statements"]
    assert set(statements) == {"AllowReadFromOrganization", "Scan"}
    assert statements["Scan"] == {
        "sid": "Scan",
        "effect": "Allow",
        "actions": ["ecr:DescribeImages"],
        "principals": [{"type": "AWS", "identifiers": [READER]}],
    }


def test_a_role_that_the_module_makes_has_a_name_that_iam_accepts(synthesize: Synthesize) -> None:
    synthesized = caches(
        synthesize,
        "tags: {team: platform}",
        "quay: {url: quay.io, prefix: mirrors/quay}",
        ", role_path: /ecr/, permissions_boundary: 'arn:aws:iam::123456789012:policy/boundary'",
    )

    assert synthesized["iam_role_name"] == "mirrors-quay"
    assert synthesized["iam_role_path"] == "/ecr/"
    assert synthesized["iam_role_permissions_boundary"] == "arn:aws:iam::123456789012:policy/boundary"


def test_scanning_covers_the_caches(synthesize: Synthesize) -> None:
    text = (
        "registry: {regions: [eu-west-1], upstreams: {quay: {url: quay.io}, k8s: {url: registry.k8s.io}}, "
        "scanning: {type: ENHANCED, frequency: CONTINUOUS_SCAN}}"
    )
    stack = json.loads(synthesize(text)["shared-services-eu-west-1"])

    filters = [{"filter": name, "filter_type": "WILDCARD"} for name in ("k8s/*", "quay/*")]
    assert has(
        stack,
        EcrRegistryScanningConfiguration,
        scan_type="ENHANCED",
        rule=[{"scan_frequency": "CONTINUOUS_SCAN", "repository_filter": filters}],
    )
