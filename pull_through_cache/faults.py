"""Ends a program quietly after an interrupt, and with one line that names the remedy after a fault of the machine.

An entry file imports this module first, because the later imports can be interrupted or fail too. It calls `started` after
them. What has to clean up runs in `interruptible`.
"""

# These are built in, or loaded when Python starts. What takes longer is imported when the hooks are in place.
import atexit
import errno
import io
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType, TracebackType
    from typing import NoReturn

_SPACE = "free some disk space, or write elsewhere"
_FOLDERS = "set HOME and TMPDIR to folders that you may write to"
_FILES = "raise the limit of open files, for example with `ulimit -n 1024`"
_REMEDIES = {
    errno.ENOSPC: _SPACE,
    errno.EDQUOT: _SPACE,
    errno.EFBIG: "raise the limit of file sizes, for example with `ulimit -f unlimited`",
    errno.EROFS: _FOLDERS,
    errno.EACCES: _FOLDERS,
    errno.EPERM: _FOLDERS,
    errno.ENOENT: _FOLDERS,  # no usable TMPDIR
    errno.EMFILE: _FILES,
    errno.ENFILE: _FILES,
    errno.EAGAIN: "raise the limit of processes, for example with `ulimit -u 1024`",
    errno.ENOMEM: "free some memory, or raise its limit, for example with `ulimit -v unlimited`",
}


def started() -> None:
    """From now on, all output is written or an error. Raises OSError if there is no standard output."""
    if sys.stdout is None:
        raise OSError("the standard output is closed; redirect it, for example to /dev/null")
    # With PYTHONUNBUFFERED, Python does not notice that a disk takes only a part.
    raw, encoding, errors = sys.stdout.buffer, sys.stdout.encoding, sys.stdout.errors
    if isinstance(raw, io.RawIOBase):
        sys.stdout.flush()
        sys.stdout = io.TextIOWrapper(io.BufferedWriter(raw), encoding, errors, line_buffering=True)


class interruptible:  # noqa: N801 - contextlib would take time to import
    """In the block, an interrupt raises KeyboardInterrupt, as usual. Outside, it ends the program at once."""

    def __enter__(self) -> None:
        if signal.getsignal(signal.SIGINT) == _interrupted:
            signal.signal(signal.SIGINT, signal.default_int_handler)

    def __exit__(self, *_raised: object) -> None:
        if signal.getsignal(signal.SIGINT) == signal.default_int_handler:
            signal.signal(signal.SIGINT, _interrupted)


def _described(error: OSError) -> str:
    """An error of the operating system, and its remedy."""
    # An error with a text for the user already contains the remedy.
    remedy = _REMEDIES.get(error.errno or 0) if type(error).__module__ == "builtins" else None
    file = f"{error.filename}: " if error.filename else ""
    return f"{file}{error.strerror or error}{f'; {remedy}' if remedy else ''}"


def _uncaught(kind: type[BaseException], error: BaseException, traceback: "TracebackType | None") -> None:
    if isinstance(error, (KeyboardInterrupt, SystemExit)):
        _end(_code(error))
    from pull_through_cache.files.printing import visible
    from pull_through_cache.files.problems import InvalidFile  # slow to import

    if isinstance(error, MemoryError):
        error = OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))
    if not isinstance(error, (InvalidFile, OSError)):
        from traceback import format_exception

        lines = "".join(format_exception(kind, error, traceback)).splitlines()
        print("\n".join(map(visible, lines)), file=sys.stderr)
        _end(2)  # Python's exit code is 1, which is the result of some commands
    try:
        print(error if isinstance(error, InvalidFile) else visible(_described(error)), file=sys.stderr, flush=True)
    except OSError:  # there is no way left to report it
        os._exit(2)
    _end(2)


def _ignored(unraisable: "sys.UnraisableHookArgs") -> None:
    """Handles an interrupt that Python can only print, for example in a destructor."""
    if isinstance(unraisable.exc_value, (KeyboardInterrupt, SystemExit)):
        _end(_code(unraisable.exc_value))
    sys.__unraisablehook__(unraisable)


def _interrupted(_number: int, _frame: "FrameType | None") -> None:
    """Ends the program where some modules turn KeyboardInterrupt into an error of their own: at imports, in click."""
    _end(130)


def _terminated(number: int, _frame: "FrameType | None") -> None:
    """Ends the program as an error does, so that it removes its temporary files."""
    sys.exit(128 + number)


def _code(error: KeyboardInterrupt | SystemExit) -> int:
    return error.code if isinstance(error, SystemExit) and isinstance(error.code, int) else 130


def _end(code: int) -> "NoReturn":
    """Ends the process without Python's messages about threads and modules after an interrupt."""
    atexit._run_exitfuncs()
    sys.stderr.flush()
    os._exit(code)


sys.excepthook = _uncaught
sys.unraisablehook = _ignored

import signal  # noqa: E402

for _number, _default, _handler in (
    (signal.SIGINT, signal.default_int_handler, _interrupted),
    (signal.SIGTERM, signal.SIG_DFL, _terminated),
    (signal.SIGHUP, signal.SIG_DFL, _terminated),
):
    if signal.getsignal(_number) == _default:  # nohup and a shell's background jobs ignore some
        signal.signal(_number, _handler)
