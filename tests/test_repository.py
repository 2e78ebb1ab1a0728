"""What git leaves out of a commit."""

import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
STACK = "cdktf.out/stacks/shared-services-eu-central-1"


@pytest.fixture
def committing_output(tmp_path: Path) -> Path:
    """A repository that commits cdktf.out, as docs/pipelines.md describes."""
    lines = (PROJECT / ".gitignore").read_text().splitlines(keepends=True)
    (tmp_path / ".gitignore").write_text("".join(line for line in lines if line != "cdktf.out/\n"))
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    return tmp_path


@pytest.mark.parametrize(
    "file",
    [
        f"{STACK}.tfplan",
        f"{STACK}/plan.tfplan",
        f"{STACK}/default.tfplan.json",
        f"{STACK}/.terraform/terraform.tfstate",
        f"{STACK}/terraform.tfstate",
        "terraform.shared-services-eu-central-1.tfstate",
        "terraform.shared-services-eu-central-1.tfstate.backup",
    ],
)
def test_a_state_or_a_plan_is_never_committed(committing_output: Path, file: str) -> None:
    ignored = subprocess.run(["git", "check-ignore", "--quiet", file], cwd=committing_output)

    assert ignored.returncode == 0


def test_what_a_killed_synthesis_left_is_never_committed(committing_output: Path) -> None:
    file = "cdktf.out/.synthesis-abc123/stacks/workload-shop/cdk.tf.json"
    ignored = subprocess.run(["git", "check-ignore", "--quiet", file], cwd=committing_output)

    assert ignored.returncode == 0


def test_the_output_can_be_committed(committing_output: Path) -> None:
    ignored = subprocess.run(["git", "check-ignore", "--quiet", f"{STACK}/cdk.tf.json"], cwd=committing_output)

    assert ignored.returncode == 1
