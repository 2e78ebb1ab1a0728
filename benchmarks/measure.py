"""Measures whole processes: wall time, and memory including everything they start."""

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

# Variables that would change the result: bytecode caches stay warm, and the program configures Node and jsii itself.
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
    """A command, the folder it runs in, and its environment variables in addition to the caller's."""

    command: Sequence[str | Path]
    folder: Path
    environment: Mapping[str, str]


class Run(NamedTuple):
    """One run: seconds until the process ended, and the peak of the sum of the processes' resident sets, in MiB."""

    seconds: float
    mebibytes: float


class Figure(NamedTuple):
    """A figure from several runs."""

    lowest: float
    median: float
    highest: float


class Measured(NamedTuple):
    """The time and memory of one program."""

    seconds: Figure
    mebibytes: Figure


def interleaved(programs: Mapping[str, Program], *, times: int) -> dict[str, Measured]:
    """Runs every program once to warm its caches, then all of them in turn, so that noise affects all equally.

    Raises RuntimeError with the output of a program that fails.
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
    # A process may end while it is read.
    with contextlib.suppress(OSError):
        process = Path("/proc", str(pid))
        total = int((process / "statm").read_text().split()[1]) * _PAGE
        for children in process.glob("task/*/children"):
            total += sum(_resident(int(child)) for child in children.read_text().split())
    return total
