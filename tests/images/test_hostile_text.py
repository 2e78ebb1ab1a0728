"""No command writes text from outside to a terminal or a log as it is: one record is one line, whatever it contains.

The commands and their parameters are found in the command line itself, so a new one is tested too.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
import pytest
import yaml
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pull_through_cache.commands import commands
from tests.images.conftest import WORKLOADS, deployment
from tests.images.test_printing import is_plain

PROJECT = Path(__file__).parents[2]
PIECES = [
    "\x1b[31m",
    "\x1b]0;title\a",
    "\n",
    "\r",
    "\t",
    "\x00",
    "\x7f",
    "\x9b31m",
    "\u202e",
    "\u2028",
    "\u2029",
    "\u0085",
]
MORE = [
    "\u200b",
    "\ufeff",
    "\ue000",
    "\U000e0041",
    "[red]",
    "[link=http://a]b[/]",
    "::error ::forged",
    "a",
    "/",
    ":",
    "=",
]
HOSTILE = st.lists(st.sampled_from(PIECES + MORE), min_size=1, max_size=6).map("".join)
ARGUMENT = HOSTILE.map(lambda text: text.replace("\x00", "x"))  # neither arguments nor names of files can hold NUL
QUICKLY = settings(
    max_examples=settings().max_examples // 5, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def found(group: click.Group, *above: str) -> Iterator[tuple[str, ...]]:
    """The names of every command and group in `group`."""
    yield above
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from found(command, *above, name)
        else:
            yield *above, name


def named(path: tuple[str, ...]) -> click.Command:
    command: click.Command = commands
    for name in path:
        assert isinstance(command, click.Group)
        command = command.commands[name]
    return command


NAMES = list(found(commands))
NEEDED: dict[tuple[str, ...], list[str]] = {("image",): ["nginx"]}
"""The arguments without which a command does not start."""

SETTINGS = [
    f"AWS_{name}"
    for name in (
        "CONFIG_FILE",
        "CREDENTIAL_EXPIRATION",
        "DEFAULT_REGION",
        "ENDPOINT_URL",
        "ENDPOINT_URL_ECR",
        "MAX_ATTEMPTS",
        "PROFILE",
        "REGION",
        "RETRY_MODE",
        "SHARED_CREDENTIALS_FILE",
    )
]
"""Environment variables of AWS's SDK that its errors quote."""


@pytest.fixture(autouse=True)
def no_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS does not answer."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_MAX_ATTEMPTS"):
        monkeypatch.setenv(name, "1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")


def run(*arguments: str, stdin: str = "", **environment: str) -> Result:
    return CliRunner().invoke(commands, arguments, input=stdin, env=environment, catch_exceptions=False)


def assert_plain(result: Result, *, is_content: bool = False) -> None:
    """Checks what a command printed; with `is_content`, its standard output is the content of a file."""
    printed = result.stderr if is_content else result.output.replace("\t", "")
    assert [line for line in printed.split("\n") if not is_plain(line)] == []
    assert not re.search(r"^\s*::|##\[|##vso\[", printed, re.MULTILINE)


@pytest.mark.parametrize("path", NAMES, ids=" ".join)
@QUICKLY
@given(text=ARGUMENT, data=st.data())
def test_arguments(path: tuple[str, ...], text: str, data: st.DataObject) -> None:
    options = [
        option
        for parameter in named(path).params
        for option in (parameter.opts if isinstance(parameter, click.Option) and not parameter.is_flag else [])
    ]
    start = data.draw(st.sampled_from([["--", text], [f"--{text}"], *([option, text] for option in options)]))
    with TemporaryDirectory() as folder:
        file = deployment(Path(folder), more=WORKLOADS)

        assert_plain(run(*path, *start, *NEEDED.get(path, []), stdin="image: nginx\n", DEPLOYMENT=str(file)))


@pytest.mark.parametrize("path", NAMES, ids=" ".join)
@QUICKLY
@given(name=ARGUMENT)
def test_the_name_of_the_deployment_file(path: tuple[str, ...], name: str) -> None:
    name = name.replace("/", "x")
    with TemporaryDirectory() as folder:
        file = deployment(Path(folder)).rename(Path(folder, name))

        for environment in (str(file), f"{file}-missing"):
            result = run(*path, *NEEDED.get(path, []), stdin="image: nginx\n", DEPLOYMENT=environment)
            assert_plain(result)


