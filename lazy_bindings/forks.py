"""Processes that share work, each with a Node of its own."""

import atexit
import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any

_NODE = "lazy_bindings.node_process"


def possible() -> bool:
    """Whether this process can be forked: it has no other threads, and `lazy_bindings` started its Node."""
    return hasattr(os, "fork") and threading.active_count() == 1 and _NODE in sys.modules and _node().can_fork()


def start(work: Callable[[], object]) -> int:
    """Calls `work` in a new process and returns its ID. The process has the libraries of this one, but no objects.

    The caller may block signals until it has the ID; the new process does not. Its exit code is 0. If `work` raises, `sys.excepthook` handles the error, and the exit code is 1 or the hook's own.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    if process := os.fork():
        return process
    code = 1
    try:
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
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
