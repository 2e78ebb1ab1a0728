"""Every command in the documentation runs here, or in another test, or is listed with the reason why it does not."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
PAGES = [PROJECT / "README.md", PROJECT / "CONTRIBUTING.md", PROJECT / "emulator" / "README.md"]
PAGES += [*sorted(PROJECT.glob("docs/**/*.md")), *sorted(PROJECT.glob("examples/*/README.md"))]
PROGRAMS = "aws docker eval export git helm kubectl make pip pipenv pipx pull-through-cache python terraform uv".split()
COMMAND = re.compile(rf"^ {{4,}}((?:(?:{'|'.join(PROGRAMS)}) |\.venv/|PATH=).*)$", re.MULTILINE)
ELSEWHERE = {
    r"make (synth|diff|deploy)\b": "tests/stacks/test_main.py, tests/test_make.py and tests/terraform/test_pipelines.py",
    r"make demo\b": "tests/terraform/test_demo.py",
    r"pull-through-cache (check|settle) ": "tests/check/test_check.py and tests/check/test_settle.py",
    r"pull-through-cache import ": "tests/importing/test_command.py and tests/terraform/test_import.py",
    r"(uv tool|pipx) install ": "tests/packaging/test_pipelines.py, by `pip install` of a checkout",
    r"PATH=.* (synth --hcl|deploy --skip)": "tests/terraform/test_command_lines.py",
    r"terraform -chdir=.* (init|plan|apply) -input=": "tests/terraform/test_pipelines.py",
    r"terraform -chdir=.* apply \\$": "tests/terraform/test_remedies.py, by the command that `check` prints",
    r"pipenv run ": "tests/packaging/test_example.py, without pipenv",
    r"helm (plugin|upgrade) ": "tests/images/test_helm.py",
}
NOT_RUN = {
    r"kubectl (create|delete|label|run) ": "needs a cluster",
    r"make (unit|test|check|format|docs)\b|\.venv/bin/python -m pytest": "runs the tests, or is run by .ci/run",
    r"pipenv install ": "installs half a gigabyte again",
    r"git (add|diff) |terraform fmt ": "is about output that is committed",
    r"docker (build|run) ": "needs Docker",
    r"aws ": "needs the AWS command line",
}


def ours(line: str) -> str:
    """The part of a pipeline that is this project's, which reads a manifest where others would write one."""
    [part] = [part for part in line.split(" | ") if " | " not in line or part.startswith("pull-through-cache ")]
    return part if line.startswith(part) else f"{part} < manifest.yaml"


LINES = sorted({re.sub(r"\s+# .*", "", line) for page in PAGES for line in COMMAND.findall(page.read_text())})
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
        ["bash", "-c", f"{program}\n{ours(line)}"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    # 1: images could be cached, or the command found something; 2: it could not run
    assert done.returncode in (0, 1), done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("pattern", [*ELSEWHERE, *NOT_RUN])
def test_a_pattern_is_needed(pattern: str) -> None:
    assert any(re.match(pattern, line) for line in LINES)
