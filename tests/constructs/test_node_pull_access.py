import pytest
from cdktf import TerraformStack, Testing
from cdktf_cdktf_provider_aws.data_aws_iam_policy_document import DataAwsIamPolicyDocument
from cdktf_cdktf_provider_aws.iam_policy import IamPolicy
from cdktf_cdktf_provider_aws.iam_role_policy_attachment import IamRolePolicyAttachment

from pull_through_cache.constructs.node_pull_access import NodePullAccess
from tests.constructs.conftest import kinds


def test_two_in_a_stack_are_separate(stack: TerraformStack) -> None:
    one = NodePullAccess(stack, "one", role_names=["a", "b"], policy_name="one")
    two = NodePullAccess(stack, "two", role_names=["c", "d"], policy_name="two")

    synthesized = Testing.synth(stack)
    assert kinds(synthesized) == {
        "data.aws_iam_policy_document": 2,
        "aws_iam_policy": 2,
        "aws_iam_role_policy_attachment": 4,
    }
    for access, name, role in ((one, "one", "a"), (two, "two", "c")):
        policy, document = access.policy.friendly_unique_id, access.document.friendly_unique_id
        assert Testing.to_have_resource_with_properties(
            synthesized,
            IamPolicy.TF_RESOURCE_TYPE,
            {"name": name, "policy": f"${{data.aws_iam_policy_document.{document}.json}}"},
        )
        assert Testing.to_have_resource_with_properties(
            synthesized,
            IamRolePolicyAttachment.TF_RESOURCE_TYPE,
            {"role": role, "policy_arn": f"${{aws_iam_policy.{policy}.arn}}"},
        )


def test_the_policy_allows_a_pull_from_any_registry_by_default(stack: TerraformStack) -> None:
    NodePullAccess(stack, "nodes", role_names=["nodes"])

    actions = [
        "ecr:BatchGetImage",
        "ecr:BatchImportUpstreamImage",
        "ecr:GetAuthorizationToken",
        "ecr:GetDownloadUrlForLayer",
        "ecr:CreateRepository",
    ]
    assert Testing.to_have_data_source_with_properties(
        Testing.synth(stack),
        DataAwsIamPolicyDocument.TF_RESOURCE_TYPE,
        {"statement": [{"effect": "Allow", "actions": actions, "resources": ["*"]}]},
    )


def test_further_roles_share_an_attachment(stack: TerraformStack) -> None:
    NodePullAccess(stack, "nodes", role_names=["first", "b", "a"])

    assert Testing.to_have_resource_with_properties(
        Testing.synth(stack),
        IamRolePolicyAttachment.TF_RESOURCE_TYPE,
        {"for_each": '${toset(["a", "b"])}', "role": "${each.value}"},
    )


def test_without_roles_there_is_the_policy_alone(stack: TerraformStack) -> None:
    NodePullAccess(stack, "nodes")

    assert kinds(Testing.synth(stack)) == {"data.aws_iam_policy_document": 1, "aws_iam_policy": 1}


@pytest.mark.parametrize(
    ("document_address", "document"), [(None, "ecr"), ("of_nodes", "of_nodes")], ids=["address", "document_address"]
)
def test_an_address_names_all_parts(stack: TerraformStack, document_address: str | None, document: str) -> None:
    access = NodePullAccess(
        stack, "nodes", role_names=["first", "second"], address="ecr", document_address=document_address
    )

    parts = (access.document, access.policy, *access.attachments)
    assert [part.friendly_unique_id for part in parts] == [document, "ecr", "ecr", "ecr_others"]
