"""Every command in the documentation runs here, or in another test, or is listed with the reason why it does not."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
PAGES = [PROJECT / "README.md", PROJECT / "CONTRIBUTING.md", *sorted((PROJECT / "docs").glob("*.md"))]
COMMAND = re.compile(
    r"^    ((?:docker|eval|export|git|helm|kubectl|make|pip|pipenv|pipx|pull-through-cache|terraform|uv|\.venv/\S+) .*)$",
    re.MULTILINE,
)
ELSEWHERE = {
    r"make (synth|diff|deploy)\b": "tests/stacks/test_main.py, tests/test_make.py and tests/terraform/test_pipelines.py",
    r"make demo\b": "tests/terraform/test_demo.py",
    r"pull-through-cache (check|settle) ": "tests/check/test_check.py and tests/check/test_settle.py",
    r"pull-through-cache import ": "tests/importing/test_command.py and tests/terraform/test_import.py",
    r"(uv tool|pipx) install ": "tests/packaging/test_wheel.py, by `uv pip install` of the wheel",
}
NOT_RUN = {
    r"(.*\| *)?kubectl |helm ": "needs a cluster",
    r".*\| sudo ": "writes to /etc",
    r"make (unit|test|check|format|docs)\b|\.venv/bin/python -m pytest": "runs the tests, or is run by .ci/run",
    r"export TF_VAR_": "has no value",
    r"git |terraform fmt ": "needs an output that is committed, or one in HCL",
    r"eval ": "is for an interactive shell",
}

LINES = sorted(
    {re.sub(r"\s+# .*", "", line) for page in PAGES for line in COMMAND.findall(page.read_text()) if " \\" not in line}
)
RUN = [line for line in LINES if not any(re.match(pattern, line) for pattern in (*ELSEWHERE, *NOT_RUN))]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What the commands read: deployment files, and files with images under the names of the documentation."""
    shutil.copytree(PROJECT / "deployments", tmp_path / "deployments")
    (tmp_path / "deploy").mkdir()
    for name in ("manifest.yaml", "values.yaml", "deployment.yaml", "deploy/pod.yaml"):
        (tmp_path / name).write_text("image: nginx\n")
    return tmp_path


@pytest.mark.parametrize("line", RUN)
def test_a_command_runs(folder: Path, line: str) -> None:
    program = f'pull-through-cache() {{ "{sys.executable}" -m pull_through_cache "$@"; }}'
    environment = {**os.environ, "PYTHONPATH": str(PROJECT), "DEPLOYMENT": "deployments/organization.yaml"}

    done = subprocess.run(
        ["bash", "-c", f"{program}\n{line}"], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )

    # 1: images could be cached, or the command found something; 2: it could not run
    assert done.returncode in (0, 1), done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("pattern", [*ELSEWHERE, *NOT_RUN])
def test_a_pattern_is_needed(pattern: str) -> None:
    assert any(re.match(pattern, line) for line in LINES)
