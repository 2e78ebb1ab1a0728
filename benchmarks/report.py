"""The measurements as a page."""

import json
import os
import platform
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from benchmarks.measure import Figure, Measured, Program
from benchmarks.programs import BENCHMARKS, NODE, PROJECT

PACKAGES = ("cdktf", "cdktf-cdktf-provider-aws", "constructs", "jsii", "pydantic", "pyyaml")

PAGE = """\
# Benchmarks

Written by `make bench`. Whole processes from start to end: the caches are warm, the programs take turns,
and a figure is the median with the lowest and the highest run. Memory is the peak of the resident sets of
all processes of a program, read every 10 ms. [Pulls](benchmarks-pulls.md) have a page of their own.

| target | | measured | |
| --- | --- | --- | --- |
{targets}

## The stack of deployments/blog-post.yaml

The output of the three syntheses is compared: the ordinary import of the bindings must give the same bytes,
plain JavaScript the same content but for metadata.

{syntheses}

```sh
{commands}
```

## Many stacks

One stack is a registry's, each other one a workload account's. From 200 stacks on, synthesis uses several
processes.

{growth}

## Machine

{machine}
"""


class Target(NamedTuple):
    """The target for a figure: at most this limit, or at least this limit."""

    what: str
    figure: float
    limit: float
    unit: str
    at_most: bool = True

    @property
    def met(self) -> bool:
        return self.figure <= self.limit if self.at_most else self.figure >= self.limit

    def __str__(self) -> str:
        bound = "at most" if self.at_most else "at least"
        verdict = "met" if self.met else "**not met**"
        return f"| {self.what} | {bound} {self.limit:g}{self.unit} | {self.figure:.2f}{self.unit} | {verdict} |"


def page(
    syntheses: Mapping[str, Measured],
    growth: Mapping[str, Measured],
    targets: Sequence[Target],
    programs: Mapping[str, Program],
) -> str:
    """The page in Markdown. `programs` are those that `syntheses` measured."""
    return PAGE.format(
        targets="\n".join(map(str, targets)),
        syntheses="\n".join(_table("program", syntheses)),
        commands="\n".join(f"{_command(program)}  # {name}" for name, program in programs.items()),
        growth="\n".join(_table("stacks", growth)),
        machine="\n".join(f"- {line}" for line in _machine()),
    )


def _table(first: str, measured: Mapping[str, Measured]) -> Iterator[str]:
    yield f"| {first} | seconds | | peak memory, MiB | |"
    yield "| --- | ---: | --- | ---: | --- |"
    for name, program in measured.items():
        cells = (*_cells(program.seconds, ".2f"), *_cells(program.mebibytes, ".0f"))
        yield f"| {name} | {' | '.join(cells)} |"


def _cells(figure: Figure, form: str) -> tuple[str, str]:
    return format(figure.median, form), f"{figure.lowest:{form}} to {figure.highest:{form}}"


def _command(program: Program) -> str:
    """What to type in the project's folder to run `program`."""
    environment = [f"{name}={value}" for name, value in program.environment.items() if name != "CDKTF_OUTDIR"]
    return " ".join([*environment, *map(str, program.command)]).replace(f"{PROJECT}/", "")


def _machine() -> Iterator[str]:
    """What the figures depend on."""
    [model] = re.findall(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())[:1] or [platform.machine()]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    yield f"{model}, {os.cpu_count()} cores, {memory:.0f} GiB; Linux {platform.release()}"
    node = subprocess.run([NODE, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    yield f"Python {platform.python_version()}, Node {node}"
    yield ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    javascript = json.loads((BENCHMARKS / "package.json").read_text(encoding="utf-8"))["dependencies"]
    yield "Plain JavaScript: " + ", ".join(f"{name} {number}" for name, number in javascript.items())
