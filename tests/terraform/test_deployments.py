"""Every deployment file: apply it, plan its HCL, check it, pull through it, destroy it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from emulator.organization import ACCOUNTS, SHARED_SERVICES, Account
from pull_through_cache.aws.arns import arn_account, role_name
from pull_through_cache.commands import commands
from pull_through_cache.deployment import Deployment, load
from tests.aws import Json
from tests.terraform.conftest import PROJECT, Sandbox, image

DEPLOYMENTS = sorted((PROJECT / "deployments").glob("*.yaml"))


def left(sandbox: Sandbox, regions: tuple[str, ...]) -> dict[str, Any]:
    """The resources in the emulator's accounts, of the kinds that this project creates."""
    found: dict[str, Any] = {}
    for region in regions:
        ecr = sandbox.client("ecr", region=region)
        secrets = sandbox.client("secretsmanager", region=region)
        found[f"rules in {region}"] = ecr.describe_pull_through_cache_rules()["pullThroughCacheRules"]
        found[f"templates in {region}"] = ecr.describe_repository_creation_templates()["repositoryCreationTemplates"]
        found[f"secrets in {region}"] = secrets.list_secrets()["SecretList"]
    for account in ACCOUNTS:
        found[f"policies of {account.name}"] = sandbox.client("iam", account).list_policies(Scope="Local")["Policies"]
    return {what: things for what, things in found.items() if things}


def nodes(deployment: Deployment) -> Iterator[tuple[str, str]]:
    """The ARN of every node role of a deployment, and the Region from which it pulls."""
    registry = deployment.registry
    for role in registry.node_roles:
        yield f"arn:aws:iam::{SHARED_SERVICES.id}:role/{role_name(role)}", registry.regions[0]
    for workload in deployment.workloads.values():
        for role in workload.node_roles:
            yield f"arn:aws:iam::{workload.account_id}:role/{role_name(role)}", workload.region or registry.regions[0]


def first_pulls(deployment: Deployment) -> Iterator[tuple[str, str, str]]:
    """For each node role: its ARN, the Region, and the name below a prefix of an image that it pulls first."""
    for role, region in nodes(deployment):
        yield role, region, f"first-pull-of/{arn_account(role)}/{role_name(role).lower()}"


def let_upstreams_in(sandbox: Sandbox, deployment: Deployment, policies: Json) -> None:
    """Make the images in the accounts that have upstream registries, with the policies that the stack outputs."""
    for key, policy in policies.items():
        upstream = deployment.registry.upstreams[key]
        there = sandbox.client("ecr", Account(str(upstream.account_id), ""), str(upstream.region))
        for _, _, name in first_pulls(deployment):
            repository = f"{upstream.upstream_prefix}/{name}"
            there.create_repository(repositoryName=repository)
            there.set_repository_policy(repositoryName=repository, policyText=policy)


@pytest.mark.parametrize("file", DEPLOYMENTS, ids=lambda path: path.stem)
def test_a_deployment_works_and_is_destroyed_completely(sandbox: Sandbox, file: Path) -> None:
    deployment = load(file)
    sandbox.node_roles(deployment)
    stacks = sandbox.synthesize(deployment)
    # In one deployment the workloads' stacks come first, in the others the registry's.
    order = [stacks[name] for name in sorted(stacks, reverse=file.stem == "organization")]

    for stack in order:
        stack.init().run("validate")
        stack.apply()
        stack.has_no_changes()
        outputs = json.loads(stack.run("output", "-json"))
        let_upstreams_in(sandbox, deployment, outputs.get("policies_for_upstreams", {"value": {}})["value"])
    for stack in sandbox.synthesize_hcl(file).values():
        stack.init().has_no_changes()
    assert left(sandbox, deployment.registry.regions)
    check = CliRunner().invoke(commands, ["check", str(file), "--strict"], env=sandbox.emulator.environment)
    assert (check.exit_code, check.stdout, check.stderr) == (0, f"{file}: no findings\n", "")
    for role, region, name in first_pulls(deployment):
        for prefix in deployment.registry.prefixes:
            outcome = sandbox.emulator.pull(image(f"{prefix}/{name}", region), role)
            assert outcome.repository_created, outcome
    for stack in order:
        stack.destroy()

    assert left(sandbox, deployment.registry.regions) == {}
