"""What the demo does with a deployment file of your own: every stack applied, and each node role's first pulls."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from demo.accounts import TAG, image_of, node_roles, pullers, registry_account
from demo.expected import create_expected
from demo.narrator import Narrator
from demo.nodes import client
from demo.story import UnexpectedPull
from demo.upstream_accounts import let_in
from emulator.aws import Emulator
from emulator.organization import Account
from pull_through_cache.deployment import Deployment
from pull_through_cache.deployment.addresses import variables
from pull_through_cache.deployment.sharing import caches_of
from pull_through_cache.deployment.template_roles import key_variables

if TYPE_CHECKING:
    from pull_through_cache.deployment.registry import Registry
    from pull_through_cache.deployment.workload import Workload

# In an override file, which Terraform reads last: the state stays in the demo's folder.
LOCAL_STATE: dict[str, object] = {"terraform": {"backend": {"local": {}}}}


class OwnFile:
    """The story of one deployment. Every public upstream registry in the emulator has every image."""

    def __init__(self, narrator: Narrator, emulator: Emulator, file: Path, deployment: Deployment) -> None:
        self._narrator = narrator
        self._emulator = emulator
        self._file = file
        self._deployment = deployment
        self._registry = registry_account(deployment)

    def run(self) -> None:
        """Do it all. Raises CommandFailed, Interrupted or UnexpectedPull."""
        step, say = self._narrator.step, self._narrator.say
        step(f"Synthesize {self._file}")
        self._narrator.synthesize(self._file)
        stacks = self._stacks()
        step("AWS, upstream registries and a Terraform module registry on loopback")
        say("What the file expects to exist before the first apply:")
        for sentence in create_expected(self._emulator, self._deployment):
            say(sentence)
        for stack in stacks:
            step(f"Deploy {stack}")
            self._terraform(stack, "init")
            self._terraform(stack, "apply", "-auto-approve")
        self._do_what_others_do()
        step("Pull images as nodes do")
        if not node_roles(self._deployment):
            say("The file has no node roles. A role in the registry's account that may do everything pulls instead.")
        failed = [role for account, role, name in pullers(self._deployment) if not self._pulls(account, role, name)]
        self._attach("detach_role_policy")
        for stack in reversed(stacks):
            step(f"Destroy {stack}")
            self._terraform(stack, "destroy", "-auto-approve")
        self._narrator.summary()
        if failed:
            raise UnexpectedPull(f"Not every pull of {', '.join(failed)} worked: see the summary.")

    def _stacks(self) -> list[str]:
        folder = self._narrator.folder / "cdktf.out" / "stacks"
        # Secrets are replicated from the first Region.
        first = f"shared-services-{self._deployment.registry.regions[0]}"
        stacks = sorted((each.name for each in folder.iterdir()), key=lambda name: (name != first, name))
        for stack in stacks:
            (folder / stack / "demo_override.tf.json").write_text(json.dumps(LOCAL_STATE))
        return stacks

    def _terraform(self, stack: str, *arguments: str) -> None:
        workload = self._deployment.workloads.get(stack.removeprefix("workload-"))
        account = Account(workload.account_id, "") if workload else self._registry
        environment = self._emulator.environment_of(account) | self._profiles()
        for key, upstream in self._deployment.registry.upstreams.items():
            environment |= {f"TF_VAR_{name}": "anything" for name in variables(key, upstream)}
        key_arn = f"arn:aws:kms:{stack.removeprefix('shared-services-')}:{self._registry.id}:key/0123-demo"
        environment |= {f"TF_VAR_{name}": key_arn for name in key_variables(self._deployment.registry)}
        self._narrator.terraform(stack, *arguments, environment=environment)

    def _profiles(self) -> dict[str, str]:
        """An AWS configuration with the profiles of the file."""
        lines = []
        for workload in self._deployment.workloads.values():
            if workload.profile:
                key = Account(workload.account_id, "").access_key_id
                lines += [f"[profile {workload.profile}]", f"aws_access_key_id = {key}", "aws_secret_access_key = any"]
        file = self._narrator.folder / "aws-config"
        file.write_text("\n".join(lines))
        return {"AWS_CONFIG_FILE": str(file)}

    def _do_what_others_do(self) -> None:
        """What people and other teams do after the apply."""
        registry, say = self._deployment.registry, self._narrator.say
        for sentence in let_in(self._emulator, self._deployment):
            say(sentence)
        if registry.registry_policy.mode == "external":
            for region in registry.regions:
                text = self._narrator.outputs(f"shared-services-{region}")["registry_policy"]
                client(self._emulator, "ecr", self._registry, region).put_registry_policy(policyText=text)
                say(f"The owner of the registry policy writes the output registry_policy, in {region}.")
        for sentence in self._attach("attach_role_policy"):
            say(sentence)

    def _attach(self, method: str) -> list[str]:
        """Attach the nodes' policy where `attach: false` leaves that to others, or detach it."""
        accounts: list[tuple[Registry | Workload, Account]] = [(self._deployment.registry, self._registry)]
        accounts += [(each, Account(each.account_id, "")) for each in self._deployment.workloads.values()]
        said = []
        for settings, account in accounts:
            policy = f"arn:aws:iam::{account.id}:policy{settings.policy_path or '/'}{settings.policy_name}"
            for role in () if settings.attach else settings.node_roles:
                name = role.rpartition("/")[2]
                iam = client(self._emulator, "iam", account, "us-east-1")
                getattr(iam, method)(RoleName=name, PolicyArn=policy)
                said.append(f"{name} has the policy {policy}, which `attach: false` leaves to others.")
        return said

    def _pulls(self, account: Account, role: str, name: str) -> bool:
        """One image of each upstream; whether all pulls worked."""
        registry = self._deployment.registry
        workload = self._deployment.workloads.get(name)
        region = (workload.region if workload else None) or registry.regions[0]
        worked = []
        for key in caches_of(registry, workload) if workload else registry.upstreams:
            self._narrator.commands.check()
            prefix = registry.prefix(key).rstrip("/")
            image = f"{image_of(account, role)}:{TAG}"
            image = image if prefix == "ROOT" else f"{prefix}/{image}"
            host = f"{self._registry.id}.dkr.ecr.{region}.amazonaws.com"
            outcome = self._emulator.pull(f"{host}/{image}", role)
            # Two entries for one role, or two roles of similar names, pull the same image.
            self._narrator.pull(name, image, "first" if outcome.upstream else "cached", outcome)
            worked.append(outcome.allowed)
        return all(worked)
