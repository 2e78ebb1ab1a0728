"""The command lines of cdktf and of its successor, cdktn."""

import os
import shutil
import subprocess
import sys

import pytest

from pull_through_cache.deployment import Deployment
from tests.terraform.conftest import LONGEST, PROJECT, Sandbox, Terraform, changes
from tests.terraform.test_blog_post import RESOURCES

STACK = "shared-services-eu-central-1"
PROGRAMS = {"cdktf": PROJECT / "node_modules", "cdktn": PROJECT / "tests" / "cdktn" / "node_modules"}
PARTS = ("main.py", "cdktf.json", ".gen", "lazy_bindings", "pull_through_cache", "stacks", "deployments")


class CommandLine:
    """A cdktf command line in a copy of the project, which keeps this one clean."""

    def __init__(self, name: str, sandbox: Sandbox) -> None:
        self.folder = sandbox.folder / "a project"
        self.folder.mkdir()
        for part in PARTS:
            source = PROJECT / part
            (shutil.copytree if source.is_dir() else shutil.copy)(source, self.folder / part)
        (self.folder / ".venv").symlink_to(PROJECT / ".venv")
        self._program = PROGRAMS[name] / ".bin" / name
        path = os.pathsep.join([str(PROJECT / ".venv" / "bin"), os.environ["PATH"]])
        self._environment = {**sandbox.environment, "PATH": path, "CI": "1"}

    def run(self, *arguments: str) -> str:
        assert self._program.exists(), f"{self._program} is not installed: run the tests by `make test`"
        done = subprocess.run(
            [self._program, *arguments],
            cwd=self.folder,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=LONGEST,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr


@pytest.fixture
def command_line(sandbox: Sandbox, blog_post: Deployment, request: pytest.FixtureRequest) -> CommandLine:
    sandbox.node_roles(blog_post)
    return CommandLine(request.param, sandbox)


@pytest.mark.parametrize("command_line", PROGRAMS, indirect=True)
def test_a_command_line_deploys_and_destroys(sandbox: Sandbox, command_line: CommandLine) -> None:
    command_line.run("deploy", "--auto-approve", "--skip-provider-lock")
    assert len(sandbox.client("ecr").describe_pull_through_cache_rules()["pullThroughCacheRules"]) == 2
    assert "No changes" in command_line.run("diff", "--skip-synth", "--skip-provider-lock")

    command_line.run("destroy", "--auto-approve", "--skip-provider-lock")
    assert sandbox.client("ecr").describe_pull_through_cache_rules()["pullThroughCacheRules"] == []


@pytest.mark.parametrize("command_line", ["cdktf"], indirect=True)
def test_cdktf_synth_writes_the_same_bytes_as_main(
    sandbox: Sandbox, blog_post: Deployment, command_line: CommandLine
) -> None:
    command_line.run("synth")

    [ours] = sandbox.synthesize(blog_post).values()
    theirs = command_line.folder / "cdktf.out" / "stacks" / STACK / "cdk.tf.json"
    assert theirs.read_bytes() == (ours.folder / "cdk.tf.json").read_bytes()


@pytest.mark.parametrize("command_line", ["cdktf"], indirect=True)
def test_cdktf_synth_hcl_plans_the_same(sandbox: Sandbox, blog_post: Deployment, command_line: CommandLine) -> None:
    command_line.run("synth", "--hcl")
    folder = command_line.folder / "cdktf.out" / "stacks" / STACK
    assert not (folder / "cdk.tf.json").exists()

    plan = Terraform(folder, sandbox.environment).init().plan()

    assert changes(plan) == {address: ["create"] for address in RESOURCES}
    in_json = sandbox.stack(blog_post).plan()
    assert plan["planned_values"] == in_json["planned_values"]


@pytest.mark.parametrize("command_line", ["cdktf"], indirect=True)
def test_cdktf_get_writes_typed_bindings_of_both_modules(command_line: CommandLine) -> None:
    command_line.run("get")

    written = {path.parent.name for path in (command_line.folder / ".gen").glob("*/__init__.py")}
    assert written == {"secrets_manager", "ecr_repository_template"}


def test_cdktf_finds_the_stack_valid(sandbox: Sandbox) -> None:
    script = """
import stacks
from pathlib import Path
from cdktf import Testing
from stacks.app import build_app
from pull_through_cache.deployment import load
app = build_app(load(Path("deployments/blog-post.yaml")))
assert Testing.to_be_valid_terraform(Testing.full_synth(app.node.find_child("shared-services-eu-central-1")))
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=PROJECT,
        env={**sandbox.environment, "CDKTF_OUTDIR": str(sandbox.folder / "out")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
