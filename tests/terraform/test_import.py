"""A file that `import` wrote: Terraform imports what exists, changes nothing, and `check` finds nothing afterwards."""

import pytest
from click.testing import CliRunner

from pull_through_cache.commands import commands
from tests.importing.registries import REGION, UNCHANGED, WITHOUT_TEMPLATES, Registry
from tests.terraform.conftest import Sandbox, changes


def run(sandbox: Sandbox, *command: str) -> str:
    result = CliRunner().invoke(commands, command, env=sandbox.emulator.environment, catch_exceptions=False)
    assert result.exit_code == 0, f"{result.stdout}{result.stderr}"
    return result.stdout


def check(sandbox: Sandbox) -> str:
    return run(sandbox, "check", str(sandbox.folder / "deployment.yaml"))


# tests/importing has all of them, without Terraform.
WITH_TERRAFORM = {
    "own templates": (REGION, "us-east-1"),
    "a registry policy of others": (REGION,),
    "every upstream with credentials": (REGION,),
}


@pytest.mark.parametrize(("name", "regions"), WITH_TERRAFORM.items(), ids=WITH_TERRAFORM)
def test_the_plan_imports_and_changes_nothing(sandbox: Sandbox, name: str, regions: tuple[str, ...]) -> None:
    for region in regions:
        UNCHANGED[name](Registry(sandbox.aws, region))
    options = [option for region in regions for option in ("--region", region)]
    stacks = sandbox.synthesize(run(sandbox, "import", *options))

    assert len(stacks) == len(regions)
    for stack in stacks.values():
        assert changes(stack.init().plan()) == {}
        stack.apply()
        stack.has_no_changes()
    assert check(sandbox).endswith(": no findings\n")


def test_without_templates_the_plan_only_creates_them(sandbox: Sandbox) -> None:
    WITHOUT_TEMPLATES["rules older than templates"](Registry(sandbox.aws))
    stack = sandbox.stack(run(sandbox, "import", "--region", REGION))

    planned = changes(stack.plan())
    assert {address.rpartition("]")[0].rpartition(".")[2] for address in planned} == {"this[0"}
    assert {address.split(".")[-2] for address in planned} == {"aws_ecr_repository_creation_template"}
    assert list(planned.values()) == [["create"]] * len(planned)
    stack.apply()
    stack.has_no_changes()
