"""Every deployment file is applied, is as `check` wants it, is pulled through, and is destroyed without a rest."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from emulator.organization import ACCOUNTS, SHARED_SERVICES
from pull_through_cache.commands import commands
from pull_through_cache.deployment import Deployment, load
from pull_through_cache.forms import role_name
from tests.terraform.conftest import PROJECT, Terraform, World, image

DEPLOYMENTS = sorted((PROJECT / "deployments").glob("*.yaml"))


def left(world: World, regions: tuple[str, ...]) -> dict[str, Any]:
    """What is in the emulator's accounts, of the kinds that this project makes."""
    found: dict[str, Any] = {}
    for region in regions:
        ecr = world.client("ecr", region=region)
        secrets = world.client("secretsmanager", region=region)
        found[f"rules in {region}"] = ecr.describe_pull_through_cache_rules()["pullThroughCacheRules"]
        found[f"templates in {region}"] = ecr.describe_repository_creation_templates()["repositoryCreationTemplates"]
        found[f"secrets in {region}"] = secrets.list_secrets()["SecretList"]
    for account in ACCOUNTS:
        found[f"policies of {account.name}"] = world.client("iam", account).list_policies(Scope="Local")["Policies"]
    return {what: things for what, things in found.items() if things}


def nodes(deployment: Deployment) -> Iterator[tuple[str, str]]:
    """The ARN of every node role that a deployment names, and the Region from which it pulls."""
    registry = deployment.registry
    for role in registry.node_roles:
        yield f"arn:aws:iam::{SHARED_SERVICES.id}:role/{role_name(role)}", registry.regions[0]
    for workload in deployment.workloads.values():
        for role in workload.node_roles:
            yield f"arn:aws:iam::{workload.account_id}:role/{role_name(role)}", workload.region or registry.regions[0]


def apply_and_plan(stack: Terraform) -> None:
    stack.run("validate")
    stack.apply()
    stack.has_no_changes()


@pytest.mark.parametrize("file", DEPLOYMENTS, ids=lambda path: path.stem)
def test_a_deployment_comes_and_goes(world: World, file: Path) -> None:
    deployment = load(file)
    world.node_roles(deployment)
    stacks = world.synthesize(deployment)
    # Terraform's plugin cache takes one init at a time. What follows is done to two stacks at a time, in any order.
    order = [stacks[name].init() for name in sorted(stacks)]

    with ThreadPoolExecutor(max_workers=2) as pool:
        list(pool.map(apply_and_plan, order))
        assert left(world, deployment.registry.regions)
        check = CliRunner().invoke(commands, ["check", str(file), "--strict"], env=world.emulator.environment)
        assert (check.exit_code, check.stdout, check.stderr) == (0, f"{file}: no findings\n", "")
        for role, region in nodes(deployment):
            for prefix in deployment.registry.prefixes:
                repository = f"{prefix}/library/first-pull-of-{role_name(role).lower()}"
                answer = world.emulator.pull(image(repository, region), role)
                assert answer.repository_created, answer
        list(pool.map(Terraform.destroy, reversed(order)))

    assert left(world, deployment.registry.regions) == {}
