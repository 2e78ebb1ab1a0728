"""The targets that deploy name their deployment file, and notice the state of another."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
ORGANIZATION = "deployments/organization.yaml"

Make = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Runs a target in a folder that has Makefile and cdktf.json. In place of cdktf, `echo` prints its arguments."""
    for name in ("Makefile", "cdktf.json"):
        shutil.copy(PROJECT / name, tmp_path)

    def make(target: str, deployment: str = "") -> subprocess.CompletedProcess[str]:
        done = ("-o", ".venv/runtime.txt", "-o", "node_modules/.package-lock.json")
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
        return subprocess.run(
            ["make", *done, target, "cdktf=echo cdktf"],
            cwd=tmp_path,
            env={**inherited, "DEPLOYMENT": deployment},
            capture_output=True,
            text=True,
            check=True,
        )

    return make


@pytest.mark.parametrize("target", ["diff", "deploy", "destroy"])
@pytest.mark.parametrize(
    ("deployment", "name"), [("", "deployments/blog-post.yaml"), (ORGANIZATION, ORGANIZATION)], ids=["default", "named"]
)
def test_a_target_names_its_deployment_file_first(make: Make, target: str, deployment: str, name: str) -> None:
    assert make(target, deployment).stdout.splitlines() == [f"Deployment file: {name}", f"cdktf {target}"]


@pytest.fixture
def deployed(make: Make, tmp_path: Path) -> Make:
    """Runs a target after a deploy of another file than the default, which wrote a state file."""
    make("deploy", ORGANIZATION)
    (tmp_path / "terraform.shared-services-eu-central-1.tfstate").write_text("{}")
    return make


@pytest.mark.parametrize("target", ["diff", "deploy", "destroy"])
def test_state_of_another_file_is_noticed(deployed: Make, target: str) -> None:
    assert deployed(target).stderr == (
        f"Warning: the last deploy here was of {ORGANIZATION}, whose state is in this folder. "
        f"For that file, set DEPLOYMENT={ORGANIZATION}\n"
    )


def test_state_of_the_same_file_is_no_warning(deployed: Make) -> None:
    assert deployed("diff", ORGANIZATION).stderr == ""


def test_without_a_state_file_there_is_no_warning(make: Make) -> None:
    make("deploy", ORGANIZATION)

    assert make("diff").stderr == ""
