"""Files that git tracks although .gitignore covers them."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.images.conftest import Run

Listed = Callable[..., list[str]]

FILES = ["deploy/app/a.yaml", "deploy/app/untracked.yaml", "deploy-2/b.yaml", "a.tmp.yaml", "b.tmp.yaml", "c.yaml"]


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", folder, *arguments], check=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A repository whose .gitignore covers all but one of the files."""
    folder = tmp_path / "repository"
    git(tmp_path, "init", "--quiet", str(folder))
    for name in FILES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("image: nginx\n")
    (folder / ".gitignore").write_text("deploy/\ndeploy-2/\n*.tmp.yaml\n")
    return folder


@pytest.fixture
def listed(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Listed:
    """The files in which a command finds images."""
    monkeypatch.chdir(folder)
    return lambda *arguments: [
        line.split("\t")[3].split(":")[0] for line in run("images", *arguments).stdout.splitlines()
    ]


@pytest.mark.parametrize("version", ["2", "4"])
def test_tracked_files_are_read(listed: Listed, folder: Path, version: str) -> None:
    git(folder, "add", "--force", "a.tmp.yaml", "c.yaml", "deploy/app/a.yaml")
    git(folder, "update-index", "--index-version", version)

    assert listed(".") == ["a.tmp.yaml", "c.yaml", "deploy/app/a.yaml"]


def test_a_file_that_will_be_added_is_read(listed: Listed, folder: Path) -> None:
    git(folder, "add", "--force", "--intent-to-add", "a.tmp.yaml")  # makes version 3
    git(folder, "add", "--force", "b.tmp.yaml")

    assert listed(".") == ["a.tmp.yaml", "b.tmp.yaml", "c.yaml"]


def test_the_index_of_a_worktree(listed: Listed, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git(folder, "add", "--force", "a.tmp.yaml")
    git(folder, "-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "--quiet", "--message", "a")
    git(folder, "worktree", "add", "--quiet", "other")
    (folder / "other/.gitignore").write_text("*.tmp.yaml\n")
    monkeypatch.chdir(folder / "other")

    assert listed(".") == ["a.tmp.yaml"]


def test_a_folder_of_the_repository(listed: Listed, folder: Path) -> None:
    (folder / "deploy/.gitignore").write_text("*\n")
    git(folder, "add", "--force", "deploy/app/a.yaml")

    assert listed("deploy") == ["deploy/app/a.yaml"]


def test_exclude_is_also_for_tracked_files(listed: Listed, folder: Path) -> None:
    git(folder, "add", "--force", "a.tmp.yaml", "deploy/app/a.yaml")

    assert listed("--exclude", "deploy", "--exclude", "a.tmp.yaml", ".") == ["c.yaml"]


def test_exclude_can_include_a_folder(listed: Listed) -> None:
    assert listed("--exclude", "!deploy/", ".") == ["c.yaml", "deploy/app/a.yaml", "deploy/app/untracked.yaml"]


@pytest.mark.parametrize("length", [0, 11, 12, 80, 150])
def test_an_index_that_is_cut_off(listed: Listed, folder: Path, length: int) -> None:
    git(folder, "add", "--force", "a.tmp.yaml", "b.tmp.yaml")
    index = folder / ".git/index"
    index.write_bytes(index.read_bytes()[:length])

    assert listed(".") == ["c.yaml"]
