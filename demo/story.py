"""What the demo does with the default deployment, step by step."""

from pathlib import Path

from demo.commands import CommandFailed
from demo.narrator import ROOT, Narrator
from demo.nodes import Nodes, Pull
from demo.real_image import Client
from emulator.aws import Emulator
from emulator.internet import Internet
from emulator.organization import MEMBERS, SHARED_SERVICES, STRANGER
from emulator.upstream_registry import DockerHub, SampleRegistry, serve
from pull_through_cache.aws.arns import role_name
from pull_through_cache.deployment import load

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


LOGIN = ("somebody", "anything")
REPOSITORY, TAG = "docker-hub/library/busybox", "1.37"


class Story:
    """The story of deployments/blog-post.yaml."""

    def __init__(self, narrator: Narrator, emulator: Emulator, internet: Internet) -> None:
        registry = load(ROOT / DEPLOYMENT).registry
        region = registry.regions[0]
        self._narrator = narrator
        self._emulator = emulator
        self._internet = internet
        self._nodes = Nodes(emulator, role_name(registry.node_roles[0]), region)
        self._stack = f"shared-services-{region}"
        self._environment = emulator.environment_of(SHARED_SERVICES, region) | {
            "TF_VAR_docker_hub_username": LOGIN[0],
            "TF_VAR_docker_hub_access_token": LOGIN[1],
        }

    def run(self) -> None:
        """Do it all. Raises CommandFailed, Interrupted or UnexpectedPull."""
        step, say = self._narrator.step, self._narrator.say
        # Meanwhile the emulator starts.
        step(f"Synthesize {DEPLOYMENT}")
        self._narrator.synthesize(DEPLOYMENT)

        step("AWS and a Terraform module registry on loopback")
        say(f"The registry of account {SHARED_SERVICES.id} is empty. Its nodes have a role without permissions.")
        for account in (SHARED_SERVICES, MEMBER, STRANGER):
            self._nodes.create_role(account)

        step("Deploy")
        self._terraform("init")
        self._terraform("apply", "-auto-approve")
        step("Plan again")
        self._terraform("plan", "-detailed-exitcode")

        step("Pull images as nodes do")
        for account in (MEMBER, STRANGER):
            self._nodes.copy_policies(account)
        say(f"From {self._nodes.registry}. In every account the nodes' role has the same policy.")
        self._pull(AS_IN_THE_POST)

        step(f"Deploy with {REGISTRY_POLICY}")
        changed = self._narrator.folder / "managed.yaml"
        changed.write_text((ROOT / DEPLOYMENT).read_text().replace(NO_REGISTRY_POLICY, REGISTRY_POLICY))
        self._narrator.synthesize(changed)
        self._terraform("apply", "-auto-approve")
        self._pull(WITH_REGISTRY_POLICY)
        self._pull_real_image()

        step("Destroy")
        self._terraform("destroy", "-auto-approve")
        say("Repositories that pulls made are not Terraform's; on AWS they would stay:")
        say(", ".join(self._nodes.cached()))
        self._narrator.summary()

    def _terraform(self, *arguments: str) -> None:
        self._narrator.terraform(self._stack, *arguments, environment=self._environment)

    def _pull(self, pulls: tuple[Pull, ...]) -> None:
        for pull in pulls:
            self._narrator.commands.check()
            outcome = self._nodes.pull(pull)
            order = "first" if pull.first else "cached"
            self._narrator.pull(pull.account.name, pull.image, order, outcome, pull.note)
            if not pull.went(outcome):
                raise UnexpectedPull(f"This pull should have {'worked' if pull.works else 'been denied'}.")

    def _pull_real_image(self) -> None:
        """A first pull with bytes, a second one without the upstream, and a stranger's."""
        say, client = self._narrator.say, Client(self._narrator, self._internet)
        self._narrator.step("Pull a real image")
        say(f"The client is {client.name}. Docker Hub is on loopback too, with one image.")
        upstream = SampleRegistry(self._narrator.folder / "docker-hub")
        self._emulator.connect(self._internet)
        image = self._nodes.registry, REPOSITORY, TAG
        with serve(DockerHub(upstream, LOGIN)) as url:
            for host in DockerHub.HOSTS:
                self._internet.play(host, url)
            first = client.pull(*image, self._nodes.password(MEMBER))
        say(f"{MEMBER.name}, first: {REPOSITORY}:{TAG}", style="cyan")
        say(f"{first}, and Docker Hub has {upstream.digest}.")
        say("Docker Hub is switched off.")
        second = client.pull(*image, self._nodes.password(MEMBER))
        say(f"{MEMBER.name}, cached: {REPOSITORY}:{TAG}", style="cyan")
        say(second)
        if {first, second} != {upstream.digest}:
            raise UnexpectedPull("The digests should be equal.")
        say(f"{STRANGER.name}, cached: {REPOSITORY}:{TAG}", style="cyan")
        try:
            client.pull(*image, self._nodes.password(STRANGER))
        except CommandFailed as error:
            say(str(error), style="red")
        else:
            raise UnexpectedPull("This pull should have been denied.")
