"""The rule for an upstream that the repository-template module cannot make, and what it needs."""

from cdktf import TerraformStack, Testing
from cdktf_cdktf_provider_aws.data_aws_iam_policy_document import DataAwsIamPolicyDocument
from cdktf_cdktf_provider_aws.ecr_pull_through_cache_rule import EcrPullThroughCacheRule
from cdktf_cdktf_provider_aws.iam_role import IamRole

from pull_through_cache.constructs.upstream_rule import UpstreamRepositoryPolicy, UpstreamRole, UpstreamRule
from tests.constructs.conftest import kinds

HOST = "210987654321.dkr.ecr.us-east-1.amazonaws.com"
THEIRS = "arn:aws:ecr:us-east-1:210987654321:repository/base/*"
OURS = "arn:aws:ecr:eu-west-1:123456789012:repository/base/*"


def test_two_rules_in_a_stack_are_separate(stack: TerraformStack) -> None:
    for name in ("one", "two"):
        UpstreamRule(stack, name, prefix=name, upstream_registry_url=HOST)

    synthesized = Testing.synth(stack)
    assert kinds(synthesized) == {"aws_ecr_pull_through_cache_rule": 2}
    for name in ("one", "two"):
        assert Testing.to_have_resource_with_properties(
            synthesized,
            EcrPullThroughCacheRule.TF_RESOURCE_TYPE,
            {"ecr_repository_prefix": name, "upstream_registry_url": HOST},
        )


def test_a_rule_can_have_a_role_and_an_upstream_prefix(stack: TerraformStack) -> None:
    UpstreamRule(
        stack, "rule", prefix="base", upstream_registry_url=HOST, upstream_repository_prefix="base", role_arn="arn"
    )

    assert Testing.to_have_resource_with_properties(
        Testing.synth(stack),
        EcrPullThroughCacheRule.TF_RESOURCE_TYPE,
        {"upstream_repository_prefix": "base", "custom_role_arn": "arn"},
    )


def test_two_roles_in_a_stack_are_separate(stack: TerraformStack) -> None:
    for name in ("one", "two"):
        UpstreamRole(stack, name, upstream=name, upstream_repositories=THEIRS, cached_repositories=OURS)

    synthesized = Testing.synth(stack)
    assert kinds(synthesized) == {"data.aws_iam_policy_document": 4, "aws_iam_role": 2, "aws_iam_role_policy": 2}
    for name in ("one", "two"):
        assert Testing.to_have_resource_with_properties(
            synthesized, IamRole.TF_RESOURCE_TYPE, {"name_prefix": f"{name}-pull-through-"}
        )


def test_only_ecr_can_assume_a_role(stack: TerraformStack) -> None:
    UpstreamRole(stack, "r", upstream="r", upstream_repositories=THEIRS, cached_repositories=OURS, address="role")

    synthesized = Testing.synth(stack)
    assert Testing.to_have_data_source_with_properties(
        synthesized,
        DataAwsIamPolicyDocument.TF_RESOURCE_TYPE,
        {
            "statement": [
                {
                    "actions": ["sts:AssumeRole"],
                    "principals": [{"type": "Service", "identifiers": ["pullthroughcache.ecr.amazonaws.com"]}],
                }
            ]
        },
    )
    assert Testing.to_have_resource_with_properties(
        synthesized,
        IamRole.TF_RESOURCE_TYPE,
        {"assume_role_policy": "${data.aws_iam_policy_document.role_trust.json}"},
    )


def test_two_policies_for_upstreams_in_a_stack_are_separate(stack: TerraformStack) -> None:
    for name in ("one", "two"):
        UpstreamRepositoryPolicy(stack, name, principal=f"arn:aws:iam::123456789012:role/{name}")

    assert kinds(Testing.synth(stack)) == {"data.aws_iam_policy_document": 2}


def test_a_policy_for_an_upstream_lets_the_role_read(stack: TerraformStack) -> None:
    UpstreamRepositoryPolicy(stack, "policy", principal="arn:aws:iam::123456789012:role/pull")

    assert Testing.to_have_data_source_with_properties(
        Testing.synth(stack),
        DataAwsIamPolicyDocument.TF_RESOURCE_TYPE,
        {
            "statement": [
                {
                    "sid": "AllowPullThroughCache",
                    "actions": [
                        "ecr:BatchGetImage",
                        "ecr:BatchImportUpstreamImage",
                        "ecr:GetDownloadUrlForLayer",
                        "ecr:GetImageCopyStatus",
                    ],
                    "principals": [{"type": "AWS", "identifiers": ["arn:aws:iam::123456789012:role/pull"]}],
                }
            ]
        },
    )
