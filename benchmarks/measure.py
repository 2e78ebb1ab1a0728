"""Whole processes, measured: wall time, and memory together with everything they start."""

import contextlib
import os
import statistics
import subprocess
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

_PAGE = os.sysconf("SC_PAGE_SIZE")
_BETWEEN_SAMPLES = 0.01  # seconds

# What would change what is measured: bytecode caches stay warm, and Node and jsii are as the program sets them up.
_UNSET = (
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONOPTIMIZE",
    "PYTHONPATH",
    "NODE_OPTIONS",
    "NODE_COMPILE_CACHE",
    "JSII_NODE",
    "JSII_RUNTIME",
    "JSII_DEBUG",
    "EAGER_BINDINGS",
    "DEPLOYMENT",
)


class Program(NamedTuple):
    """A command, the folder it runs in, and the environment variables it has besides the caller's."""

    command: Sequence[str | Path]
    folder: Path
    environment: Mapping[str, str]


class Run(NamedTuple):
    """One run: seconds until the process had ended, and the peak of the processes' resident sets together, in MiB."""

    seconds: float
    mebibytes: float


class Figure(NamedTuple):
    """What several runs say together."""

    lowest: float
    median: float
    highest: float


class Measured(NamedTuple):
    """What one program takes."""

    seconds: Figure
    mebibytes: Figure


def interleaved(programs: Mapping[str, Program], *, times: int) -> dict[str, Measured]:
    """Runs every program once to warm its caches, then all of them in turn, so that noise hits all alike.

    Raises RuntimeError with what a program wrote, where one fails.
    """
    for program in programs.values():
        _run(program)
    rounds = [{name: _run(program) for name, program in programs.items()} for _ in range(times)]
    return {
        name: Measured(_figure(runs[name].seconds for runs in rounds), _figure(runs[name].mebibytes for runs in rounds))
        for name in programs
    }


def _figure(values: Iterable[float]) -> Figure:
    lowest, *_, highest = ordered = sorted(values)
    return Figure(lowest, statistics.median(ordered), highest)


def _run(program: Program) -> Run:
    environment = {name: value for name, value in os.environ.items() if name not in _UNSET}
    started = time.perf_counter()
    process = subprocess.Popen(
        program.command,
        cwd=program.folder,
        env={**environment, **program.environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    ended, peak = threading.Event(), [0]

    def sample() -> None:
        while not ended.wait(_BETWEEN_SAMPLES):
            peak[0] = max(peak[0], _resident(process.pid))

    sampler = threading.Thread(target=sample)
    sampler.start()
    written, _ = process.communicate()
    seconds = time.perf_counter() - started
    ended.set()
    sampler.join()
    if process.returncode:
        raise RuntimeError(f"{' '.join(map(str, program.command))} ended with {process.returncode}:\n{written}")
    return Run(seconds, peak[0] / 2**20)


def _resident(pid: int) -> int:
    """Bytes of the resident sets of a process and of everything it started. Source: proc(5), statm and children."""
    total = 0
    # A process may end between two looks at it.
    with contextlib.suppress(OSError):
        process = Path("/proc", str(pid))
        total = int((process / "statm").read_text().split()[1]) * _PAGE
        for children in process.glob("task/*/children"):
            total += sum(_resident(int(child)) for child in children.read_text().split())
    return total
