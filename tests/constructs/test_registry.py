"""The registry's policy and its scanning configuration."""

from cdktf import TerraformStack, Testing
from cdktf_cdktf_provider_aws.data_aws_iam_policy_document import DataAwsIamPolicyDocument
from cdktf_cdktf_provider_aws.ecr_account_setting import EcrAccountSetting
from cdktf_cdktf_provider_aws.ecr_registry_policy import EcrRegistryPolicy
from cdktf_cdktf_provider_aws.ecr_registry_scanning_configuration import EcrRegistryScanningConfiguration

from pull_through_cache.aws.statements import Statement
from pull_through_cache.constructs.registry_policy import RegistryPolicy
from pull_through_cache.constructs.registry_scanning import RegistryScanning
from tests.constructs.conftest import kinds

ACCOUNT = "arn:aws:iam::210987654321:root"
STATEMENT = Statement(
    sid="AllowImports", actions=("ecr:CreateRepository",), principals={"AWS": (ACCOUNT,)}, resources=("*",)
)


def test_two_policies_in_a_stack_are_separate(stack: TerraformStack) -> None:
    for name in ("one", "two"):
        RegistryPolicy(stack, name, statements=[STATEMENT], policy_scope="V2")

    assert kinds(Testing.synth(stack)) == {
        "data.aws_iam_policy_document": 2,
        "aws_ecr_account_setting": 2,
        "aws_ecr_registry_policy": 2,
    }


def test_a_policy_contains_the_statements(stack: TerraformStack) -> None:
    policy = RegistryPolicy(stack, "policy", statements=[STATEMENT])

    synthesized = Testing.synth(stack)
    assert Testing.to_have_data_source_with_properties(
        synthesized,
        DataAwsIamPolicyDocument.TF_RESOURCE_TYPE,
        {
            "statement": [
                {
                    "sid": "AllowImports",
                    "effect": "Allow",
                    "actions": ["ecr:CreateRepository"],
                    "resources": ["*"],
                    "principals": [{"type": "AWS", "identifiers": [ACCOUNT]}],
                    "condition": [],
                }
            ]
        },
    )
    assert Testing.to_have_resource_with_properties(
        synthesized,
        EcrRegistryPolicy.TF_RESOURCE_TYPE,
        {"policy": f"${{data.aws_iam_policy_document.{policy.document.friendly_unique_id}.json}}"},
    )


def test_a_scope_is_set_before_the_policy(stack: TerraformStack) -> None:
    RegistryPolicy(stack, "policy", statements=[STATEMENT], policy_scope="V2", address="registry")

    synthesized = Testing.synth(stack)
    assert Testing.to_have_resource_with_properties(
        synthesized, EcrAccountSetting.TF_RESOURCE_TYPE, {"name": "REGISTRY_POLICY_SCOPE", "value": "V2"}
    )
    assert Testing.to_have_resource_with_properties(
        synthesized,
        EcrRegistryPolicy.TF_RESOURCE_TYPE,
        {"depends_on": ["aws_ecr_account_setting.registry_policy_scope"]},
    )


def test_a_policy_that_is_not_managed_is_a_document(stack: TerraformStack) -> None:
    RegistryPolicy(stack, "policy", statements=[STATEMENT], managed=False, policy_scope="V2")

    assert kinds(Testing.synth(stack)) == {"data.aws_iam_policy_document": 1}


def test_two_scanning_configurations_in_a_stack_are_separate(stack: TerraformStack) -> None:
    for name in ("one", "two"):
        RegistryScanning(stack, name, scan_type="BASIC", rules={"SCAN_ON_PUSH": [f"{name}/*"]})

    synthesized = Testing.synth(stack)
    assert kinds(synthesized) == {"aws_ecr_registry_scanning_configuration": 2}
    for name in ("one", "two"):
        filters = [{"filter": f"{name}/*", "filter_type": "WILDCARD"}]
        assert Testing.to_have_resource_with_properties(
            synthesized,
            EcrRegistryScanningConfiguration.TF_RESOURCE_TYPE,
            {"scan_type": "BASIC", "rule": [{"scan_frequency": "SCAN_ON_PUSH", "repository_filter": filters}]},
        )
