"""`python main.py` as people and pipelines run it."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.synth.conftest import PROJECT

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs main.py in a folder without anything, with these environment variables."""

    def run(*, project: Path = PROJECT, cwd: Path = tmp_path, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, project / "main.py"],
            cwd=cwd,
            env={"HOME": os.environ["HOME"], "PYTHONDONTWRITEBYTECODE": "1", **environment},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def files(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_the_default_deployment_is_synthesized_from_any_folder_without_node_on_path(run: Run, tmp_path: Path) -> None:
    done = run(PATH="")

    assert done.returncode == 0
    assert set(files(tmp_path / "cdktf.out")) == {"manifest.json", "stacks/shared-services-eu-central-1/cdk.tf.json"}


def test_another_deployment_and_another_folder_can_be_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("registry: {regions: [eu-west-3], upstreams: {quay: {url: quay.io}}}")

    done = run(DEPLOYMENT="mine.yaml", CDKTF_OUTDIR="build/my output")

    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "build" / "my output" / "stacks" / "shared-services-eu-west-3" / "cdk.tf.json").exists()


def test_two_folders_give_the_same_bytes(run: Run, tmp_path: Path) -> None:
    copy = tmp_path / "another folder" / "project"
    tracked = ("main.py", "cdktf.json", "pull_through_cache", "stacks", "deployments")
    copy.mkdir(parents=True)
    for name in tracked:
        source = PROJECT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, copy / name)

    assert run(CDKTF_OUTDIR="one").returncode == 0
    assert run(project=copy, cwd=copy, CDKTF_OUTDIR="two", LANG="tr_TR.UTF-8", TZ="Asia/Tokyo").returncode == 0

    assert files(tmp_path / "one") == files(copy / "two")


def test_no_secret_reaches_the_output(run: Run, tmp_path: Path) -> None:
    done = run(TF_VAR_docker_hub_username="somebody", TF_VAR_docker_hub_access_token="dckr_pat_secret")  # noqa: S106

    assert done.returncode == 0
    everything = "".join(files(tmp_path).values()) + done.stdout + done.stderr
    assert "somebody" not in everything
    assert "dckr_pat_secret" not in everything


def test_a_bad_deployment_is_refused_and_leaves_the_output_as_it_was(run: Run, tmp_path: Path) -> None:
    assert run().returncode == 0
    before = files(tmp_path / "cdktf.out")
    (tmp_path / "bad.yaml").write_text("registry: {regions: [eu-west-1], upstreams: {quay: {url: quay.oi}}, x: 1}")

    done = run(DEPLOYMENT="bad.yaml")

    assert (done.returncode, done.stdout) == (2, "")
    assert [line.split(": ")[0:2] for line in done.stderr.splitlines()] == [
        ["bad.yaml:1", "registry.upstreams.quay.url"],
        ["bad.yaml:1", "registry.x"],
    ]
    assert files(tmp_path / "cdktf.out") == before


def test_a_folder_that_cannot_be_written_to_is_told(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    done = run(CDKTF_OUTDIR="file/out")

    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == (
        "file/out: cannot be written to (Not a directory); name another CDKTF_OUTDIR"
    )


def test_a_stack_that_is_gone_from_the_deployment_is_gone_from_the_output(run: Run, tmp_path: Path) -> None:
    deployment = tmp_path / "deployment.yaml"
    for regions in ("eu-west-1, us-east-1", "us-east-1"):
        deployment.write_text(f"registry: {{regions: [{regions}], upstreams: {{quay: {{url: quay.io}}}}}}")
        assert run(DEPLOYMENT="deployment.yaml").returncode == 0

    assert list(json.loads((tmp_path / "cdktf.out" / "manifest.json").read_text())["stacks"]) == [
        "shared-services-us-east-1"
    ]
    assert not (tmp_path / "cdktf.out" / "stacks" / "shared-services-eu-west-1" / "cdk.tf.json").exists()
