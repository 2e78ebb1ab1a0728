"""A fault of the machine is one line with the remedy and exit code 2, and nothing is half-written."""

import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.images.conftest import deployment
from tests.images.test_hostile_text import NAMES, NEEDED

PROJECT = Path(__file__).parents[2]
AWS = {("check",), ("import",), ("settle",)}
"""The commands that fail before they print, because AWS does not answer."""
PRINTING = [[*path, *NEEDED.get(path, [])] for path in NAMES if path not in AWS and path not in ((), ("cluster",))]
FULL = "No space left on device; free some disk space, or write elsewhere"
TOO_LARGE = "File too large; raise the limit of file sizes, for example with `ulimit -f unlimited`"
Command = Callable[..., tuple[int, list[str]]]


@pytest.fixture
def command(tmp_path: Path) -> Command:
    """Runs a command in a folder, with its output to a file, and with a limit. Returns its exit code and its errors."""
    file = deployment(tmp_path)
    (tmp_path / "pods.yaml").write_text("image: quay.io/a/b\n---\n" * 1_000)

    def command(
        *arguments: str, output: str = "/dev/null", limit: tuple[int, int] | None = None, **environment: str
    ) -> tuple[int, list[str]]:
        with Path(output).open("wb") as stream:
            done = subprocess.run(
                [sys.executable, "-m", "pull_through_cache", *arguments],
                cwd=tmp_path,
                env={**os.environ, "PYTHONPATH": str(PROJECT), "DEPLOYMENT": str(file), **environment},
                input="image: quay.io/a/b\n",
                stdout=stream,
                stderr=subprocess.PIPE,
                text=True,
                preexec_fn=lambda: resource.setrlimit(limit[0], (limit[1], limit[1])) if limit else None,
            )
        return done.returncode, [line for line in done.stderr.splitlines() if "not through a cache" not in line]

    return command


@pytest.mark.parametrize(
    "arguments", [["--help"], *PRINTING, ["validate", "--json"], ["images", "--json"]], ids=" ".join
)
def test_output_to_a_full_disk(command: Command, arguments: list[str]) -> None:
    assert command(*arguments, output="/dev/full") == (2, [FULL])


@pytest.mark.parametrize("unbuffered", ["", "1"], ids=["buffered", "PYTHONUNBUFFERED"])
def test_output_of_which_a_part_is_written(command: Command, tmp_path: Path, unbuffered: str) -> None:
    file, limit = tmp_path / "picture.svg", (resource.RLIMIT_FSIZE, 1_000)

    assert command("picture", output=str(file), limit=limit, PYTHONUNBUFFERED=unbuffered) == (2, [TOO_LARGE])
    assert file.stat().st_size == 1_000


def test_a_temporary_file_that_does_not_fit(command: Command, tmp_path: Path) -> None:
    (tmp_path / "pods.yaml").write_text(
        "# a comment of about sixty characters, sixty characters\n" * 50_000 + "image: quay.io/a/b\n"
    )

    assert command("rewrite", "pods.yaml", limit=(resource.RLIMIT_FSIZE, 1_000)) == (2, [TOO_LARGE])


def test_a_file_that_is_changed_stays_whole(command: Command, tmp_path: Path) -> None:
    before = (tmp_path / "pods.yaml").read_text()

    assert command("rewrite", "--in-place", "pods.yaml", limit=(resource.RLIMIT_FSIZE, 1_000)) == (
        2,
        ["pods.yaml: cannot be replaced (File too large), and has not changed; write the output elsewhere"],
    )
    assert (tmp_path / "pods.yaml").read_text() == before
    assert sorted(each.name for each in tmp_path.iterdir()) == ["deployment.yaml", "pods.yaml"]


def test_a_closed_output_is_reported(tmp_path: Path) -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", f"exec '{sys.executable}' -m pull_through_cache validate >&-"],
        cwd=PROJECT,
        env={**os.environ, "DEPLOYMENT": str(deployment(tmp_path))},
        stderr=subprocess.PIPE,
        text=True,
    )

    line = "the standard output is closed; redirect it, for example to /dev/null\n"
    assert (done.returncode, done.stderr) == (2, line)


def test_too_little_memory_is_one_line_with_the_remedy() -> None:
    script = "from pull_through_cache import faults; bytearray(1 << 62)"
    done = subprocess.run([sys.executable, "-c", script], cwd=PROJECT, stderr=subprocess.PIPE, text=True)

    line = "Cannot allocate memory; free some memory, or raise its limit, for example with `ulimit -v unlimited`\n"
    assert (done.returncode, done.stderr) == (2, line)
