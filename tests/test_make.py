"""The targets that deploy name their deployment file, and notice the state of another."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
DEFAULT, ORGANIZATION = "deployments/blog-post.yaml", "deployments/organization.yaml"
WARNING = (
    f"Warning: the last deploy here was of {ORGANIZATION}, whose state is in this folder. "
    f"For that file, set DEPLOYMENT={ORGANIZATION}\n"
)
CDKTF = """\
#!/bin/sh
[ -z "$STATE" ] || echo "$STATE" > terraform.shared-services-eu-central-1.tfstate
echo cdktf "$@"
exit "$CODE"
"""
PYTHON = """\
#!/bin/sh
echo python "$@"
exit "$SYNTHESIS"
"""

Make = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Runs a target in a folder that has the Makefile and deployment files. In place of Python and cdktf, scripts print
    their arguments. That for cdktf writes a state with `resources`, unless they are None, and ends with `code`.
    """
    for name in ("Makefile", "cdktf.json"):
        shutil.copy(PROJECT / name, tmp_path)
    shutil.copytree(PROJECT / "deployments", tmp_path / "deployments")
    for name, script in {"cdktf": CDKTF, "python": PYTHON}.items():
        (tmp_path / name).write_text(script)
        (tmp_path / name).chmod(0o755)

    def make(
        target: str,
        deployment: str = "",
        stack: str = "",
        *,
        resources: list[object] | None = None,
        code: int = 0,
        synthesis: int = 0,
        terraform: str = "true",
    ) -> subprocess.CompletedProcess[str]:
        done = ("-o", ".venv/runtime.txt", "-o", "node_modules/.package-lock.json")
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
        state = "" if resources is None else json.dumps({"version": 4, "resources": resources}, indent=2)
        variables = {"DEPLOYMENT": deployment, "TERRAFORM_BINARY_NAME": terraform, "STATE": state, "CODE": str(code)}
        variables |= {"SYNTHESIS": str(synthesis), "STACK": stack}
        return subprocess.run(
            ["make", "--silent", *done, target, "cdktf=./cdktf", "python=./python"],
            cwd=tmp_path,
            env={**inherited, **variables},
            capture_output=True,
            text=True,
            check=False,
        )

    return make


@pytest.mark.parametrize("target", ["diff", "deploy", "destroy"])
@pytest.mark.parametrize(
    ("deployment", "name"), [("", DEFAULT), (ORGANIZATION, ORGANIZATION)], ids=["default", "named"]
)
def test_a_target_names_its_deployment_file_first(make: Make, target: str, deployment: str, name: str) -> None:
    done = make(target, deployment)

    states = f"python -m stacks.states {name}"
    expected = [f"Deployment file: {name}", "python main.py", states, f"cdktf {target} --skip-synth"]
    assert (done.returncode, done.stdout.splitlines()) == (0, expected)


@pytest.mark.parametrize("target", ["diff", "deploy", "destroy"])
@pytest.mark.parametrize("stack", ["*", "workload-shop workload-search"])
def test_the_stacks_are_those_of_the_command(make: Make, target: str, stack: str) -> None:
    *_, states, cdktf = make(target, stack=stack).stdout.splitlines()

    assert (states, cdktf) == (f"python -m stacks.states {DEFAULT} {stack}", f"cdktf {target} --skip-synth {stack}")


@pytest.mark.parametrize("target", ["diff", "deploy", "destroy"])
def test_nothing_runs_after_a_synthesis_that_failed(make: Make, target: str) -> None:
    done = make(target, synthesis=2)

    assert done.stdout.splitlines() == [f"Deployment file: {DEFAULT}", "python main.py"]
    assert done.returncode != 0


@pytest.mark.parametrize("target", ["diff", "deploy", "destroy"])
def test_a_missing_terraform_is_reported(make: Make, target: str) -> None:
    done = make(target, terraform="no-terraform")

    assert done.stdout.splitlines() == [f"Deployment file: {DEFAULT}"]
    assert done.stderr.startswith("terraform is not on PATH: install it")


@pytest.fixture
def deployed(make: Make) -> Make:
    """Runs a target after a deploy of another file than the default, with a resource as of a policy document."""
    make("deploy", ORGANIZATION, resources=[{"statement": {"resources": []}}])
    return make


@pytest.mark.parametrize("target", ["diff", "deploy", "destroy"])
def test_state_of_another_file_is_noticed(deployed: Make, target: str) -> None:
    assert deployed(target).stderr == WARNING


def test_a_deploy_that_failed_halfway_counts(make: Make) -> None:
    assert make("deploy", ORGANIZATION, resources=["rule"], code=1).returncode != 0

    assert make("diff").stderr == WARNING


def test_a_deploy_that_was_canceled_does_not_count(deployed: Make) -> None:
    deployed("deploy", code=1)

    assert deployed("diff").stderr == WARNING


@pytest.mark.parametrize("deployment", [ORGANIZATION, f"./{ORGANIZATION}"])
def test_state_of_the_same_file_is_no_warning(deployed: Make, deployment: str) -> None:
    assert deployed("diff", deployment).stderr == ""


def test_an_empty_state_is_no_warning(deployed: Make) -> None:
    deployed("destroy", ORGANIZATION, resources=[])

    assert deployed("diff").stderr == ""


def test_without_a_state_file_there_is_no_warning(make: Make) -> None:
    make("deploy", ORGANIZATION)

    assert make("diff").stderr == ""
