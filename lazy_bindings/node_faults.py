"""Errors for faults of the machine that stop Node. Each names the remedy."""

import errno
import os
import re
import resource
import sys
from pathlib import Path

_CACHE = "Library/Caches/com.amazonaws.jsii" if sys.platform == "darwin" else ".cache/aws/jsii"
_OPEN_FILES = 64
"""With fewer, Node ends with a stack trace of its own."""


class NodeError(OSError):
    """Node cannot run on this machine as it is. The text names the reason and the remedy."""


def check_machine() -> None:
    """Raises NodeError if Node would end with a stack trace, or if jsii would try for minutes to create its cache."""
    # Node raises its own limit to the highest that is allowed.
    if 0 <= resource.getrlimit(resource.RLIMIT_NOFILE)[1] < _OPEN_FILES:
        raise NodeError("Node cannot open enough files; raise the limit, for example with `ulimit -n 1024`")
    if os.environ.get("JSII_RUNTIME_PACKAGE_CACHE", "enabled").lower() != "enabled":
        return
    configured = os.environ.get("JSII_RUNTIME_PACKAGE_CACHE_ROOT")
    folder = Path(configured) if configured else Path.home() / _CACHE / "package-cache"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        remedy = "set JSII_RUNTIME_PACKAGE_CACHE_ROOT to a folder that you may write to"
        raise NodeError(error.errno, f"jsii cannot use its cache {folder} ({error.strerror}); {remedy}") from error


def fault_of(error: RuntimeError) -> OSError | None:
    """The error of the operating system that Node reports by its code, such as `ENOSPC: no space left on device`."""
    found = re.search(r"\b(E[A-Z]{3,}): (.*)", str(error))
    number = getattr(errno, found[1], None) if found else None
    return OSError(number, found[2]) if found and number else None
