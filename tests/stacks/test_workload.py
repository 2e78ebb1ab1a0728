"""The stacks of workload accounts."""

import json
from typing import Any

from cdktf_cdktf_provider_aws.data_aws_iam_policy_document import DataAwsIamPolicyDocument
from cdktf_cdktf_provider_aws.iam_policy import IamPolicy
from cdktf_cdktf_provider_aws.provider import AwsProvider

from tests.stacks.conftest import Synthesize, has

REGISTRY = (
    "registry: {account_id: '123456789012', regions: [eu-west-1, us-east-1], upstreams: {quay: {url: quay.io}}}\n"
)


def workload(stacks: dict[str, str], name: str = "pay") -> Any:
    return json.loads(stacks[f"workload-{name}"])


def test_a_workload_is_entered_by_its_role_in_its_region_and_no_other_account(synthesize: Synthesize) -> None:
    stacks = synthesize(
        f"{REGISTRY}workloads: {{pay: {{account_id: '210987654321', region: us-east-1, node_roles: [nodes], "
        "assume_role_arn: 'arn:aws:iam::210987654321:role/terraform', profile: pay}}"
    )

    assert has(
        workload(stacks),
        AwsProvider,
        region="us-east-1",
        allowed_account_ids=["210987654321"],
        assume_role=[{"role_arn": "arn:aws:iam::210987654321:role/terraform"}],
        profile="pay",
    )


def test_nodes_may_pull_from_the_caches_of_every_region_and_nothing_else(synthesize: Synthesize) -> None:
    stacks = synthesize(f"{REGISTRY}workloads: {{pay: {{account_id: '210987654321', node_roles: [nodes]}}}}")

    statements = [
        {"effect": "Allow", "actions": ["ecr:GetAuthorizationToken"], "resources": ["*"]},
        {
            "effect": "Allow",
            "actions": [
                "ecr:BatchGetImage",
                "ecr:BatchImportUpstreamImage",
                "ecr:GetDownloadUrlForLayer",
                "ecr:CreateRepository",
            ],
            "resources": [
                "arn:aws:ecr:eu-west-1:123456789012:repository/quay/*",
                "arn:aws:ecr:us-east-1:123456789012:repository/quay/*",
            ],
        },
    ]
    assert has(workload(stacks), DataAwsIamPolicyDocument, statement=statements)
    assert workload(stacks)["data"]["aws_iam_policy_document"]["ecr_pull_through"]["statement"] == statements


def test_nodes_may_set_the_tags_that_the_template_gives(synthesize: Synthesize) -> None:
    registry = REGISTRY.replace("quay.io}", "quay.io, repositories: {tags: {team: platform}}}")
    stacks = synthesize(f"{registry}workloads: {{pay: {{account_id: '210987654321', node_roles: [nodes]}}}}")

    statements = workload(stacks)["data"]["aws_iam_policy_document"]["ecr_pull_through"]["statement"]
    assert "ecr:TagResource" in statements[1]["actions"]


def test_a_registry_of_unknown_account_is_every_registry_as_in_the_post(synthesize: Synthesize) -> None:
    registry = REGISTRY.replace("account_id: '123456789012', ", "")
    stacks = synthesize(f"{registry}workloads: {{pay: {{account_id: '210987654321', node_roles: [nodes]}}}}")

    [statement] = workload(stacks)["data"]["aws_iam_policy_document"]["ecr_pull_through"]["statement"]
    assert statement["resources"] == ["*"]


def test_the_policy_can_have_another_name_and_a_path(synthesize: Synthesize) -> None:
    stacks = synthesize(
        f"{REGISTRY}workloads: {{pay: {{account_id: '210987654321', node_roles: [nodes], policy_name: ecr, policy_path: /p/}}}}"
    )

    assert has(workload(stacks), IamPolicy, name="ecr", path="/p/")


def test_one_more_workload_changes_no_other_stack(synthesize: Synthesize) -> None:
    one = "  one: {account_id: '210987654321', node_roles: [nodes]}\n"
    two = "  two: {account_id: '310987654321', node_roles: [nodes]}\n"
    before = synthesize(f"{REGISTRY}workloads:\n{one}")
    after = synthesize(f"{REGISTRY}workloads:\n{two}{one}")

    assert set(after) - set(before) == {"workload-two"}
    assert {name: after[name] for name in before} == before
