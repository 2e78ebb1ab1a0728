"""Text in AWS that could forge lines of a log, or act on a terminal, is printed escaped by the commands that read AWS."""

import os
import pty
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from emulator.organization import SHARED_SERVICES
from tests.aws import allow
from tests.check.worlds import OUR_ORGANIZATION, PULL, World
from tests.images.test_printing import is_plain

PROJECT = Path(__file__).parents[2]
TEXT = "x\x1b[31m\n::error ::forged\u202e\u2028[red]"
COMMANDS = [["check"], ["check", "--json"], ["settle"], ["import", "--region", "us-east-1"]]


@pytest.fixture
def hostile(world: World) -> World:
    """A registry in which everything that AWS accepts as text is hostile."""
    condition = {"StringEquals": {**OUR_ORGANIZATION["StringEquals"], "aws:PrincipalTag/team": TEXT}}
    statement = allow(*PULL, principal="*", condition=condition)
    world.repository("quay/app", statement, tags=[{"Key": "team", "Value": TEXT}])
    world.template("quay", resourceTags=[{"Key": "team", "Value": TEXT}], description=TEXT)
    world.grant("eks-nodes", allow(*PULL, condition=condition) | {"Resource": f"arn:aws:ecr:*:*:repository/{TEXT}"})
    world.secret_value(f'{{"username": "{TEXT}"')
    return world


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_output_in_a_log(hostile: World, command: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pull_through_cache", *command],
        cwd=PROJECT,
        env={**os.environ, **hostile.emulator.environment_of(SHARED_SERVICES), "DEPLOYMENT": str(hostile.file)},
        capture_output=True,
        text=True,
    )

    lines = [*done.stdout.splitlines(), *done.stderr.splitlines()]
    assert (done.returncode < 2, len(lines) > 1) == (True, True)
    assert [line for line in lines if not is_plain(line.replace("\t", "")) or line.startswith("::")] == []


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_output_on_a_terminal(hostile: World, command: list[str]) -> None:
    leader, follower = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "pull_through_cache", *command],
        cwd=PROJECT,
        env={
            **os.environ,
            **hostile.emulator.environment_of(SHARED_SERVICES),
            "DEPLOYMENT": str(hostile.file),
            "TERM": "dumb",
        },
        stdout=follower,
        stderr=subprocess.DEVNULL,
    ) as process:
        os.close(follower)
        shown = b""
        with suppress(OSError):  # Linux's way to say that a terminal has no other end any more
            while piece := os.read(leader, 10_000):
                shown += piece
        assert process.wait() < 2
    os.close(leader)

    assert [line for line in shown.decode().splitlines() if not is_plain(line)] == []
