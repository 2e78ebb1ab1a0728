"""The role that several creation templates share."""

from cdktf import TerraformStack, Testing
from cdktf_cdktf_provider_aws.data_aws_iam_policy_document import DataAwsIamPolicyDocument
from cdktf_cdktf_provider_aws.iam_role import IamRole

from pull_through_cache.aws.policies import TemplateRoleUse
from pull_through_cache.constructs.template_role import TemplateRole
from tests.constructs.conftest import kinds

QUAY, HUB = (f"arn:aws:ecr:eu-west-1:123456789012:repository/{prefix}/*" for prefix in ("quay", "hub"))
KEY = "arn:aws:kms:eu-west-1:123456789012:key/01234567"
TAGS = TemplateRoleUse(repositories=[QUAY], tags=True, replication=True)
KMS = TemplateRoleUse(repositories=[HUB], tags=False, replication=False, kms_key_arn=KEY)


def test_two_roles_in_a_stack_are_separate(stack: TerraformStack) -> None:
    for name in ("one", "two"):
        TemplateRole(stack, name, uses=[TAGS])

    assert kinds(Testing.synth(stack)) == {
        "data.aws_iam_policy_document": 4,
        "aws_iam_role": 2,
        "aws_iam_role_policy": 2,
    }


def test_it_may_do_what_each_template_needs_and_nothing_else(stack: TerraformStack) -> None:
    TemplateRole(stack, "role", uses=[TAGS, KMS])

    create, on_key = "ecr:CreateRepository", ["kms:CreateGrant", "kms:RetireGrant", "kms:DescribeKey"]
    statements = [
        {"actions": [create, "ecr:ReplicateImage", "ecr:TagResource"], "resources": [QUAY]},
        {"actions": [create], "resources": [HUB]},
        {"actions": on_key, "resources": [KEY]},
    ]
    assert Testing.to_have_data_source_with_properties(
        Testing.synth(stack), DataAwsIamPolicyDocument.TF_RESOURCE_TYPE, {"statement": statements}
    )


def test_templates_with_the_same_needs_share_a_statement(stack: TerraformStack) -> None:
    TemplateRole(stack, "role", uses=[KMS, TemplateRoleUse(**{**vars(KMS), "repositories": [QUAY]})])

    on_key = ["kms:CreateGrant", "kms:RetireGrant", "kms:DescribeKey"]
    statements = [
        {"actions": ["ecr:CreateRepository"], "resources": [HUB, QUAY]},
        {"actions": on_key, "resources": [KEY]},
    ]
    assert Testing.to_have_data_source_with_properties(
        Testing.synth(stack), DataAwsIamPolicyDocument.TF_RESOURCE_TYPE, {"statement": statements}
    )


def test_only_ecr_can_assume_it(stack: TerraformStack) -> None:
    TemplateRole(stack, "role", uses=[TAGS], address="templates")

    synthesized = Testing.synth(stack)
    trusted = [{"type": "Service", "identifiers": ["ecr.amazonaws.com"]}]
    assert Testing.to_have_data_source_with_properties(
        synthesized,
        DataAwsIamPolicyDocument.TF_RESOURCE_TYPE,
        {"statement": [{"actions": ["sts:AssumeRole"], "principals": trusted}]},
    )
    assert Testing.to_have_resource_with_properties(
        synthesized,
        IamRole.TF_RESOURCE_TYPE,
        {"assume_role_policy": "${data.aws_iam_policy_document.templates_trust.json}"},
    )


def test_its_path_and_boundary_can_be_chosen(stack: TerraformStack) -> None:
    TemplateRole(stack, "role", uses=[TAGS], path="/ecr/", permissions_boundary="arn")

    assert Testing.to_have_resource_with_properties(
        Testing.synth(stack), IamRole.TF_RESOURCE_TYPE, {"path": "/ecr/", "permissions_boundary": "arn"}
    )
