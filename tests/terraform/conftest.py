import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from botocore.session import get_session

import stacks  # noqa: F401 - before cdktf
from emulator.aws import Emulator
from emulator.organization import SHARED_SERVICES, Account
from emulator.outcomes import Outcome
from emulator.terraform import terraform_environment, terraform_executable
from pull_through_cache.aws.arns import role_name
from pull_through_cache.deployment import Deployment, load
from stacks.app import build_app

PROJECT = Path(__file__).parents[2]
Variables = dict[str, str]
LONGEST = 120
"""Seconds after which a Terraform command is taken to hang."""


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
        """Runs a command to its end; returns what it printed. Fails the test unless it exits with `expect`."""
        process = self.start(*arguments, variables=variables)
        try:
            printed, errors = process.communicate(timeout=LONGEST)
        except BaseException:  # a hang, or Ctrl-C, which its session does not get
            os.killpg(process.pid, signal.SIGKILL)
            raise
        assert process.returncode == expect, errors + printed
        return printed + errors

    def init(self) -> "Terraform":
        self.run("init", "-input=false", "-no-color")
        # Where the lock file has a hash of the provider, every command reads all 700 MB of it again to compare them.
        lock = self.folder / ".terraform.lock.hcl"
        lock.write_text(re.sub(r" *hashes = \[.*?\]\n", "", lock.read_text(), flags=re.DOTALL))
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
        """Addresses of what Terraform manages now."""
        addresses = self.run("state", "list").splitlines()
        return {address for address in addresses if not re.search(r"(^|\.)data\.", address)}


def changes(plan: Any) -> dict[str, list[str]]:
    """What a plan does, by address."""
    return {
        change["address"]: change["change"]["actions"]
        for change in plan.get("resource_changes", [])
        if change["mode"] == "managed" and change["change"]["actions"] != ["no-op"]
    }


def image(repository: str, region: str = "eu-central-1") -> str:
    """The name of an image in the registry of the shared services account."""
    return f"{SHARED_SERVICES.id}.dkr.ecr.{region}.amazonaws.com/{repository}:1.0"


def granting_statements(answer: Outcome) -> dict[str, set[tuple[str, str]]]:
    """For each action of a pull, the kinds of policies and the statements that granted it."""
    return {
        decision.action: {(statement.kind, statement.sid) for statement in decision.statements}
        for decision in answer.decisions
    }


class World:
    """An empty emulator, and Terraform for the stacks of deployments."""

    def __init__(self, emulator: Emulator, environment: dict[str, str], folder: Path) -> None:
        self.emulator = emulator
        self.environment = environment
        self.folder = folder

    def client(self, service: str, account: Account = SHARED_SERVICES, region: str = "eu-central-1") -> Any:
        return get_session().create_client(
            service,
            endpoint_url=self.emulator.url,
            region_name=region,
            aws_access_key_id=account.access_key_id,
            aws_secret_access_key="any",
        )

    def role(self, name: str, account: Account = SHARED_SERVICES, *, policy: Any = None) -> str:
        """Makes a role that EC2 instances can have, with one policy, `access`, of this document; returns its ARN."""
        trust = {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
            ],
        }
        iam = self.client("iam", account)
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]
        if policy:
            iam.put_role_policy(RoleName=name, PolicyName="access", PolicyDocument=json.dumps(policy))
        return str(role["Arn"])

    def synthesize(self, deployment: Deployment | Path | str) -> dict[str, Terraform]:
        """Terraform for every stack of a deployment, a deployment file, or one of this content."""
        if isinstance(deployment, str):
            file = self.folder / "deployment.yaml"
            file.write_text(dedent(deployment))
            deployment = file
        if isinstance(deployment, Path):
            deployment = load(deployment)
        outdir = self.folder / "cdktf.out"
        build_app(deployment, outdir=str(outdir)).synth()
        return {
            file.parent.name: Terraform(file.parent, self.environment) for file in outdir.glob("stacks/*/cdk.tf.json")
        }

    def stack(self, deployment: Deployment | Path | str) -> Terraform:
        """Terraform, ready to run, for the only stack of a deployment."""
        [stack] = self.synthesize(deployment).values()
        return stack.init()

    def node_roles(self, deployment: Deployment) -> None:
        """Makes the roles of all nodes that a deployment names."""
        registry = deployment.registry
        accounts = {**dict.fromkeys(registry.node_roles, registry.account_id)}
        for role in accounts:
            self.role(role_name(role))
        for workload in deployment.workloads.values():
            for role in workload.node_roles:
                self.role(role_name(role), Account(workload.account_id, ""))


@pytest.fixture(scope="session", autouse=True)
def terraform_is_there() -> None:
    missing = None
    try:
        terraform_executable()
    except FileNotFoundError as error:
        missing = str(error)
    if missing:  # outside of `except`: pytest would tell it twice
        pytest.fail(missing, pytrace=False)


@pytest.fixture(scope="session")
def terraform_settings() -> Iterator[dict[str, str]]:
    """What makes Terraform take modules and provider from this machine."""
    try:
        with terraform_environment() as environment:
            yield environment
    except FileNotFoundError as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture
def world(emulator: Emulator, terraform_settings: Variables, tmp_path: Path) -> World:
    """A world for one test."""
    emulator.reset()
    return World(emulator, environment(emulator, terraform_settings), tmp_path)


@pytest.fixture(scope="module")
def another_world(terraform_settings: Variables, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world for the tests of one module, with an emulator of its own."""
    with Emulator.start() as emulator:
        yield World(emulator, environment(emulator, terraform_settings), tmp_path_factory.mktemp("world"))


def environment(emulator: Emulator, terraform_settings: Variables) -> Variables:
    """The environment of Terraform: nothing of this machine's but what it needs to run."""
    credentials = {
        f"TF_VAR_{upstream}_{what}": f"the {what} of {upstream}"
        for upstream in ("docker_hub", "hub", "github", "gitlab", "azure", "chainguard")
        for what in ("username", "access_token")
    }
    kept = {name: os.environ[name] for name in ("HOME", "PATH")}
    # A quarter of Terraform's and the provider's work is Go's looking for garbage; this makes it rarer.
    return {**kept, "GOGC": "400", **emulator.environment, **terraform_settings, **credentials}


@pytest.fixture
def blog_post() -> Deployment:
    """The default deployment."""
    return load(PROJECT / "deployments" / "blog-post.yaml")
