"""Broken states of what other accounts have a part in: an upstream in another account, and a workload in another."""

import os
from pathlib import Path

import pytest

from emulator.organization import SHARED_SERVICES
from tests.check.state import State
from tests.check.worlds import (
    BASE_CACHE,
    LOGIN,
    NODE,
    QUAY_CACHE,
    READ_UPSTREAM,
    SET_UP,
    SHOP,
    USE_KEY,
    WRITE_CACHE,
    World,
    trust,
    without,
)

BASE = "us-east-1, template base"
ASSUMED = f"assume_role_arn: arn:aws:iam::{SHOP.id}:role/terraform"
ROLE = f"arn:aws:iam::{SHARED_SERVICES.id}:role/"
REGISTRY_STATES = {
    # The rule and its role.
    "another upstream prefix": State(
        lambda world: world.deployment("upstream_prefix: base", "upstream_prefix: base/"),
        "us-east-1, rule base",
        "its upstream prefix is base, not base/",
    ),
    "another role of a rule": State(
        lambda world: world.deployment("upstream_prefix: base", f"upstream_prefix: base\n      role_arn: {ROLE}mine"),
        "us-east-1, rule base",
        f"its role is {ROLE}upstream, not {ROLE}mine",
    ),
    "the role of a rule is gone": State(
        lambda world: world.gone("upstream"),
        "us-east-1, role of base",
        "there is no role upstream in account 123456789012",
    ),
    "the role of a rule trusts others": State(
        lambda world: world.iam.update_assume_role_policy(
            RoleName="upstream", PolicyDocument=trust("ecr.amazonaws.com")
        ),
        "us-east-1, role of base",
        "the role upstream does not trust pullthroughcache.ecr.amazonaws.com, so ECR cannot use it",
    ),
    "the role of a rule may not read the upstream": State(
        lambda world: world.grant("upstream", LOGIN, without(READ_UPSTREAM, "ecr:BatchGetImage"), WRITE_CACHE),
        "us-east-1, role of base",
        "the policies of the role upstream do not grant ecr:BatchGetImage on "
        "arn:aws:ecr:us-east-1:900000000001:repository/base/*",
    ),
    # The template and its role.
    "no lifecycle": State(
        lambda world: world.template("base", lifecyclePolicy=""),
        BASE,
        "its lifecycle is none, not ",
    ),
    "no tags": State(
        lambda world: world.template("base", resourceTags=[]),
        BASE,
        'its tags is none, not {"team": "platform"}',
    ),
    "another encryption": State(
        lambda world: world.template("base", encryptionConfiguration={"encryptionType": "AES256"}),
        BASE,
        "its encryption.type is AES256, not KMS",
    ),
    "a template with tags and no role": State(
        lambda world: world.template("base", customRoleArn=""),
        BASE,
        "it has tags or a KMS key and no role, so every first pull fails with `does not exist in the registry`",
    ),
    "the role of a template is gone": State(
        lambda world: world.gone("template"),
        BASE,
        "there is no role template in account 123456789012",
    ),
    "the role of a template trusts others": State(
        lambda world: world.iam.update_assume_role_policy(
            RoleName="template", PolicyDocument=trust("ec2.amazonaws.com")
        ),
        BASE,
        "the role template does not trust ecr.amazonaws.com, so ECR cannot use it",
    ),
    "the role of a template may not tag": State(
        lambda world: world.grant("template", without(SET_UP, "ecr:TagResource"), USE_KEY),
        BASE,
        f"the policies of the role template do not grant ecr:TagResource on {BASE_CACHE}",
    ),
    "the role of a template may not use the key": State(
        lambda world: world.grant("template", SET_UP),
        BASE,
        "the policies of the role template do not grant kms:CreateGrant, kms:RetireGrant, kms:DescribeKey on",
    ),
    # The nodes.
    "nodes that may not set the tags of the template": State(
        lambda world: world.grant("eks-nodes", LOGIN, without(NODE, "ecr:TagResource")),
        "node role eks-nodes",
        f"the policies of the role eks-nodes do not grant ecr:TagResource on {BASE_CACHE}",
    ),
}


