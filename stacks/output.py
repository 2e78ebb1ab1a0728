"""Writes the output of an app: all of it, or nothing."""

import errno
import fcntl
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING

from pull_through_cache.files.problems import InvalidFile, Problem
from stacks.expressions import check_expressions
from stacks.parts import merged_manifest, run_in_parts
from stacks.switch import signals_wait, switch

if TYPE_CHECKING:
    from cdktf import App

_OF_A_STACK = {"cdk.tf.json", "cdk.tf", "metadata.json"}
"""The files that cdktf writes for a stack: the first one, or with `--hcl` the other ones."""

_OF_A_RUN = ".synthesis-"
"""The beginning of the names of the folders that runs write to."""


def synthesize(build_app: Callable[..., "App"], outdir: Path, names: Sequence[str] = ()) -> None:
    """Lets cdktf write its stacks into a new folder, and then puts its files into `outdir`.

    `build_app` is called with a folder. With `names`, those of all stacks, it is also called with the names of the stacks
    to build: many stacks are shared among processes.

    Until then `outdir` does not change, whatever fails. Files that cdktf wrote there earlier but not in this run are
    removed: a stack that is gone must not be applied, and Terraform reads both JSON and HCL. Terraform's own files stay.

    Raises InvalidFile if `outdir` cannot be written to.
    """
    with _as_invalid_file(outdir), _folder_of_this_run(outdir) as new:

        def write(only: Sequence[str], part: str) -> None:
            app = build_app(str(new / part), only) if names else build_app(str(new / part))
            app.synth()
            check_expressions(app, outdir)

        parts = run_in_parts(write, names)
        files = {path.relative_to(new / part): path for part in parts for path in _files(new / part)}
        if len(parts) > 1:
            files[Path("manifest.json")].write_text(
                merged_manifest(new / part / "manifest.json" for part in parts), encoding="utf-8"
            )
        with _locked(outdir), signals_wait():
            stale = [path for path in outdir.glob("stacks/*/*") if path.name in _OF_A_STACK]
            switch(
                {outdir / path: file for path, file in files.items()},
                remove=[path for path in stale if path.relative_to(outdir) not in files],
                spare=new,
            )
            shutil.rmtree(new, ignore_errors=True)


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@contextmanager
def _folder_of_this_run(outdir: Path) -> Iterator[Path]:
    """A new folder in `outdir`, locked while a process of this run is alive. Removes the folders of runs that were killed."""
    outdir.mkdir(parents=True, exist_ok=True)
    with ExitStack() as ended:
        with _locked(outdir), signals_wait():
            for folder in outdir.glob(f"{_OF_A_RUN}*"):
                with suppress(OSError), _locked(folder, fcntl.LOCK_NB):
                    shutil.rmtree(folder)
            new = Path(mkdtemp(prefix=_OF_A_RUN, dir=outdir.absolute()))
            ended.callback(os.close, _lock(new))
            ended.callback(shutil.rmtree, new, ignore_errors=True)
        yield new


@contextmanager
def _locked(folder: Path, wait: int = 0) -> Iterator[None]:
    """Locks `folder` when no other run has it locked. With LOCK_NB as `wait`, raises OSError instead of waiting."""
    lock = _lock(folder, wait)
    try:
        yield
    finally:
        os.close(lock)


def _lock(folder: Path, wait: int = 0) -> int:
    lock = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | wait)
    except OSError:
        if wait:
            os.close(lock)
            raise
        # A file system without locks: two runs at the same time are not supported there.
    return lock


def _is_for(outdir: Path, file: Path) -> bool:
    """Whether `file` is in `outdir` or above it."""
    outdir, file = outdir.absolute(), file.absolute()
    return file.is_relative_to(outdir) or outdir.is_relative_to(file)


@contextmanager
def _as_invalid_file(outdir: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        file = Path(error.filename or os.devnull)
        if not _is_for(outdir, file):
            raise  # a fault of the machine
        remedy = "remove it, or " if error.errno == errno.EISDIR else ""
        message = f"cannot be written to ({error.strerror}); {remedy}name another CDKTF_OUTDIR"
        raise InvalidFile([Problem(file, 0, "", message)]) from error
