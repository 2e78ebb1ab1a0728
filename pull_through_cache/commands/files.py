"""Reads the files that a command is given, and replaces them."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import click

from pull_through_cache.files.problems import InvalidFile, Problem
from pull_through_cache.files.yaml_stream import Document, documents

STANDARD_INPUT = Path("-")

files_argument = click.argument(
    "files",
    nargs=-1,
    metavar="[FILE...]",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
    callback=lambda _context, _argument, files: files or (STANDARD_INPUT,),
)


def documents_of(file: Path) -> Iterator[Document]:
    """The YAML documents of a file, or of standard input for `-`. Raises InvalidFile for what is not UTF-8."""
    if file == STANDARD_INPUT:
        yield from documents(sys.stdin.buffer, Path("<stdin>"))
        return
    with file.open("rb") as stream:
        yield from documents(stream, file)


@contextmanager
def replacement(file: Path) -> Iterator[BinaryIO]:
    """A stream whose content takes the place of `file`, mode and all, at the end; after an error nothing does.

    Raises InvalidFile if the file's folder cannot be written.
    """
    target = file.resolve()  # a link stays
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(handle, "wb") as stream:
                yield stream
            shutil.copymode(target, name)
            Path(name).replace(target)
        except BaseException:
            with suppress(FileNotFoundError):
                Path(name).unlink()
            raise
    except OSError as error:
        message = f"cannot be replaced ({error.strerror}); it is as it was"
        raise InvalidFile([Problem(file, 0, "", message)]) from error