def nothing_attached(world: World) -> None:
    world.deployment("    node_roles: [eks-nodes]", "    attach: false\n    node_roles: [eks-nodes]")
    world.grant("eks-nodes", LOGIN, without(NODE, "ecr:CreateRepository"), account=SHOP)


CLUSTER_STATES = {
    "nodes that may not create repositories": State(
        lambda world: world.grant("eks-nodes", LOGIN, without(NODE, "ecr:CreateRepository"), account=SHOP),
        "workload shop, node role eks-nodes",
        f"the policies of the role eks-nodes do not grant ecr:CreateRepository on {QUAY_CACHE}",
        "deploy workload-shop",
    ),
    "nodes whose policy nothing attaches": State(
        nothing_attached,
        "workload shop, node role eks-nodes",
        f"the policies of the role eks-nodes do not grant ecr:CreateRepository on {QUAY_CACHE}",
        "attach the output node_policy_arn of workload-shop to the role",
    ),
    "a node role that is not there": State(
        lambda world: world.deployment("    node_roles: [eks-nodes]", "    node_roles: [karpenter]"),
        "workload shop, node role karpenter",
        "there is no role karpenter in account 200000000001",
        "create the role, or write the name of the nodes' role in `node_roles`; then deploy workload-shop",
    ),
}


@pytest.mark.parametrize("state", REGISTRY_STATES)
def test_a_broken_state_of_an_upstream_is_found(other_registry: World, state: str) -> None:
    REGISTRY_STATES[state].assert_found_alone(other_registry)


@pytest.mark.parametrize("state", CLUSTER_STATES)
def test_a_broken_state_of_a_workload_is_found(other_cluster: World, state: str) -> None:
    CLUSTER_STATES[state].assert_found_alone(other_cluster)


def test_a_workload_that_lets_nobody_in(other_cluster: World) -> None:
    other_cluster.emulator.fail("sts:AssumeRole", "AccessDeniedException")
    [(where, [(cause, _)])] = other_cluster.found().items()
    assert where == "workload shop: not checked"
    assert cause.startswith(f"account {SHOP.id} gives no access: ")


def test_a_workload_to_which_no_way_is_given(other_cluster: World) -> None:
    other_cluster.deployment(f"    {ASSUMED}\n", "")
    assert other_cluster.found() == {
        "workload shop: not checked": [
            (
                f"the credentials are of account {SHARED_SERVICES.id}, not of {SHOP.id}",
                "allow the credentials to assume its `assume_role_arn`, or write a `profile` that exists",
            )
        ]
    }


def test_a_profile_that_is_not_there(other_cluster: World, monkeypatch: pytest.MonkeyPatch) -> None:
    other_cluster.deployment(ASSUMED, "profile: payments")
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    [(cause, _)] = other_cluster.found()["workload shop: not checked"]
    assert "The config profile (payments) could not be found" in cause


def test_a_profile(other_cluster: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    other_cluster.deployment(ASSUMED, "profile: payments")
    configuration = tmp_path / "config"
    configuration.write_text(
        f"[profile payments]\naws_access_key_id = {SHOP.access_key_id}\naws_secret_access_key = any\n"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(configuration))
    assert other_cluster.found() == {}


def test_a_workload_needs_its_own_caches_only(other_cluster: World) -> None:
    other_cluster.deployment("quay: {registry: quay}", "quay: {registry: quay}\n    k8s: {registry: k8s}")
    other_cluster.deployment("    node_roles: [eks-nodes]\n", "    node_roles: [eks-nodes]\n    caches: [quay]\n")
    assert "workload shop, node role eks-nodes" not in other_cluster.found()
