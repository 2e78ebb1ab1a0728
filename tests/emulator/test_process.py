"""The emulator's process: it listens on loopback only, and always ends."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, build_opener

import pytest

from emulator.aws import Emulator
from emulator.organization import MEMBERS
from tests.aws import Aws

ROOT = Path(__file__).parents[2]
STARTER = """
import sys, emulator.aws as aws
e = aws.Emulator.start(); e.calls()  # moto is loaded now
print(e.url, flush=True); sys.stdin.read()
"""
BY_HAND = """
import subprocess, sys
p = subprocess.Popen([sys.executable, "-m", "emulator"]); print(p.pid, flush=True); p.wait()
"""


def ended(url: str) -> bool:
    """Wait until the connection is reset or refused. Then the process has ended."""
    address = urlsplit(url)
    try:
        with socket.create_connection((address.hostname, address.port), timeout=10) as connection:
            return connection.recv(1) == b""
    except ConnectionError:
        return True


def start(*arguments: str, stderr: IO[bytes] | None = None) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=stderr,
    )


def url_of(process: "subprocess.Popen[bytes]") -> str:
    """The address in its first line."""
    assert process.stdout
    return process.stdout.readline().decode().strip().removeprefix("export AWS_ENDPOINT_URL=")


@pytest.fixture(scope="module")
def stderr(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("another emulator") / "stderr"


@pytest.fixture(scope="module")
def another(stderr: Path) -> Iterator[Emulator]:
    """An emulator from the command line, in addition to that of the other tests. Its standard error goes to a file."""
    with stderr.open("wb") as file, start("-m", "emulator", stderr=file) as process:
        yield Emulator(url_of(process), process)
        process.terminate()


def test_two_emulators_have_nothing_in_common(aws: Aws, another: Emulator) -> None:
    another.reset()
    aws.client("sts").get_caller_identity()
    assert (aws.emulator.calls(), another.calls()) == (["sts:GetCallerIdentity"], [])


def test_it_listens_on_loopback(emulator: Emulator) -> None:
    assert urlsplit(emulator.url).hostname == "127.0.0.1"


def test_answers_arrive_in_one_piece(aws: Aws) -> None:
    address = urlsplit(aws.emulator.url)
    for _ in range(50):  # two pieces can be there at once, but hardly every time
        with socket.create_connection((address.hostname, address.port), timeout=10) as connection:
            connection.sendall(b"POST /emulator/calls HTTP/1.1\r\nX-Emulator-Control: 1\r\nContent-Length: 2\r\n\r\n{}")
            assert connection.recv(1 << 16).endswith(b"\r\n\r\n[]")


def test_calls_that_wait_for_others_print_no_warning(another: Emulator, stderr: Path) -> None:
    another.reset()
    another.delay("unsigned:GET /", seconds=0.1, times=50)
    opener = build_opener(ProxyHandler({}))
    with ThreadPoolExecutor(50) as pool:
        for call in [pool.submit(opener.open, another.url, timeout=10) for _ in range(50)]:
            call.exception()
    assert another.calls() == ["unsigned:GET /"] * 50
    assert stderr.read_text() == ""


def test_it_ends_when_stopped() -> None:
    with Emulator.start() as emulator:
        pass
    assert ended(emulator.url)


def test_it_ends_with_the_process_that_started_it() -> None:
    with start("-c", STARTER) as process:
        url = url_of(process)
        process.kill()
    assert ended(url)


def test_from_the_command_line_it_lives_until_it_is_ended() -> None:
    with start("-c", BY_HAND) as process:
        assert process.stdout
        command = int(process.stdout.readline())
        url = url_of(process)
        process.kill()
    build_opener(ProxyHandler({})).open(url, timeout=60).close()
    os.kill(command, signal.SIGTERM)
    assert ended(url)


def test_help_starts_nothing() -> None:
    with start("-m", "emulator", "--help") as process:
        output, _ = process.communicate()
    assert (process.returncode, output.startswith(b"usage: python -m emulator"), b"export" in output) == (
        0,
        True,
        False,
    )


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_from_the_command_line(ending: signal.Signals) -> None:
    # A shell ignores SIGINT for jobs in the background, which would be inherited.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with start("-m", "emulator") as command:
        url = url_of(command)
        command.send_signal(ending)
        command.communicate()
        status = command.wait(timeout=10)
    assert url.startswith("http://127.0.0.1:")
    assert (status, ended(url)) == (0, True)


def test_the_environment_uses_standard_variables_only(emulator: Emulator) -> None:
    assert emulator.environment == {
        "AWS_ENDPOINT_URL": emulator.url,
        "AWS_ACCESS_KEY_ID": "EMULATOR123456789012",
        "AWS_SECRET_ACCESS_KEY": "emulator",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def test_the_environment_of_another_account(emulator: Emulator) -> None:
    environment = emulator.environment_of(MEMBERS[0], region="eu-west-1")
    assert (environment["AWS_ACCESS_KEY_ID"], environment["AWS_REGION"]) == (MEMBERS[0].access_key_id, "eu-west-1")
