import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

import stacks  # noqa: F401 - before cdktf
from emulator.aws import Emulator
from emulator.organization import SHARED_SERVICES, Account
from emulator.outcomes import Outcome
from emulator.terraform import forget_hashes, terraform_environment, terraform_executable, without_provider
from pull_through_cache.aws.arns import role_name
from pull_through_cache.deployment import Deployment, load
from stacks.app import build_app
from tests.aws import Aws

PROJECT = Path(__file__).parents[2]
Variables = dict[str, str]
LONGEST = 1200
"""Seconds after which a command hangs for certain, even on a busy machine."""


class Terraform:
    """Terraform in the folder of one synthesized stack."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self.environment = environment
        self._command = [str(terraform_executable()), f"-chdir={folder}"]

    def start(self, *arguments: str, variables: Variables | None = None) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*self._command, *arguments],
            env={**self.environment, **{f"TF_VAR_{name}": value for name, value in (variables or {}).items()}},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str, expect: int = 0, variables: Variables | None = None) -> str:
        """Run a command and return its output. The test fails unless the exit code is `expect`."""
        process = self.start(*arguments, variables=variables)
        try:
            printed, errors = process.communicate(timeout=LONGEST)
        except BaseException:  # a hang, or Ctrl-C, which does not reach its session
            os.killpg(process.pid, signal.SIGKILL)
            raise
        if process.returncode != expect and (sentence := without_provider(errors + printed)):
            pytest.fail(sentence, pytrace=False)
        assert process.returncode == expect, errors + printed
        return printed + errors

    def init(self) -> "Terraform":
        self.run("init", "-input=false", "-no-color")
        forget_hashes(self.folder)
        return self

    def apply(self) -> str:
        return self.run("apply", "-auto-approve", "-input=false", "-no-color")

    def plan(self, **variables: str) -> Any:
        """The plan as JSON."""
        file = self.folder / "plan"
        self.run("plan", "-input=false", "-no-color", f"-out={file}", variables=variables)
        return json.loads(self.run("show", "-json", str(file)))

    def has_no_changes(self) -> None:
        self.run("plan", "-input=false", "-no-color", "-detailed-exitcode")

    def destroy(self) -> str:
        return self.run("destroy", "-auto-approve", "-input=false", "-no-color")

    def resources(self) -> set[str]:
        """The addresses of the resources that Terraform manages."""
        addresses = self.run("state", "list").splitlines()
        return {address for address in addresses if not re.search(r"(^|\.)data\.", address)}


def changes(plan: Any) -> dict[str, list[str]]:
    """The actions of a plan, by address."""
    return {
        change["address"]: change["change"]["actions"]
        for change in plan.get("resource_changes", [])
        if change["mode"] == "managed" and change["change"]["actions"] != ["no-op"]
    }


def image(repository: str, region: str = "eu-central-1") -> str:
    """The name of an image in the registry of the shared services account."""
    return f"{SHARED_SERVICES.id}.dkr.ecr.{region}.amazonaws.com/{repository}:1.0"


def granting_statements(answer: Outcome) -> dict[str, set[tuple[str, str]]]:
    """For each action of a pull, the kind of policy and the sid of every statement that allowed it."""
    return {
        decision.action: {(statement.kind, statement.sid) for statement in decision.statements}
        for decision in answer.decisions
    }


class Sandbox:
    """An empty emulator, and Terraform for the stacks of deployments."""

    def __init__(self, aws: Aws, terraform_settings: Variables, folder: Path) -> None:
        self.aws = aws
        self.emulator = aws.emulator
        self.environment = environment(aws.emulator, terraform_settings)
        self.folder = folder

    def client(self, service: str, account: Account = SHARED_SERVICES, region: str = "eu-central-1") -> Any:
        return self.aws.client(service, account, region)

    def synthesize(self, deployment: Deployment | Path | str) -> dict[str, Terraform]:
        """Terraform for every stack of a deployment, a deployment file, or one with this text."""
        if isinstance(deployment, str):
            deployment = self._file(deployment)
        if isinstance(deployment, Path):
            deployment = load(deployment)
        outdir = self.folder / "cdktf.out"
        build_app(deployment, outdir=str(outdir)).synth()
        return self._stacks(outdir)

    def synthesize_hcl(self, deployment: Path | str) -> dict[str, Terraform]:
        """The same in HCL, which cdktf reads from its environment. The stacks share their state with those in JSON."""
        file = self._file(deployment) if isinstance(deployment, str) else deployment
        outdir = self.folder / "hcl.out"
        subprocess.run(
            [sys.executable, PROJECT / "main.py"],
            env={**self.environment, "DEPLOYMENT": str(file), "CDKTF_OUTDIR": str(outdir), "SYNTH_HCL_OUTPUT": "true"},
            check=True,
        )
        assert not list(outdir.glob("stacks/*/cdk.tf.json"))
        return self._stacks(outdir)

    def _file(self, text: str) -> Path:
        file = self.folder / "deployment.yaml"
        file.write_text(dedent(text))
        return file

    def _stacks(self, outdir: Path) -> dict[str, Terraform]:
        return {folder.name: Terraform(folder, self.environment) for folder in outdir.glob("stacks/*")}

    def stack(self, deployment: Deployment | Path | str) -> Terraform:
        """Terraform, ready to run, for the only stack of a deployment."""
        [stack] = self.synthesize(deployment).values()
        return stack.init()

    def node_roles(self, deployment: Deployment) -> None:
        """Create all node roles of a deployment."""
        registry = deployment.registry
        accounts = {**dict.fromkeys(registry.node_roles, registry.account_id)}
        for role in accounts:
            self.aws.role(name=role_name(role))
        for workload in deployment.workloads.values():
            for role in workload.node_roles:
                self.aws.role(name=role_name(role), account=Account(workload.account_id, ""))


@pytest.fixture(scope="session", autouse=True)
def terraform_is_there() -> None:
    missing = None
    try:
        terraform_executable()
    except FileNotFoundError as error:
        missing = str(error)
    if missing:  # outside of `except`, where pytest would report it twice
        pytest.fail(missing, pytrace=False)


@pytest.fixture(scope="session")
def terraform_settings() -> Iterator[dict[str, str]]:
    """Settings with which Terraform gets modules and provider from this machine."""
    try:
        with terraform_environment() as environment:
            yield environment
    except FileNotFoundError as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture
def sandbox(aws: Aws, terraform_settings: Variables, tmp_path: Path) -> Sandbox:
    """A sandbox for one test."""
    return Sandbox(aws, terraform_settings, tmp_path)


@pytest.fixture(scope="module")
def shared_sandbox(terraform_settings: Variables, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A sandbox for the tests of one module, with an emulator of its own."""
    with Emulator.start() as emulator:
        yield Sandbox(Aws(emulator), terraform_settings, tmp_path_factory.mktemp("sandbox"))


def environment(emulator: Emulator, terraform_settings: Variables) -> Variables:
    """The environment of Terraform. Of this machine's variables, it has only those that Terraform needs."""
    credentials = {
        f"TF_VAR_{upstream}_{what}": f"the {what} of {upstream}"
        for upstream in ("docker_hub", "hub", "github", "gitlab", "azure", "chainguard")
        for what in ("username", "access_token")
    }
    kept = {name: os.environ[name] for name in ("HOME", "PATH")}
    return {**kept, **emulator.environment, **terraform_settings, **credentials}


@pytest.fixture
def blog_post() -> Deployment:
    """The default deployment."""
    return load(PROJECT / "deployments" / "blog-post.yaml")
