"""The folder that stacks are written to: what a synthesis leaves there, and what one that fails."""

import fcntl
import os
import subprocess
import sys
from collections.abc import Collection, Iterable
from pathlib import Path

import pytest

import stacks  # noqa: F401 - before cdktf

# isort: split
from cdktf import Annotations, App, TerraformOutput, TerraformStack

from pull_through_cache.files.problems import InvalidFile
from stacks.output import synthesize
from tests.stacks.conftest import PROJECT

JSON, HCL = {"cdk.tf.json"}, {"cdk.tf", "metadata.json"}


def write(outdir: Path, *names: str, hcl: bool = False, wrong: Iterable[str] = ()) -> None:
    """Writes stacks of these names; those that are `wrong` have an error, at which cdktf ends."""

    def build(outdir: str, only: Collection[str]) -> App:
        app = App(outdir=outdir, hcl_output=hcl)
        for name in only:
            stack = TerraformStack(app, name)
            TerraformOutput(stack, "siblings", value=list(names))
            if name in wrong:
                Annotations.of(stack).add_error("wrong")
        return app

    synthesize(build, outdir, names)
    for name in names if hcl else ():  # cdktf does, where SYNTH_HCL_OUTPUT was there when Node started
        (outdir / "stacks" / name / "metadata.json").write_text("{}")


def files(outdir: Path) -> dict[str, set[str]]:
    """The names of the files of each stack."""
    return {folder.name: {file.name for file in folder.iterdir()} for folder in (outdir / "stacks").iterdir()}


def everything(outdir: Path) -> dict[Path, str]:
    return {path: path.read_text() for path in outdir.rglob("*") if path.is_file()}


@pytest.mark.parametrize(("hcl", "written"), [(False, JSON), (True, HCL)], ids=["JSON", "HCL"])
def test_a_stack_that_is_gone_loses_its_files(tmp_path: Path, hcl: bool, written: set[str]) -> None:
    write(tmp_path, "one", "two", hcl=hcl)
    write(tmp_path, "two", hcl=hcl)
    assert files(tmp_path) == {"one": set(), "two": written}


@pytest.mark.parametrize(("hcl", "written"), [(False, JSON), (True, HCL)], ids=["JSON", "HCL"])
def test_json_and_hcl_take_each_others_place(tmp_path: Path, hcl: bool, written: set[str]) -> None:
    write(tmp_path, "one", hcl=not hcl)
    write(tmp_path, "one", hcl=hcl)
    assert files(tmp_path) == {"one": written}


def test_terraforms_own_files_stay(tmp_path: Path) -> None:
    write(tmp_path, "one", "two")
    for name in ("one", "two"):
        (tmp_path / "stacks" / name / ".terraform.lock.hcl").write_text("")
    write(tmp_path, "one")
    assert files(tmp_path) == {"one": {"cdk.tf.json", ".terraform.lock.hcl"}, "two": {".terraform.lock.hcl"}}


def test_a_synthesis_that_fails_leaves_what_was_there_and_nothing_else(tmp_path: Path) -> None:
    write(tmp_path, "one", "two")
    before = everything(tmp_path)
    with pytest.raises(RuntimeError, match="wrong"):
        write(tmp_path, "one", "two", "three", wrong=["three"])
    assert everything(tmp_path) == before
    assert {path.name for path in tmp_path.iterdir()} == {"manifest.json", "stacks"}


SHARED = """
import sys
from pathlib import Path
from cdktf import Annotations, App, TerraformOutput, TerraformStack
from stacks import parts
from stacks.output import synthesize

def build(outdir, only):
    app = App(outdir=outdir)
    for name in only:
        stack = TerraformStack(app, name)
        TerraformOutput(stack, "text", value="[] äöü")
        if name in sys.argv[3:]:
            Annotations.of(stack).add_error("wrong")
    return app

parts._WORTH_A_PROCESS, parts._cores = 2, lambda: int(sys.argv[2])
synthesize(build, Path(sys.argv[1]), [f"stack-{number}" for number in range(5)])
"""


def shared(outdir: Path, *, processes: int, wrong: str = "") -> subprocess.CompletedProcess[str]:
    """Writes five stacks in this number of processes. Not in this process: it has threads under pytest-xdist."""
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SHARED, outdir.name, str(processes), wrong],
        cwd=outdir.parent,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_stacks_that_are_shared_among_processes_have_the_same_bytes(tmp_path: Path) -> None:
    one, two = tmp_path / "1", tmp_path / "2"

    assert [shared(one, processes=1).stderr, shared(two, processes=2).stderr] == ["", ""]
    assert {path.relative_to(two): text for path, text in everything(two).items()} == {
        path.relative_to(one): text for path, text in everything(one).items()
    }
    assert len(files(two)) == 5


@pytest.mark.parametrize("wrong", ["stack-0", "stack-1"], ids=["first process", "second process"])
def test_a_process_that_fails_leaves_what_was_there(tmp_path: Path, wrong: str) -> None:
    write(tmp_path, "stack-0", "stack-1")
    before = everything(tmp_path)

    done = shared(tmp_path, processes=2, wrong=wrong)

    assert (done.returncode, "wrong" in done.stderr) == (1, True)
    assert everything(tmp_path) == before


def test_a_run_removes_the_files_of_a_killed_run_but_not_of_a_running_one(tmp_path: Path) -> None:
    dead, alive = tmp_path / ".synthesis-dead", tmp_path / ".synthesis-alive"
    for folder in (dead, alive):
        (folder / "stacks").mkdir(parents=True)
    lock = os.open(alive, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)

    write(tmp_path, "one")

    os.close(lock)
    assert {path.name for path in tmp_path.iterdir()} == {".synthesis-alive", "manifest.json", "stacks"}


def test_a_folder_in_the_place_of_a_file_changes_nothing_and_is_reported(tmp_path: Path) -> None:
    write(tmp_path, "one", "two")
    before = everything(tmp_path)
    file = tmp_path / "stacks" / "three" / "cdk.tf.json"
    file.mkdir(parents=True)

    with pytest.raises(InvalidFile) as refused:
        write(tmp_path, "one", "two", "three")

    assert str(refused.value) == (
        f"{file}: cannot be written to (Is a directory); remove it, or name another CDKTF_OUTDIR"
    )
    assert everything(tmp_path) == before
