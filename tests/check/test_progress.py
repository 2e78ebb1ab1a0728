"""`check` and `settle` over many repositories show on a terminal how far they are, and nothing elsewhere."""

import os
import pty
import subprocess
import sys
import threading

import pytest

from tests.check.worlds import World

MANY = 30


@pytest.fixture
def many(world: World) -> World:
    for number in range(MANY):
        world.repository(f"quay/app-{number}")
    return world


def run(world: World, *command: str, **environment: str) -> tuple[str, str]:
    """What the command prints on standard output, a pipe, and on standard error, a terminal of 80 columns."""
    ours, theirs = pty.openpty()
    printed: list[bytes] = []
    reader = threading.Thread(target=_read, args=(ours, printed))
    reader.start()
    settings = {**os.environ, **world.emulator.environment, "TERM": "xterm", "COLUMNS": "80", **environment}
    done = subprocess.run(
        [sys.executable, "-m", "pull_through_cache", *command, str(world.file)],
        stdout=subprocess.PIPE,
        stderr=theirs,
        env=settings,
        check=False,
    )
    os.close(theirs)
    reader.join()
    os.close(ours)
    return done.stdout.decode(), b"".join(printed).decode()


def _read(terminal: int, printed: list[bytes]) -> None:
    try:
        while data := os.read(terminal, 4096):
            printed.append(data)
    except OSError:  # Linux's end of a terminal
        pass


@pytest.mark.parametrize("command", ["check", "settle"])
def test_reading_on_a_terminal(many: World, command: str) -> None:
    output, terminal = run(many, command)
    assert "us-east-1: repositories" in terminal
    assert f"{MANY}/{MANY}" in terminal
    assert "\x1b" not in output


def test_changing_on_a_terminal(many: World) -> None:
    many.emulator.fail("ecr:SetRepositoryPolicy", "AccessDeniedException")
    _, terminal = run(many, "settle", "--apply", "--yes")
    assert f"{MANY}/{MANY}" in terminal
    [failure] = [line for line in terminal.splitlines() if ": policy: failed: " in line]
    assert (
        "(AccessDeniedException) when calling the SetRepositoryPolicy operation" in failure
    )  # longer than the terminal
    assert f"{MANY - 1} changed, 1 failed" in terminal


def test_a_dumb_terminal_gets_no_sequences(many: World) -> None:
    _, terminal = run(many, "check", TERM="dumb")
    assert "\x1b" not in terminal


@pytest.mark.parametrize("command", ["check", "settle"])
def test_in_a_pipeline_nothing(many: World, command: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pull_through_cache", command, str(many.file)],
        capture_output=True,
        env={**os.environ, **many.emulator.environment},
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, b"")
