"""The sandbox: two accounts of an emulator, or with CONFORMANCE=aws those of two profiles."""

import os
import secrets
from collections.abc import Iterator
from urllib.request import build_opener

import pytest
from botocore.session import Session

from emulator.aws import Emulator
from emulator.internet import Internet
from emulator.organization import MEMBERS, REGION, SHARED_SERVICES
from tests.aws import Aws
from tests.conformance.sandbox import SandboxAccounts

# AWS's documentation: changes of IAM take seconds until they count everywhere.
IAM_DELAY = 15


@pytest.fixture(scope="session")
def sandbox() -> Iterator[SandboxAccounts]:
    prefix = os.environ.get("CONFORMANCE_PREFIX", f"ptc-conf-{secrets.token_hex(3)}")
    if os.environ.get("CONFORMANCE") == "aws":
        yield from _in_aws(prefix)
    else:
        yield from _in_the_emulator(prefix)


def _in_aws(prefix: str) -> Iterator[SandboxAccounts]:
    profile = os.environ["AWS_PROFILE"]
    ours, other = Session(profile=profile), Session(profile=os.environ.get("OTHER_AWS_PROFILE", profile))
    region = str(ours.get_config_variable("region"))
    sandbox = SandboxAccounts(
        lambda service: ours.create_client(service, region_name=region),
        lambda service: other.create_client(service, region_name=region),
        region=region,
        prefix=prefix,
        opener=build_opener(),
        wait=IAM_DELAY,
        url=None,
    )
    yield sandbox


def _in_the_emulator(prefix: str) -> Iterator[SandboxAccounts]:
    with Emulator.start() as emulator, Internet() as internet:
        # Not connected: the upstream is taken to have every image.
        internet.play(r"\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com", emulator.url)
        aws = Aws(emulator)
        yield SandboxAccounts(
            lambda service: aws.client(service, SHARED_SERVICES),
            lambda service: aws.client(service, MEMBERS[0]),
            region=REGION,
            prefix=prefix,
            opener=internet.opener,
            wait=0,
            url=emulator.url,
        )
