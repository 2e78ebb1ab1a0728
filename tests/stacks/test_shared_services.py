"""What a deployment file changes in the stack of the registry."""

import json
from typing import Any

import pytest
from cdktf_cdktf_provider_aws.iam_role_policy_attachment import IamRolePolicyAttachment
from cdktf_cdktf_provider_aws.provider import AwsProvider

from tests.stacks.conftest import PROJECT, Synthesize, has


def stack(stacks: dict[str, str], name: str = "shared-services-eu-west-1") -> Any:
    return json.loads(stacks[name])


def test_every_region_has_a_stack_of_its_own(synthesize: Synthesize) -> None:
    stacks = synthesize("registry: {regions: [eu-west-1, us-east-1], upstreams: {quay: {url: quay.io}}}")

    assert set(stacks) == {"shared-services-eu-west-1", "shared-services-us-east-1"}
    assert has(stack(stacks, "shared-services-us-east-1"), AwsProvider, region="us-east-1")


def test_the_nodes_policy_is_made_once_for_all_regions(synthesize: Synthesize) -> None:
    stacks = synthesize(
        "registry: {regions: [eu-west-1, us-east-1], upstreams: {quay: {url: quay.io}}, node_roles: [nodes]}"
    )

    assert "aws_iam_policy" in stack(stacks)["resource"]
    assert "aws_iam_policy" not in stack(stacks, "shared-services-us-east-1")["resource"]


def test_without_node_roles_there_is_no_policy(synthesize: Synthesize) -> None:
    stacks = synthesize("registry: {regions: [eu-west-1], upstreams: {quay: {url: quay.io}}}")

    assert "aws_iam_policy" not in stack(stacks)["resource"]


def test_further_node_roles_leave_the_first_where_it_is(synthesize: Synthesize) -> None:
    deployment = "registry: {{regions: [eu-west-1], upstreams: {{quay: {{url: quay.io}}}}, node_roles: [{}]}}"
    synthesized = stack(synthesize(deployment.format("first, arn:aws:iam::123456789012:role/eks/b, a")))

    assert has(synthesized, IamRolePolicyAttachment, role="first")
    assert has(synthesized, IamRolePolicyAttachment, role="${each.value}", for_each='${toset(["a", "b"])}')
    assert set(synthesized["resource"]["aws_iam_role_policy_attachment"]) == {
        "container_registry_pull_through_access",
        "container_registry_pull_through_access_others",
    }


def test_an_account_id_keeps_terraform_out_of_other_accounts(synthesize: Synthesize) -> None:
    stacks = synthesize("registry: {account_id: '123456789012', regions: [eu-west-1], upstreams: {q1: {url: quay.io}}}")

    assert has(stack(stacks), AwsProvider, allowed_account_ids=["123456789012"])


def test_credentials_describe_themselves(synthesize: Synthesize) -> None:
    stacks = synthesize(
        "registry: {regions: [eu-west-1], upstreams: {github: {url: ghcr.io, credentials: {recovery_window_in_days: 0}}}}"
    )

    secret = stack(stacks)["module"]["secrets_manager_github_credentials"]
    assert secret["name_prefix"] == "ecr-pullthroughcache/github-credentials"
    assert secret["description"] == "GitHub credentials"
    assert secret["recovery_window_in_days"] == 0
    assert set(stack(stacks)["variable"]) == {"github_username", "github_access_token"}


def test_versions_can_be_set(synthesize: Synthesize) -> None:
    terraform = stack(
        synthesize("""\
            registry: {regions: [eu-west-1], upstreams: {quay: {url: quay.io}}}
            terraform: {required_version: ~> 1.11, required_providers: {aws: ~> 6.0}}
            """)
    )["terraform"]

    assert terraform["required_version"] == "~> 1.11"
    assert terraform["required_providers"]["aws"]["version"] == "~> 6.0"


def test_the_order_of_upstreams_means_nothing(synthesize: Synthesize) -> None:
    upstreams = ["quay: {url: quay.io}", "k8s: {url: registry.k8s.io}"]
    deployment = "registry: {{regions: [eu-west-1], upstreams: {{{}}}}}"

    assert synthesize(deployment.format(", ".join(upstreams))) == synthesize(
        deployment.format(", ".join(reversed(upstreams)))
    )


@pytest.mark.parametrize("deployment", sorted((PROJECT / "deployments").glob("*.yaml")), ids=lambda path: path.stem)
def test_no_stack_names_a_folder_of_this_machine(synthesize: Synthesize, deployment: Any) -> None:
    for text in synthesize(deployment).values():
        assert str(PROJECT) not in text
        assert json.loads(text)["terraform"]["backend"]["local"]["path"].startswith("../../../terraform.")
