"""What Terraform made of a deployment is what `check` wants to find."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner

from pull_through_cache.commands import commands
from pull_through_cache.deployment import load
from tests.terraform.conftest import PROJECT, World

DEPLOYMENTS = sorted((PROJECT / "deployments").glob("*.yaml"))


@pytest.mark.parametrize("file", DEPLOYMENTS, ids=lambda path: path.stem)
def test_what_is_deployed_is_as_it_should_be(world: World, file: Path) -> None:
    deployment = load(file)
    world.node_roles(deployment)
    with ThreadPoolExecutor(max_workers=2) as pool:
        list(pool.map(lambda stack: stack.init().apply(), world.synthesize(deployment).values()))

    result = CliRunner().invoke(commands, ["check", str(file), "--strict"], env=world.emulator.environment)

    assert (result.exit_code, result.stdout, result.stderr) == (0, f"{file}: no findings\n", "")
