"""The package works where only its wheel is installed."""

import subprocess
from pathlib import Path

import pytest

from tests.packaging.conftest import run

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    "program", [["pull-through-cache"], ["python", "-m", "pull_through_cache"]], ids=["script", "-m"]
)
def test_image_gives_the_cached_name(programs: Path, folder: Path, program: list[str]) -> None:
    cached = run(programs / program[0], *program[1:], "image", "nginx:1.27", cwd=folder)

    assert cached == "123456789012.dkr.ecr.eu-central-1.amazonaws.com/docker-hub/library/nginx:1.27\n"


def test_a_manifest_is_rewritten(programs: Path, folder: Path) -> None:
    (folder / "pod.yaml").write_text("image: nginx\n")

    rewritten = run(programs / "pull-through-cache", "rewrite", "pod.yaml", cwd=folder)

    assert rewritten == "image: 123456789012.dkr.ecr.eu-central-1.amazonaws.com/docker-hub/library/nginx\n"


@pytest.mark.parametrize(
    "command",
    ["validate", "picture", "cluster admission", "cluster containerd", "--version", "check --help"],
)
def test_a_command_needs_nothing_else(programs: Path, folder: Path, command: str) -> None:
    assert run(programs / "pull-through-cache", *command.split(), cwd=folder)


def test_the_environment_has_neither_cdktf_nor_node(programs: Path) -> None:
    [packages] = programs.parent.glob("lib/python*/site-packages")

    assert [path.name for path in packages.iterdir() if path.name.startswith(("cdktf", "jsii", "nodejs"))] == []


def test_constructs_without_their_extra_name_it(programs: Path, folder: Path) -> None:
    command = [str(programs / "python"), "-c", "import pull_through_cache.constructs"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)

    assert done.stderr.splitlines()[-1].endswith("install `ecr-pull-through-caches[cdktf]`")
