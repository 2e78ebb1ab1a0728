"""Writes what an app synthesizes: all of it, or nothing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from pull_through_cache.files.problems import InvalidFile, Problem
from stacks.expressions import check_expressions

if TYPE_CHECKING:
    from cdktf import App

_OF_A_STACK = {"cdk.tf.json", "cdk.tf", "metadata.json"}
"""The files that cdktf writes for a stack: the first, or with `--hcl` the others."""


def synthesize(build_app: Callable[[str], "App"], outdir: Path) -> None:
    """Lets cdktf write into a new folder, which `build_app` is given, and then puts its files into `outdir`.

    Until then `outdir` is as it was, whatever fails. What cdktf wrote there earlier and not now is removed: nobody must
    apply a stack that is gone, and of JSON beside HCL Terraform reads both. Terraform's own files stay.

    Raises InvalidFile if `outdir` cannot be written to.
    """
    with _told(outdir):
        outdir.mkdir(parents=True, exist_ok=True)
        new = TemporaryDirectory(prefix=".synthesis-", dir=outdir.absolute(), ignore_cleanup_errors=True)
    with new as folder:
        app = build_app(folder)
        app.synth()
        check_expressions(app, outdir)
        with _told(outdir):
            _replace(outdir, Path(folder))


def _replace(outdir: Path, new: Path) -> None:
    written = {path.relative_to(new) for path in new.rglob("*") if path.is_file()}
    for file in outdir.glob("stacks/*/*"):
        if file.name in _OF_A_STACK and file.relative_to(outdir) not in written:
            file.unlink(missing_ok=True)  # another synthesis may have done it
    for path in written:
        (outdir / path).parent.mkdir(parents=True, exist_ok=True)
        (new / path).replace(outdir / path)


@contextmanager
def _told(outdir: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        message = f"cannot be written to ({error.strerror}); name another CDKTF_OUTDIR"
        raise InvalidFile([Problem(outdir, 0, "", message)]) from error
