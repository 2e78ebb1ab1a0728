"""Reads the files and folders of a command, and replaces files."""

import os
import stat
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import BinaryIO

import click

from pull_through_cache.files.git_index import Index
from pull_through_cache.files.ignoring import Ignored, decision
from pull_through_cache.files.problems import InvalidFile, Problem
from pull_through_cache.files.yaml_stream import Document, documents
from pull_through_cache.images.dockerfiles import is_dockerfile

STANDARD_INPUT = Path("-")
_SUFFIXES = {".yaml", ".yml", ".json"}

files_argument = click.argument(
    "files",
    nargs=-1,
    metavar="[FILE...]",
    type=click.Path(exists=True, allow_dash=True, path_type=Path),
    callback=lambda _context, _argument, files: files or (STANDARD_INPUT,),
)


def documents_of(file: Path) -> Iterator[Document]:
    """The documents of a file, or of standard input for `-`; a Dockerfile is one.

    Raises InvalidFile for what cannot be read, or is not UTF-8.
    """
    is_input = file == STANDARD_INPUT
    shown = Path("<stdin>") if is_input else file
    try:
        with nullcontext(sys.stdin.buffer) if is_input else file.open("rb") as stream:
            yield from documents(stream, shown, split=is_input or not is_dockerfile(file))
    except OSError as error:
        why = f"cannot be read ({error.strerror}); name a file with text that you may read"
        raise InvalidFile([Problem(shown, 0, "", why)]) from error


class Selection:
    """The files among files and folders: in folders what is YAML, JSON or a Dockerfile, and is not ignored by git."""

    def __init__(self, paths: Iterable[Path], exclude: Iterable[str]) -> None:
        self.packed_charts: set[Path] = set()
        """Dependencies of the Helm charts whose folder or values.yaml is selected: their values are not read."""
        self._templates: set[Path] = set()
        self._exclude = list(exclude)
        self.files: list[Path] = []
        for path in paths:
            if path == STANDARD_INPUT or not path.is_dir():
                self.files.append(path)
                if path.name == "values.yaml" and (path.parent / "Chart.yaml").is_file():
                    self._add_templates(path.parent / "templates")
                    self.packed_charts.update(path.parent.glob("charts/*.tgz"))
                continue
            try:
                self._add_folder(path, Ignored.above_folder(path), Index.of_folder(path), Ignored(path, self._exclude))
            except OSError as error:
                why = f"cannot be read ({error.strerror}); make it readable, or leave it out with --exclude"
                raise InvalidFile([Problem(Path(error.filename or path), 0, "", why)]) from error

    @property
    def templates(self) -> int:
        """The number of templates that were left out, of the Helm charts whose folder or values.yaml is selected."""
        return len(self._templates)

    def _add_templates(self, folder: Path) -> None:
        self._templates.update(each for each in folder.rglob("*") if each.suffix in _SUFFIXES)

    def _add_folder(
        self, folder: Path, above: list[Ignored], index: Index, exclude: Ignored, *, ignored: bool = False
    ) -> None:
        """`ignored`: git ignores the folder, so only files that it tracks are read."""
        rules = [*above, Ignored.of_folder(folder)]
        if (folder / ".git").exists():  # a repository in a repository
            index = Index.of_folder(folder)
        is_chart = (folder / "Chart.yaml").is_file()
        self.packed_charts.update(folder.glob("charts/*.tgz") if is_chart else ())
        for path in sorted(folder.iterdir()):
            is_folder = path.is_dir()
            excluded = exclude.decides(path, is_folder=is_folder)
            is_ignored = ignored or decision(rules, path, is_folder=is_folder)
            if path.name == ".git" or excluded or (excluded is None and is_ignored and not index.has(path)):
                continue
            if is_folder:
                if is_chart and path.name == "templates":
                    self._add_templates(path)
                elif not path.is_symlink():
                    self._add_folder(path, rules, index, exclude, ignored=is_ignored and excluded is None)
            elif path.is_file() and (path.suffix in _SUFFIXES or is_dockerfile(path)):
                self.files.append(path)


def check_replaceable(file: Path) -> None:
    """Raises InvalidFile for a file that cannot be replaced safely: not a regular file, or one with several names."""
    try:
        found = file.stat()
    except OSError as error:
        why = f"cannot be read ({error.strerror}); name a file that you may read"
        raise InvalidFile([Problem(file, 0, "", why)]) from error
    if not stat.S_ISREG(found.st_mode):
        raise InvalidFile([Problem(file, 0, "", "is not a regular file; write the output elsewhere")])
    if found.st_nlink > 1:
        why = f"has {found.st_nlink} hard links, which would then differ; write the output elsewhere, and copy it into the file"
        raise InvalidFile([Problem(file, 0, "", why)])


def write_whole(file: Path, content: bytes) -> None:
    """Writes `file`, new or in place of what it has, whole or not at all. Raises InvalidFile if that is not possible."""
    if file.exists():
        check_replaceable(file)
        with replacement(file) as stream:
            stream.write(content)
        return
    try:
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
            Path(name).chmod(0o666 & ~_umask())
            Path(name).rename(file)
        except BaseException:
            with suppress(FileNotFoundError):
                Path(name).unlink()
            raise
    except OSError as error:
        raise InvalidFile([Problem(file, 0, "", f"cannot be written ({error.strerror})")]) from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


@contextmanager
def replacement(file: Path) -> Iterator[BinaryIO]:
    """A stream with new content for `file`. It replaces the content at the end; an error changes nothing.

    Owner, mode, extended attributes, and POSIX access control lists stay the same. Raises InvalidFile if one of them cannot
    be kept, or if the file's folder cannot be written.
    """
    target = file.resolve()  # a symbolic link stays
    try:
        before = target.stat()
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(handle, "wb") as stream:
                yield stream
            after = Path(name).stat()
            if (after.st_uid, after.st_gid) != (before.st_uid, before.st_gid):
                os.chown(name, before.st_uid, before.st_gid)
            Path(name).chmod(stat.S_IMODE(before.st_mode))
            _copy_attributes(target, Path(name))
            Path(name).replace(target)
        except BaseException:
            with suppress(FileNotFoundError):
                Path(name).unlink()
            raise
    except OSError as error:
        message = f"cannot be replaced ({error.strerror}), and has not changed; write the output elsewhere"
        raise InvalidFile([Problem(file, 0, "", message)]) from error


def _copy_attributes(file: Path, copy: Path) -> None:
    """Copies extended attributes; on Linux, access control lists are among them."""
    if not hasattr(os, "listxattr"):
        return
    there = {name: os.getxattr(file, name) for name in os.listxattr(file)}
    for name in set(os.listxattr(copy)) - set(there):  # of the folder's default access control list
        os.removexattr(copy, name)
    for name, value in there.items():
        if value != (os.getxattr(copy, name) if name in os.listxattr(copy) else None):
            os.setxattr(copy, name, value)
