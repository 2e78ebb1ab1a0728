"""Shares many stacks among processes, each with a Node of its own: Python and Node wait for each other half the time."""

import json
import os
import re
import signal
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from lazy_bindings import forks
from stacks.switch import signals_wait

_WORTH_A_PROCESS = 100
"""Stacks in a part, at least. Fewer stacks take less time than another Node takes to start."""

_AT_MOST = 4
"""Processes, at most. Each takes about 250 MB with its Node."""


def run_in_parts(work: Callable[[Sequence[str], str], None], names: Sequence[str]) -> list[str]:
    """Calls `work` with the stacks and the name of each part. Every part but the first has a process of its own.

    The registry's stacks come first in `names` and can depend on each other; there are fewer Regions than a part has stacks.

    Returns the parts' names. If a process fails, it reports the error, and this process ends with its exit code.
    """
    count = max(1, min(_cores(), _AT_MOST, len(names) // _WORTH_A_PROCESS)) if forks.possible() else 1
    size = -(-len(names) // count)
    others: list[int] = []
    try:
        with signals_wait():  # a process that is not in the list would outlive this one
            others.extend(
                forks.start(partial(work, names[part * size :][:size], str(part))) for part in range(1, count)
            )
        work(names[:size], "0")
        while others:
            status = os.waitpid(others[0], 0)[1]
            del others[0]
            if status:
                sys.exit(os.WEXITSTATUS(status) or 1)
    finally:
        for process in others:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGTERM)
            os.waitpid(process, 0)
    return [str(part) for part in range(count)]


def merged_manifest(manifests: Iterable[Path]) -> str:
    """The manifests merged into one, as cdktf would write it."""
    first, *others = [json.loads(file.read_text(encoding="utf-8")) for file in manifests]
    for other in others:
        first["stacks"] |= other["stacks"]
    text = json.dumps(first, indent=2, sort_keys=True, ensure_ascii=False)
    return re.sub(r'^( *)(".*": )\[\](,?)$', r"\1\2[\n\1]\3", text, flags=re.MULTILINE)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
