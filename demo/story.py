"""What the demo does, step by step."""

import os
import re
import sys
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from demo.commands import Commands
from demo.nodes import Nodes, Pull, grants, reason
from emulator.aws import Emulator
from emulator.organization import MEMBERS, SHARED_SERVICES, STRANGER
from pull_through_cache.aws.arns import role_name
from pull_through_cache.deployment import load

ROOT = Path(__file__).parents[1]
DEPLOYMENT = Path("deployments/blog-post.yaml")
NO_REGISTRY_POLICY, REGISTRY_POLICY = "registry_policy: none", "registry_policy: managed"

PYTHON, REDIS, POSTGRES = (f"docker-hub/library/{image}" for image in ("python:3.13", "redis:8.2", "postgres:18"))
NGINX = "public-ecr/nginx/nginx:1.29"
MEMBER = MEMBERS[0]

AS_IN_THE_POST = (
    Pull(SHARED_SERVICES, PYTHON, first=True),
    Pull(SHARED_SERVICES, PYTHON, first=False),
    Pull(SHARED_SERVICES, NGINX, first=True),
    Pull(SHARED_SERVICES, NGINX, first=False),
    Pull(MEMBER, PYTHON, first=False, note="The creation template gave the repository a policy for the organization."),
    Pull(
        MEMBER,
        REDIS,
        first=True,
        works=False,
        # Source: Guide, pull-through-cache-iam.html
        note="The post grants it in the repository policy, where it has no effect: there is no repository yet. "
        "It takes a registry policy.",
    ),
    Pull(STRANGER, PYTHON, first=False, works=False, note="The account is not in the organization."),
)
WITH_REGISTRY_POLICY = (
    Pull(MEMBER, REDIS, first=True),
    Pull(STRANGER, POSTGRES, first=True, works=False, note="Still for the organization only."),
)


class UnexpectedPull(Exception):  # noqa: N818 - as in a sentence
    """A pull that should have worked did not, or the other way round."""


class Story:
    """One telling. Whatever it makes is in ``folder`` or in the emulator."""

    def __init__(
        self,
        console: Console,
        commands: Commands,
        emulator: Emulator,
        executable: str,
        environment: dict[str, str],
        folder: Path,
    ) -> None:
        registry = load(ROOT / DEPLOYMENT).registry
        region = registry.regions[0]
        self._console = console
        self._commands = commands
        self._nodes = Nodes(emulator, role_name(registry.node_roles[0]), region)
        self._terraform = executable
        self._stack = folder / "cdktf.out" / "stacks" / f"shared-services-{region}"
        self._folder = folder
        self._environment = {
            **os.environ,
            **emulator.environment_of(SHARED_SERVICES, region),
            **environment,
            "CDKTF_OUTDIR": str(folder / "cdktf.out"),
            "TF_VAR_docker_hub_username": "somebody",
            "TF_VAR_docker_hub_access_token": "anything",
            # What Terraform and jsii put there is gone with the folder, even if they are killed.
            "TMPDIR": str(folder),
        }
        self._summary = Table(box=SIMPLE_HEAD, pad_edge=False)
        for title in ("nodes of", "image", "pull", "result", "because"):
            self._summary.add_column(title, overflow="fold")

    def tell(self) -> None:
        """Do it all. Raises CommandFailed, Interrupted or UnexpectedPull."""
        self._step("AWS and a Terraform module registry on loopback")
        self._say(f"The registry of account {SHARED_SERVICES.id} is empty. Its nodes have a role without permissions.")
        for account in (SHARED_SERVICES, MEMBER, STRANGER):
            self._nodes.create_role(account)

        self._step(f"Synthesize {DEPLOYMENT}")
        self._synthesize(DEPLOYMENT)

        self._step("Deploy")
        self._run_terraform("init")
        self._run_terraform("apply", "-auto-approve")
        self._step("Plan again")
        self._run_terraform("plan", "-detailed-exitcode")

        self._step("Pull images as nodes do")
        for account in (MEMBER, STRANGER):
            self._nodes.copy_policies(account)
        self._say(f"From {self._nodes.registry}. In every account the nodes' role has the same policy.")
        self._pull(AS_IN_THE_POST)

        self._step(f"Deploy with {REGISTRY_POLICY}")
        changed = self._folder / "managed.yaml"
        changed.write_text((ROOT / DEPLOYMENT).read_text().replace(NO_REGISTRY_POLICY, REGISTRY_POLICY))
        self._synthesize(changed)
        self._run_terraform("apply", "-auto-approve")
        self._pull(WITH_REGISTRY_POLICY)

        self._step("Destroy")
        self._run_terraform("destroy", "-auto-approve")
        self._say("Repositories that pulls made are not Terraform's; on AWS they would stay:")
        self._say(", ".join(self._nodes.cached()))

        self._step("Summary")
        self._console.print(self._summary)

    def _step(self, title: str) -> None:
        self._commands.check()
        self._console.print(f"\n{title}", style="bold")

    def _say(self, text: str, style: str = "") -> None:
        self._console.print(Padding(Text(text, style), (0, 0, 0, 2), expand=False))

    def _synthesize(self, deployment: Path) -> None:
        environment = self._environment | {"DEPLOYMENT": str(deployment)}
        with self._console.status("python main.py"):
            self._commands.run([sys.executable, "main.py"], ROOT, environment, self._say)

    def _run_terraform(self, *arguments: str) -> None:
        def see(line: str) -> None:
            # Terraform's own lines: what is done to which resource, and the sum.
            told = re.match(r"\S.*: (Creation|Modifications|Destruction) complete|(\S+ complete!|No changes).*", line)
            if told:
                self._say(told[0])

        command = [self._terraform, *arguments, "-input=false", "-no-color"]
        self._say(f"terraform {' '.join(arguments)}", style="cyan")
        with self._console.status("Terraform is running"):
            self._commands.run(command, self._stack, self._environment, see)

    def _pull(self, pulls: tuple[Pull, ...]) -> None:
        for pull in pulls:
            self._commands.check()
            answer = self._nodes.pull(pull)
            self._console.print()
            self._say(f"{pull.account.name}, {_order(pull)}: {pull.image}", style="cyan")
            decisions = Table.grid(padding=(0, 2))
            for decision in answer.decisions:
                decisions.add_row("   ", "yes" if decision.allowed else "no", decision.action, grants(decision))
            self._console.print(decisions)
            if answer.upstream:
                self._say(f"ECR took {answer.upstream} from the upstream registry.")
            if answer.error:
                self._say(answer.error, style="red")
            if pull.note:
                self._say(pull.note)
            result = Text("pulled", "green") if answer.allowed else Text("refused", "red")
            self._summary.add_row(pull.account.name, pull.image, _order(pull), result, reason(answer))
            if not pull.went(answer):
                raise UnexpectedPull(f"This pull should have {'worked' if pull.works else 'been refused'}.")


def _order(pull: Pull) -> str:
    return "first" if pull.first else "cached"
