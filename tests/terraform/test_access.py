"""Access per upstream: each cache lets in those of its own `pull_access`, or those of the registry's."""

import pytest
from click.testing import CliRunner

from emulator.organization import MEMBERS
from pull_through_cache.commands import commands
from tests.aws import allow
from tests.terraform.conftest import Sandbox, image

SHOP, SEARCH, *_ = MEMBERS
DEPLOYMENT = f"""\
registry:
  account_id: '123456789012'
  regions: [eu-central-1]
  upstreams:
    quay: {{registry: quay}}
    kubernetes: {{registry: k8s, pull_access: {{accounts: ['{SHOP.id}']}}}}
    public: {{registry: ecr-public, pull_access: {{}}}}
workloads:
  shop:
    account_id: '{SHOP.id}'
    assume_role_arn: arn:aws:iam::{SHOP.id}:role/terraform
    node_roles: [eks-nodes]
"""
NODE = f"arn:aws:iam::{SHOP.id}:role/eks-nodes"


@pytest.fixture(scope="module")
def applied(shared_sandbox: Sandbox) -> Sandbox:
    """A registry with three caches, and a workload that may use two of them."""
    shared_sandbox.aws.role(name="eks-nodes", account=SHOP)
    for stack in shared_sandbox.synthesize(DEPLOYMENT).values():
        stack.init().apply()
        stack.has_no_changes()
    return shared_sandbox


@pytest.mark.parametrize("prefix", ["quay", "kubernetes"])
def test_the_workload_pulls_through_the_caches_that_let_it_in(applied: Sandbox, prefix: str) -> None:
    outcome = applied.emulator.pull(image(f"{prefix}/for-the-shop"), NODE)

    assert outcome.repository_created, outcome


@pytest.mark.parametrize("prefix", ["kubernetes", "public"])
def test_the_rest_of_the_organization_is_denied(applied: Sandbox, prefix: str) -> None:
    role = applied.aws.role(allow("ecr:*", resource="*"), name=f"nodes-{prefix}", account=SEARCH)

    outcome = applied.emulator.pull(image(f"{prefix}/for-search"), role)

    assert f"name '{prefix}/for-search' does not exist in the registry" in str(outcome.error)


def test_what_is_cached_is_closed_to_the_rest_too(applied: Sandbox) -> None:
    role = applied.aws.role(allow("ecr:*", resource="*"), name="readers", account=SEARCH)
    applied.emulator.pull(image("kubernetes/cached"), NODE)

    outcome = applied.emulator.pull(image("kubernetes/cached"), role)

    assert "no resource-based policy allows the ecr:BatchGetImage action" in str(outcome.error)


def test_check_finds_nothing(applied: Sandbox) -> None:
    arguments = ["check", str(applied.folder / "deployment.yaml"), "--strict"]
    result = CliRunner().invoke(commands, arguments, env=applied.emulator.environment, catch_exceptions=False)

    assert (result.exit_code, result.stderr) == (0, "")