@pytest.mark.parametrize("path", NAMES, ids=" ".join)
@QUICKLY
@given(name=st.sampled_from(SETTINGS), text=ARGUMENT)
def test_the_settings_of_aws(path: tuple[str, ...], name: str, text: str) -> None:
    with TemporaryDirectory() as folder:
        environment = {"DEPLOYMENT": str(deployment(Path(folder))), name: text}

        assert_plain(run(*path, *NEEDED.get(path, []), stdin="image: nginx\n", **environment))


@pytest.mark.parametrize(
    "options",
    [
        ["images"],
        ["images", "--json"],
        ["rewrite"],
        *(["rewrite", f"--{mode}"] for mode in ("check", "diff", "in-place")),
    ],
    ids=" ".join,
)
@QUICKLY
@given(name=ARGUMENT, key=HOSTILE, value=HOSTILE, image=HOSTILE)
@example("a", "b", "c", "nginx\n::error ::forged")
def test_files(options: list[str], name: str, key: str, value: str, image: str) -> None:
    document = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": value}, key: {"image": f"nginx:{image}"}}
    dockerfile = f"FROM nginx:{image} AS {value}\nFROM quay.io/{key}\n"
    with TemporaryDirectory() as folder:
        environment = {"DEPLOYMENT": str(deployment(Path(folder)))}
        files = {
            f"{name.replace('/', 'x')}.yaml": json.dumps(document),
            "list.yaml": f'- image: "nginx"\n- {key}: {value}\n',
            "Dockerfile": dockerfile,
            "kustomization.yaml": json.dumps({"images": [{"name": image, "newName": value}], key: value}),
        }
        for file, content in files.items():
            path = Path(folder, file)
            path.write_text(content, errors="replace")
            assert_plain(run(*options, str(path), **environment), is_content=options == ["rewrite"])


def places(data: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The place of every text in `data`, and of every key, which ends with None."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield *above, key, None
            yield from places(value, (*above, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from places(value, (*above, index))
    elif isinstance(data, str):
        yield above


def changed(data: Any, place: tuple[Any, ...], text: str) -> Any:
    """A copy of `data`, with `text` at the end of what is at `place`."""
    if not place:
        return f"{data}{text}"
    first, *rest = place
    if isinstance(data, list):
        return [changed(value, tuple(rest), text) if index == first else value for index, value in enumerate(data)]
    if rest == [None]:
        return {f"{key}{text}" if key == first else key: value for key, value in data.items()}
    return {key: changed(value, tuple(rest), text) if key == first else value for key, value in data.items()}


EVERYTHING = {
    file.name: yaml.safe_load(file.read_text())
    for file in ((PROJECT / "deployments" / name) for name in ("every-setting.yaml", "every-upstream.yaml"))
}
PLACES = [(name, place) for name, data in EVERYTHING.items() for place in places(data)]


@pytest.mark.parametrize("path", [path for path in NAMES if path], ids=" ".join)
@QUICKLY
@given(place=st.sampled_from(PLACES), text=HOSTILE)
def test_deployments(path: tuple[str, ...], place: tuple[str, tuple[Any, ...]], text: str) -> None:
    with TemporaryDirectory() as folder:
        file = Path(folder, "deployment.yaml")
        file.write_text(json.dumps(changed(EVERYTHING[place[0]], place[1], text)))

        assert_plain(run(*path, *NEEDED.get(path, []), stdin="image: nginx\n", DEPLOYMENT=str(file)))


def test_an_error_without_a_message_of_ours() -> None:
    program = (
        "from pull_through_cache import faults\nraise RuntimeError('x\\x1b[31m\\n::error ::forged\\u202e\\u2028y')"
    )

    done = subprocess.run([sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True)

    *_, first, second, third = done.stderr.splitlines()
    assert done.returncode == 2
    assert (first, second, third) == ("RuntimeError: x\\x1b[31m", "\\x3a:error ::forged\\u202e", "y")
