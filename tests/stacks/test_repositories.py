"""Settings of the cached repositories become inputs of the repository-template module."""

import json
from typing import Any

import pytest
from cdktf_cdktf_provider_aws.ecr_registry_scanning_configuration import EcrRegistryScanningConfiguration
from cdktf_cdktf_provider_aws.iam_role import IamRole

from tests.stacks.conftest import SharedServices, assert_has, caches

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
def test_a_setting_is_an_input(shared_services: SharedServices, setting: str, inputs: dict[str, Any]) -> None:
    synthesized = caches(shared_services(f"repositories: {{{setting}}}"))

    assert {name: synthesized.get(name) for name in inputs} == inputs


def test_a_description_replaces_the_host(shared_services: SharedServices) -> None:
    assert caches(shared_services("repositories: {description: Ours}"))["for_each"]["quay"]["description"] == "Ours"


@pytest.mark.parametrize(
    ("lifecycle", "rules"),
    [
        pytest.param(
            "keep_last: 20",
            [("any", "imageCountMoreThan", 20, None)],
            id="keep_last",
        ),
        pytest.param(
            "expire_untagged_after_days: 3, expire_after_days: 90",
            [("untagged", "sinceImagePushed", 3, "days"), ("any", "sinceImagePushed", 90, "days")],
            id="expire_after_days and expire_untagged_after_days",
        ),
    ],
)
def test_a_lifecycle_becomes_rules(
    shared_services: SharedServices, lifecycle: str, rules: list[tuple[Any, ...]]
) -> None:
    policy = json.loads(caches(shared_services(f"repositories: {{lifecycle: {{{lifecycle}}}}}"))["lifecycle_policy"])

    selections = [rule["selection"] for rule in policy["rules"]]
    assert [
        (each["tagStatus"], each["countType"], each["countNumber"], each.get("countUnit")) for each in selections
    ] == rules
    assert [rule["rulePriority"] for rule in policy["rules"]] == list(range(1, len(rules) + 1))


def test_an_upstream_overrides_the_settings_that_it_gives(shared_services: SharedServices) -> None:
    stack = shared_services(
        "repositories: {lifecycle: {keep_last: 20}, tags: {team: platform}}",
        upstreams="quay: {registry: quay}, k8s: {registry: k8s, repositories: {tags: {}}}",
    )

    synthesized = caches(stack)
    tags = {key: cache["resource_tags"] for key, cache in synthesized["for_each"].items()}
    assert tags == {"quay": {"team": "platform"}, "k8s": {}}
    assert json.loads(synthesized["lifecycle_policy"])["rules"]


def test_statements_are_added_to_the_repository_policy(shared_services: SharedServices) -> None:
    statement = f"{{sid: Scan, actions: ['ecr:DescribeImages'], principals: {{AWS: ['{READER}']}}}}"
    stack = shared_services(f"repositories: {{statements: [{statement}]}}")

    statements = caches(stack)["repository_policy_statements"]
    assert set(statements) == {"AllowReadFromOrganization", "Scan"}
    assert statements["Scan"] == {
        "sid": "Scan",
        "effect": "Allow",
        "actions": ["ecr:DescribeImages"],
        "principals": [{"type": "AWS", "identifiers": [READER]}],
    }


def test_templates_can_share_a_role(shared_services: SharedServices) -> None:
    stack = shared_services(
        "template_role: shared, role_path: /ecr/, repositories: {tags: {team: platform}}",
        upstreams="quay: {registry: quay}, k8s: {registry: k8s}",
    )

    inputs = caches(stack)
    assert (inputs["create_iam_role"], inputs["custom_role_arn"]) == (False, "${aws_iam_role.templates.arn}")
    assert not {"iam_role_path", "iam_role_name"} & set(inputs)
    assert_has(stack, IamRole, name_prefix="ecr-templates-pull-through-", path="/ecr/")


def test_only_templates_that_need_a_role_and_have_none_share_it(shared_services: SharedServices) -> None:
    stack = shared_services(
        "template_role: shared",
        upstreams="quay: {registry: quay, repositories: {tags: {a: b}}}, k8s: {registry: k8s}, "
        f"public: {{registry: ecr-public, repositories: {{tags: {{a: b}}, role_arn: '{ROLE}'}}}}",
    )

    roles = {key: cache.get("custom_role_arn") for key, cache in caches(stack)["for_each"].items()}
    assert roles == {"quay": "${aws_iam_role.templates.arn}", "k8s": None, "public": ROLE}
    [statement] = stack["data"]["aws_iam_policy_document"]["templates"]["statement"]
    assert [resource.rpartition(":")[2] for resource in statement["resources"]] == ["repository/quay/*"]


def test_a_key_can_be_in_a_variable(shared_services: SharedServices) -> None:
    stack = shared_services(
        "template_role: shared, repositories: {encryption: {type: KMS, kms_key_arn: {variable: images_key}}}",
        upstreams="quay: {registry: quay}, k8s: {registry: k8s}",
    )

    assert set(stack["variable"]) == {"images_key"}
    assert caches(stack)["kms_key_arn"] == "${var.images_key}"
    *_, on_key = stack["data"]["aws_iam_policy_document"]["templates"]["statement"]
    assert on_key["resources"] == ["${var.images_key}"]


def test_templates_without_needs_share_no_role(shared_services: SharedServices) -> None:
    assert "aws_iam_role" not in shared_services("template_role: shared")["resource"]


def test_a_role_that_the_module_makes_has_a_name_that_iam_accepts(shared_services: SharedServices) -> None:
    stack = shared_services(
        "repositories: {tags: {team: platform}}, role_path: /ecr/, "
        "permissions_boundary: 'arn:aws:iam::123456789012:policy/boundary'",
        upstreams="quay: {registry: quay, prefix: mirrors/quay}",
    )

    inputs = caches(stack)
    assert inputs["iam_role_name"] == "mirrors-quay"
    assert inputs["iam_role_path"] == "/ecr/"
    assert inputs["iam_role_permissions_boundary"] == "arn:aws:iam::123456789012:policy/boundary"


def test_scanning_rules_for_others_join_those_of_the_caches(shared_services: SharedServices) -> None:
    stack = shared_services(
        "scanning: {type: ENHANCED, extra_rules: [{frequency: SCAN_ON_PUSH, repositories: [apps/*]}, "
        "{frequency: CONTINUOUS_SCAN, repositories: [production]}]}"
    )

    def rule(frequency: str, *names: str) -> Any:
        filters = [{"filter": name, "filter_type": "WILDCARD"} for name in names]
        return {"scan_frequency": frequency, "repository_filter": filters}

    rules = [rule("SCAN_ON_PUSH", "quay/*", "apps/*"), rule("CONTINUOUS_SCAN", "production")]
    assert_has(stack, EcrRegistryScanningConfiguration, scan_type="ENHANCED", rule=rules)


def test_scanning_covers_the_caches(shared_services: SharedServices) -> None:
    stack = shared_services(
        "scanning: {type: ENHANCED, frequency: CONTINUOUS_SCAN}",
        upstreams="quay: {registry: quay}, k8s: {registry: k8s}",
    )

    filters = [{"filter": name, "filter_type": "WILDCARD"} for name in ("k8s/*", "quay/*")]
    rule = {"scan_frequency": "CONTINUOUS_SCAN", "repository_filter": filters}
    assert_has(stack, EcrRegistryScanningConfiguration, scan_type="ENHANCED", rule=[rule])
