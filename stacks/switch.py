"""Replaces files: all of them, or none."""

import errno
import os
import shutil
import signal
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path


def switch(files: Mapping[Path, Path], *, remove: Collection[Path], spare: Path) -> None:
    """Moves the values of `files` to the keys, and removes the files `remove`.

    Everything that can fail is tried before the first move. If a move fails nevertheless, the earlier moves are undone.
    `spare` is an empty folder on the same file system; the caller removes it.

    Raises OSError, and then nothing has changed.
    """
    with ExitStack() as undo:
        earlier = spare / "earlier"
        earlier.mkdir()
        saved = {}
        for number, target in enumerate([*files, *remove]):
            _make_folder(target.parent, undo)
            saved[target] = _save(target, earlier / str(number))
        for target, file in files.items():
            undo.callback(_restore, target, saved[target])
            file.replace(target)
        for target in remove:
            undo.callback(_restore, target, saved[target])
            target.unlink()
        undo.pop_all()


@contextmanager
def signals_wait() -> Iterator[None]:
    """Delays the signals that end a program until the block has ended."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _make_folder(folder: Path, undo: ExitStack) -> None:
    if not folder.is_dir():
        _make_folder(folder.parent, undo)
        folder.mkdir()
        undo.callback(folder.rmdir)
    elif not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(folder))


def _save(file: Path, copy: Path) -> Path | None:
    """Keeps `file` as `copy`. Returns `copy`, or None if there is no file."""
    if not os.path.lexists(file):
        return None
    if file.is_dir() and not file.is_symlink():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(file))
    try:
        os.link(file, copy, follow_symlinks=False)
    except OSError:  # a file system without hard links
        shutil.copy2(file, copy, follow_symlinks=False)
    return copy


def _restore(target: Path, saved: Path | None) -> None:
    if saved:
        saved.replace(target)
    else:
        target.unlink(missing_ok=True)
