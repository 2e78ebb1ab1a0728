"""Ends a program quietly after an interrupt, and with one line that names the remedy after a fault of the machine.

An entry file imports this module first, because the later imports can be interrupted or fail too.
"""

import atexit
import errno
import os
import sys
from types import TracebackType

_SPACE = "free some disk space"
_FOLDERS = "set HOME and TMPDIR to folders that you may write to"
_FILES = "raise the limit of open files, for example with `ulimit -n 1024`"
_REMEDIES = {
    errno.ENOSPC: _SPACE,
    errno.EDQUOT: _SPACE,
    errno.EROFS: _FOLDERS,
    errno.EACCES: _FOLDERS,
    errno.EPERM: _FOLDERS,
    errno.ENOENT: _FOLDERS,  # no usable TMPDIR
    errno.EMFILE: _FILES,
    errno.ENFILE: _FILES,
    errno.EAGAIN: "raise the limit of processes, for example with `ulimit -u 1024`",
    errno.ENOMEM: "free some memory",
}


def _uncaught(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        _end(130)
    from pull_through_cache.files.printing import visible
    from pull_through_cache.files.problems import InvalidFile  # slow to import

    if isinstance(error, InvalidFile):
        print(error, file=sys.stderr)
        _end(2)
    if not isinstance(error, OSError):
        sys.__excepthook__(kind, error, traceback)
        return
    # An error with a text for the user already contains the remedy.
    remedy = _REMEDIES.get(error.errno or 0) if type(error).__module__ == "builtins" else None
    file = f"{error.filename}: " if error.filename else ""
    print(visible(f"{file}{error.strerror or error}{f'; {remedy}' if remedy else ''}"), file=sys.stderr)
    _end(2)


def _ignored(unraisable: "sys.UnraisableHookArgs") -> None:
    """Handles an interrupt that Python can only print, for example in a destructor."""
    if issubclass(unraisable.exc_type, KeyboardInterrupt):
        _end(130)
    sys.__unraisablehook__(unraisable)


def _end(code: int) -> None:
    """Ends the process without Python's messages about threads and modules after an interrupt."""
    atexit._run_exitfuncs()
    sys.stderr.flush()
    os._exit(code)


sys.excepthook = _uncaught
sys.unraisablehook = _ignored
