"""What pipelines run: the steps of the GitHub Action, the GitLab job, and the commands of the pre-commit hooks."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from pull_through_cache import __version__
from tests.packaging.conftest import PROJECT, run

pytestmark = pytest.mark.slow

CACHED = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/docker-hub/library/nginx"
STEPS: list[dict[str, Any]] = yaml.safe_load((PROJECT / "action.yml").read_text())["runs"]["steps"]
PIP = {name: value for name, value in os.environ.items() if name.startswith("PIP_") or name == "HOME"}
HOOKS = {hook["id"]: hook for hook in yaml.safe_load((PROJECT / ".pre-commit-hooks.yaml").read_text())}


def bash(script: str, programs: Path, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs a script as GitHub does, with the installed package."""
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
    return subprocess.run(
        command, cwd=folder, env={"PATH": path, **environment}, capture_output=True, text=True, check=False
    )


@pytest.fixture
def annotate(programs: Path, folder: Path) -> Any:
    """The last step of the action, which reports images."""
    script = STEPS[-1]["run"]
    return lambda files: bash(script, programs, folder, DEPLOYMENT="deployment.yaml", FILES=files)


# GitHub, actions/toolkit, command.ts: a property has no `%` and no `,`.
@pytest.mark.parametrize(("name", "shown"), [("pod.yaml", "pod.yaml"), ("a,b,50%.yaml", "a%2Cb%2C50%25.yaml")])
def test_the_action_annotates_an_image(annotate: Any, folder: Path, name: str, shown: str) -> None:
    (folder / name).write_text("kind: Pod\nimage: nginx\n")

    done = annotate(f"{name}\n")

    assert (done.returncode, done.stdout) == (1, f"::error file={shown},line=2::image: nginx could be {CACHED}\n")


def test_the_action_passes_where_all_images_are_cached(annotate: Any, folder: Path) -> None:
    (folder / "pod.yaml").write_text(f"image: {CACHED}\n")

    done = annotate("pod.yaml\n")

    assert (done.returncode, done.stdout) == (0, "")


def test_a_file_name_cannot_be_a_command_for_the_runner(annotate: Any, folder: Path) -> None:
    name = "::add-mask::x.yaml"
    (folder / name).write_text("image: nginx\n---\nimage: gcr.io/a/b\n")

    done = annotate(f"{name}\n")

    assert done.returncode == 1
    lines = [*done.stdout.splitlines(), *done.stderr.splitlines()]
    assert [line for line in lines if not line.startswith(("::error", "Note: "))] == []


def test_the_action_installs_what_it_runs(folder: Path) -> None:
    (folder / "pod.yaml").write_text("image: nginx\n")
    (folder / "a runner").mkdir()
    added = folder / "path"
    variables = {"RUNNER_TEMP": str(folder / "a runner"), "GITHUB_ACTION_PATH": str(PROJECT), "GITHUB_PATH": str(added)}
    _, install, report = STEPS

    installed = bash(install["run"], Path(sys.executable).parent, folder, **PIP, **variables)
    assert installed.returncode == 0, installed.stderr
    done = bash(report["run"], Path(added.read_text().strip()), folder, DEPLOYMENT="deployment.yaml", FILES="pod.yaml")

    assert (done.returncode, done.stdout) == (1, f"::error file=pod.yaml,line=1::image: nginx could be {CACHED}\n")


def test_the_gitlab_job_installs_what_it_runs(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    (folder / "pod.yaml").write_text("image: nginx\n")
    clone = tmp_path_factory.mktemp("repository")
    run("git", "clone", "--quiet", "--no-local", PROJECT, clone, cwd=clone)
    run("git", "tag", "--force", f"v{__version__}", cwd=clone)
    run(sys.executable, "-m", "venv", clone / "venv", cwd=clone)
    job = yaml.safe_load((PROJECT / "examples/pipelines/.gitlab-ci.yml").read_text())["cached-image-names"]
    _, *script = job["script"]  # the first line installs git

    variables = {**PIP, **job["variables"], "REPOSITORY": f"file://{clone}"}
    done = bash("\n".join(script), clone / "venv" / "bin", folder, **variables)

    assert (done.returncode, done.stdout) == (1, f"pod.yaml:1: image: nginx could be {CACHED}\n"), done.stderr


@pytest.mark.parametrize(
    ("hook", "arguments", "code"),
    [
        pytest.param("pull-through-cache-validate", [], 0, id="validate"),
        pytest.param("pull-through-cache-validate", ["pod.yaml"], 2, id="validate another file"),
        pytest.param("pull-through-cache-rewrite", ["pod.yaml"], 1, id="rewrite"),
    ],
)
def test_a_hook(programs: Path, folder: Path, hook: str, arguments: list[str], code: int) -> None:
    (folder / "pod.yaml").write_text("image: nginx\n")

    environment = {"DEPLOYMENT": "deployment.yaml"}
    done = bash(shlex.join([*shlex.split(HOOKS[hook]["entry"]), *arguments]), programs, folder, **environment)

    assert done.returncode == code, done.stderr


def test_ci_runs_the_whole_gate() -> None:
    workflow = yaml.safe_load((PROJECT / ".github" / "workflows" / "ci.yml").read_text())

    assert workflow["jobs"]["everything"]["steps"][-1]["run"].endswith(" .ci/run")


@pytest.mark.parametrize("file", [".github/workflows/ci.yml", "action.yml"])
def test_every_action_is_pinned_to_a_commit_with_its_version(file: str) -> None:
    used = re.findall(r"uses: (.*)", (PROJECT / file).read_text())

    assert used
    assert [line for line in used if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40}  # v\d+\.\d+\.\d+", line)] == []
