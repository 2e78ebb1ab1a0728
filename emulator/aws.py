"""AWS on loopback, with the ECR calls for pull through caches, in a process of its own."""

import json
import socket
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, Self
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

from emulator.internet import Internet
from emulator.organization import EXAMPLE, REGION, SHARED_SERVICES, Account, Organization
from emulator.outcomes import CONTROL_HEADER, Outcome

LAYER_BUCKETS = r"prod-[a-z0-9-]+-starport-layer-bucket\.s3\.[a-z0-9-]+\.amazonaws\.com"


class Emulator:
    """A running emulator. Every account starts empty, with an administrator that has a known access key.

    Example::

        with Emulator.start() as emulator:
            subprocess.run(["terraform", "apply"], env=os.environ | emulator.environment)
            outcome = emulator.pull(f"{registry}/quay/argoproj/argocd:v3.0.0", node_role_arn)
    """

    def __init__(self, url: str, process: subprocess.Popen[bytes]) -> None:
        self.url = url
        self._process = process
        # Loopback never goes through a proxy.
        self._opener = build_opener(ProxyHandler({}))

    @classmethod
    def start(cls, organization: Organization = EXAMPLE) -> Self:
        """Start on a free port, with the accounts of this organization.

        Return immediately: the first request waits half a second, until moto is loaded.
        """
        with socket.create_server(("127.0.0.1", 0)) as listener:
            descriptor = listener.fileno()
            process = subprocess.Popen(
                [sys.executable, "-m", "emulator.process", str(descriptor), json.dumps(asdict(organization))],
                stdin=subprocess.PIPE,
                pass_fds=[descriptor],
                start_new_session=True,
                cwd=Path(__file__).parents[1],
            )
            return cls(f"http://127.0.0.1:{listener.getsockname()[1]}", process)

    @property
    def process_id(self) -> int:
        return self._process.pid

    def stop(self) -> None:
        """End the process; everything in it is lost."""
        self._process.kill()
        self._process.communicate()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def environment(self) -> dict[str, str]:
        """Environment variables that make Terraform, the AWS CLI, and SDKs use the emulator as the shared services account."""
        return self.environment_of(SHARED_SERVICES)

    def environment_of(self, account: Account, region: str = REGION) -> dict[str, str]:
        """The same variables for another account or Region."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": account.access_key_id,
            "AWS_SECRET_ACCESS_KEY": "emulator",
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def pull(self, image: str, role: str) -> Outcome:
        """Pull ``<account>.dkr.ecr.<region>.amazonaws.com/<repository>:<tag>`` as the role (an ARN) of any account.

        Creates the repository and caches the image as ECR would. Nothing is downloaded to the caller.
        Raises ValueError when there is no such role, or the image is not in ECR.
        """
        return Outcome.from_json(self._post("pull", image=image, role=role))

    def connect(self, internet: Internet) -> None:
        """From now on, pulls fetch from upstream registries on ``internet``, which also serves every account's registry.

        Until then, every image exists in every upstream, and an image has no layers.
        """
        for host in (r"\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com", LAYER_BUCKETS):
            internet.play(host, self.url)
        self._post("internet", proxy=internet.proxy, certificates=str(internet.authority.certificate))

    def advance(self, hours: float) -> None:
        """Move the emulator's clock forward: tokens expire, and tags may be fetched again. ``reset`` sets it back."""
        self._post("clock", seconds=hours * 3600)

    def push(self, image: str, role: str) -> Outcome:
        """Push as the role, if its policies allow it. Raises ValueError as ``pull`` does."""
        return Outcome.from_json(self._post("push", image=image, role=role))

    def add_secret(self, arn: str, username: str, access_token: str) -> None:
        """Create a secret for an upstream registry, with this ARN; nothing if it exists.

        With Secrets Manager's API, the last characters of the ARN are random.
        """
        self._post("secret", arn=arn, username=username, access_token=access_token)

    def fail(self, action: str, error: str = "InternalFailure", times: int = 1) -> None:
        """Make the next calls of ``action`` (``ecr:PutRegistryPolicy``) fail.

        ``error``: InternalFailure, ThrottlingException, AccessDeniedException or RepositoryNotFoundException.
        """
        self._post("faults", action=action, times=times, seconds=0, error=error)

    def delay(self, action: str, seconds: float, times: int = 1) -> None:
        """Answer the next calls of ``action`` late, by at most 30 seconds."""
        self._post("faults", action=action, times=times, seconds=seconds, error=None)

    def calls(self) -> list[str]:
        """The AWS calls received since the start or the last reset, in order: ``sts:GetCallerIdentity``, …"""
        calls: list[str] = self._post("calls")
        return calls

    def authorize(self) -> None:
        """From now on evaluate the identity policies of the caller at every call, until the next reset."""
        self._post("authorize")

    def permissions(self) -> list[str]:
        """The actions that calls since ``authorize`` were allowed, in order."""
        permissions: list[str] = self._post("permissions")
        return permissions

    def snapshot(self) -> int:
        """Save the content of every account. Pass the returned number to ``reset`` to restore it."""
        number: int = self._post("snapshot")
        return number

    def reset(self, snapshot: int = 0) -> None:
        """Restore a snapshot, by default empty accounts, and forget calls and faults.

        Raises ValueError when there is no such snapshot.
        """
        self._post("reset", snapshot=snapshot)

    def _post(self, endpoint: str, **body: Any) -> Any:
        headers = {"Content-Type": "application/json", CONTROL_HEADER: "1"}
        # S310: the address is ours, on loopback.
        request = Request(f"{self.url}/emulator/{endpoint}", json.dumps(body).encode(), headers)  # noqa: S310
        try:
            with self._opener.open(request, timeout=60) as response:
                return json.load(response)
        except HTTPError as error:
            raise ValueError(json.load(error)["message"]) from None
