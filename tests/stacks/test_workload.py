"""The stacks of workload accounts."""

import json
from collections.abc import Callable

import pytest
from cdktf_cdktf_provider_aws.data_aws_iam_policy_document import DataAwsIamPolicyDocument
from cdktf_cdktf_provider_aws.iam_policy import IamPolicy
from cdktf_cdktf_provider_aws.provider import AwsProvider

from tests.stacks.conftest import Json, Synthesize, assert_has

REGISTRY = (
    "registry: {account_id: '123456789012', regions: [eu-west-1, us-east-1], upstreams: {quay: {registry: quay}}}\n"
)
Workload = Callable[..., Json]


@pytest.fixture
def workload(synthesize: Synthesize) -> Workload:
    """The stack of a workload with these settings."""

    def workload(settings: str = "", *, registry: str = REGISTRY) -> Json:
        text = f"workloads: {{shop: {{account_id: '210987654321', node_roles: [nodes], {settings}}}}}"
        stack: Json = json.loads(synthesize(registry + text)["workload-shop"])
        return stack

    return workload


def test_the_provider_is_in_the_workloads_region_and_account(workload: Workload) -> None:
    role = "arn:aws:iam::210987654321:role/terraform"
    stack = workload(f"region: us-east-1, assume_role_arn: '{role}', profile: shop")

    assert_has(
        stack,
        AwsProvider,
        region="us-east-1",
        allowed_account_ids=["210987654321"],
        assume_role=[{"role_arn": role}],
        profile="shop",
    )


def test_nodes_may_pull_through_the_caches_of_every_region(workload: Workload) -> None:
    actions = [
        "ecr:BatchGetImage",
        "ecr:BatchImportUpstreamImage",
        "ecr:GetDownloadUrlForLayer",
        "ecr:CreateRepository",
    ]
    repositories = [f"arn:aws:ecr:{region}:123456789012:repository/quay/*" for region in ("eu-west-1", "us-east-1")]
    statements = [
        {"effect": "Allow", "actions": ["ecr:GetAuthorizationToken"], "resources": ["*"]},
        {"effect": "Allow", "actions": actions, "resources": repositories},
    ]
    assert_has(workload(), DataAwsIamPolicyDocument, statement=statements)


def test_nodes_may_set_the_tags_of_the_repositories(workload: Workload) -> None:
    registry = REGISTRY.replace("registry: quay", "registry: quay, repositories: {tags: {team: platform}}")

    assert "ecr:TagResource" in node_statements(workload(registry=registry))[1]["actions"]


def test_a_registry_without_account_id_means_every_registry(workload: Workload) -> None:
    registry = REGISTRY.replace("account_id: '123456789012', ", "")

    [statement] = node_statements(workload(registry=registry))
    assert statement["resources"] == ["*"]


def test_the_policy_can_have_a_name_and_a_path(workload: Workload) -> None:
    assert_has(workload("policy_name: ecr, policy_path: /p/"), IamPolicy, name="ecr", path="/p/")


def test_without_attach_there_is_the_policy_and_its_arn(workload: Workload) -> None:
    stack = workload("attach: false")
    assert set(stack["resource"]) == {"aws_iam_policy"}
    value = "${aws_iam_policy.container_registry_pull_through_access.arn}"
    assert stack["output"]["node_policy_arn"]["value"] == value


def test_the_registry_s_own_nodes_without_attach(synthesize: Synthesize) -> None:
    text = "registry: {regions: [eu-west-1], upstreams: {quay: {registry: quay}}, node_roles: [nodes], attach: false}"
    stack = json.loads(synthesize(text)["shared-services-eu-west-1"])
    assert "aws_iam_role_policy_attachment" not in stack["resource"]
    assert "node_policy_arn" in stack["output"]


def test_nodes_may_use_some_of_the_caches(workload: Workload) -> None:
    registry = "registry: {account_id: '123456789012', regions: [eu-west-1], upstreams: {"
    registry += "quay: {registry: quay}, k8s: {registry: k8s}, public: {registry: ecr-public}}}\n"
    statements = node_statements(workload("caches: [quay, k8s]", registry=registry))
    assert statements[1]["resources"] == [
        f"arn:aws:ecr:eu-west-1:123456789012:repository/{prefix}/*" for prefix in ("k8s", "quay")
    ]


def test_nodes_use_no_cache_that_their_account_may_not_pull_from(workload: Workload) -> None:
    registry = "registry: {account_id: '123456789012', regions: [eu-west-1], upstreams: {quay: {registry: quay}, "
    registry += "k8s: {registry: k8s, pull_access: {accounts: ['333333333333']}}}}\n"
    statements = node_statements(workload(registry=registry))
    assert statements[1]["resources"] == ["arn:aws:ecr:eu-west-1:123456789012:repository/quay/*"]


def test_another_workload_changes_no_other_stack(synthesize: Synthesize) -> None:
    one = "  one: {account_id: '210987654321', node_roles: [nodes]}\n"
    two = "  two: {account_id: '310987654321', node_roles: [nodes]}\n"
    before = synthesize(f"{REGISTRY}workloads:\n{one}")
    after = synthesize(f"{REGISTRY}workloads:\n{two}{one}")

    assert set(after) - set(before) == {"workload-two"}
    assert {name: after[name] for name in before} == before


def node_statements(stack: Json) -> list[Json]:
    statements: list[Json] = stack["data"]["aws_iam_policy_document"]["ecr_pull_through"]["statement"]
    return statements
