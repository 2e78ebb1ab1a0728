"""Processes that share the work of one, each with a Node of its own."""

import atexit
import os
import sys
import threading
from collections.abc import Callable
from typing import Any

_NODE = "lazy_bindings.node_process"


def possible() -> bool:
    """Whether this process can be forked: it has no other threads, and its Node is the one of `lazy_bindings`."""
    return hasattr(os, "fork") and threading.active_count() == 1 and _NODE in sys.modules and _node().can_fork()


def start(work: Callable[[], object]) -> int:
    """Calls `work` in a process of its own, and returns its number. It has the libraries of this one, and no objects.

    It ends with 0; or if `work` raises, with what `sys.excepthook` prints and does, else with 1.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    if process := os.fork():
        return process
    code = 1
    try:
        atexit._clear()  # what this process's parent does when it ends
        _node().in_a_fork()
        work()
        _node().stop()
        code = 0
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stderr.flush()
        os._exit(code)


def _node() -> Any:
    return sys.modules[_NODE]
