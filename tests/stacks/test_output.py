"""The folder that stacks are written to: what a synthesis leaves there, and what one that fails."""

from collections.abc import Iterable
from pathlib import Path

import pytest

import stacks  # noqa: F401 - before cdktf

# isort: split
from cdktf import Annotations, App, TerraformOutput, TerraformStack

from stacks.output import synthesize

JSON, HCL = {"cdk.tf.json"}, {"cdk.tf", "metadata.json"}


def write(outdir: Path, *names: str, hcl: bool = False, wrong: Iterable[str] = ()) -> None:
    """Writes stacks of these names; those that are `wrong` have an error, at which cdktf ends."""

    def build(folder: str) -> App:
        app = App(outdir=folder, hcl_output=hcl)
        for name in names:
            stack = TerraformStack(app, name)
            TerraformOutput(stack, "siblings", value=list(names))
            if name in wrong:
                Annotations.of(stack).add_error("wrong")
        return app

    synthesize(build, outdir)
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
