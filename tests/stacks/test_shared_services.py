"""The stacks of the registry: one for each Region."""

import json
from pathlib import Path

import pytest
from cdktf_cdktf_provider_aws.iam_role_policy_attachment import IamRolePolicyAttachment
from cdktf_cdktf_provider_aws.provider import AwsProvider

from tests.stacks.conftest import PROJECT, Json, SharedServices, Synthesize, assert_has

TWO_REGIONS = "registry: {regions: [eu-west-1, us-east-1], upstreams: {quay: {registry: quay}}, node_roles: [nodes]}"


@pytest.fixture
def regions(synthesize: Synthesize) -> dict[str, Json]:
    """The stacks of a registry in two Regions."""
    return {name: json.loads(text) for name, text in synthesize(TWO_REGIONS).items()}


def test_every_region_has_a_stack(regions: dict[str, Json]) -> None:
    assert set(regions) == {"shared-services-eu-west-1", "shared-services-us-east-1"}


def test_the_provider_is_in_the_stacks_region(regions: dict[str, Json]) -> None:
    assert_has(regions["shared-services-us-east-1"], AwsProvider, region="us-east-1")


def test_only_the_first_region_has_the_nodes_policy(regions: dict[str, Json]) -> None:
    with_policy = [name for name, stack in regions.items() if "aws_iam_policy" in stack["resource"]]

    assert with_policy == ["shared-services-eu-west-1"]


def test_without_node_roles_there_is_no_policy(shared_services: SharedServices) -> None:
    assert "aws_iam_policy" not in shared_services()["resource"]


def test_further_node_roles_do_not_move_the_first(shared_services: SharedServices) -> None:
    stack = shared_services("node_roles: [first, arn:aws:iam::123456789012:role/eks/b, a]")

    assert set(stack["resource"]["aws_iam_role_policy_attachment"]) == {
        "container_registry_pull_through_access",
        "container_registry_pull_through_access_others",
    }
    assert_has(stack, IamRolePolicyAttachment, role="first")
    assert_has(stack, IamRolePolicyAttachment, for_each='${toset(["a", "b"])}')


def test_terraform_works_in_no_other_account(shared_services: SharedServices) -> None:
    stack = shared_services("account_id: '123456789012'")

    assert_has(stack, AwsProvider, allowed_account_ids=["123456789012"])


def test_a_secret_is_named_after_its_upstream(shared_services: SharedServices) -> None:
    stack = shared_services(
        upstreams="git-hub: {url: ghcr.io, credentials: {recovery_window_in_days: 0}}",
    )

    secret = stack["module"]["secrets_manager_github_credentials"]
    assert secret["name_prefix"] == "ecr-pullthroughcache/github-credentials"
    assert secret["description"] == "GitHub credentials"
    assert secret["recovery_window_in_days"] == 0
    assert set(stack["variable"]) == {"git_hub_username", "git_hub_access_token"}


def test_the_order_of_upstreams_does_not_matter(shared_services: SharedServices) -> None:
    quay, kubernetes = "quay: {registry: quay}", "k8s: {registry: k8s}"

    assert shared_services(upstreams=f"{quay}, {kubernetes}") == shared_services(upstreams=f"{kubernetes}, {quay}")


@pytest.mark.parametrize("file", sorted((PROJECT / "deployments").glob("*.yaml")), ids=lambda path: path.stem)
def test_no_stack_contains_a_folder_of_this_machine(synthesize: Synthesize, file: Path) -> None:
    for text in synthesize(file).values():
        assert str(PROJECT) not in text
