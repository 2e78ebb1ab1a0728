"""What the demo does with a deployment file of your own: every stack applied, and each node role's first pulls."""

import json
from pathlib import Path

from demo.accounts import node_roles, registry_account
from demo.narrator import Narrator
from demo.nodes import create_node_role
from demo.story import UnexpectedPull
from emulator.aws import Emulator
from emulator.organization import Account
from pull_through_cache.deployment import Deployment

IMAGE = "team/image:1"
# In an override file, which Terraform reads last: the state stays in the demo's folder.
LOCAL_STATE: dict[str, object] = {"terraform": {"backend": {"local": {}}}}


class OwnFile:
    """The story of one deployment. Every upstream registry in the emulator has every image."""

    def __init__(self, narrator: Narrator, emulator: Emulator, file: Path, deployment: Deployment) -> None:
        self._narrator = narrator
        self._emulator = emulator
        self._file = file
        self._deployment = deployment
        self._registry = registry_account(deployment)

    def run(self) -> None:
        """Do it all. Raises CommandFailed, Interrupted or UnexpectedPull."""
        self._narrator.step("AWS, upstream registries and a Terraform module registry on loopback")
        for account, role, _ in node_roles(self._deployment):
            create_node_role(self._emulator, account, role)
            self._narrator.say(f"{role} has no permissions.")
        self._narrator.step(f"Synthesize {self._file}")
        self._narrator.synthesize(self._file)
        stacks = self._stacks()
        for stack in stacks:
            self._narrator.step(f"Deploy {stack}")
            self._terraform(stack, "init")
            self._terraform(stack, "apply", "-auto-approve")
        self._narrator.step("Pull images as nodes do")
        failed = [each for each in node_roles(self._deployment) if not self._first_pulls(*each)]
        for stack in reversed(stacks):
            self._narrator.step(f"Destroy {stack}")
            self._terraform(stack, "destroy", "-auto-approve")
        self._narrator.summary()
        if failed:
            raise UnexpectedPull(
                f"Not every pull of {', '.join(role for _, role, _ in failed)} worked: see the summary."
            )

    def _stacks(self) -> list[str]:
        folder = self._narrator.folder / "cdktf.out" / "stacks"
        stacks = sorted(each.name for each in folder.iterdir())
        for stack in stacks:
            (folder / stack / "demo_override.tf.json").write_text(json.dumps(LOCAL_STATE))
        return stacks

    def _terraform(self, stack: str, *arguments: str) -> None:
        workload = self._deployment.workloads.get(stack.removeprefix("workload-"))
        account = Account(workload.account_id, "") if workload else self._registry
        environment = self._emulator.environment_of(account)
        for key, upstream in self._deployment.registry.upstreams.items():
            if upstream.credentials:
                variable = f"TF_VAR_{key.replace('-', '_')}"
                environment |= {f"{variable}_username": "somebody", f"{variable}_access_token": "anything"}
        self._narrator.terraform(stack, *arguments, environment=environment)

    def _first_pulls(self, account: Account, role: str, name: str) -> bool:
        """One image of each upstream; whether all pulls worked."""
        registry = self._deployment.registry
        workload = self._deployment.workloads.get(name)
        region = (workload.region if workload else None) or registry.regions[0]
        worked = []
        for key, upstream in registry.upstreams.items():
            self._narrator.commands.check()
            if upstream.owner:
                self._narrator.say(f"{key}: the registry of account {upstream.owner} is empty, so nothing is pulled.")
                continue
            prefix = registry.prefix(key)
            # Each role pulls an image of its own: the first pull is what needs most.
            path = f"{account.id}-{role.rpartition('/')[2].lower()}/{IMAGE}"
            image = path if prefix == "ROOT" else f"{prefix.rstrip('/')}/{path}"
            host = f"{self._registry.id}.dkr.ecr.{region}.amazonaws.com"
            outcome = self._emulator.pull(f"{host}/{image}", role)
            self._narrator.pull(name, image, "first", outcome)
            worked.append(outcome.allowed)
        return all(worked)
