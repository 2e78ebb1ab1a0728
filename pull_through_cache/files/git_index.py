"""Which files git tracks, from its index: https://git-scm.com/docs/index-format."""

import struct
from bisect import bisect_left
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

# Before an entry's name: times, owner, size, SHA-1, and flags.
_FIXED = 62
_FLAGS = 60
_MORE_FLAGS = 0x40


class Index:
    """The files that a git repository tracks. What git tracks, no .gitignore excludes.

    For an index of another layout (SHA-256, split, sparse), files are missing.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    @classmethod
    def of_folder(cls, folder: Path) -> "Index":
        """The index of the repository that a folder is in; an empty one if it is in none."""
        root = folder.resolve()
        return cls(next((each for each in (root, *root.parents) if (each / ".git").exists()), root))

    def has(self, path: Path) -> bool:
        """Whether a file is tracked, or a file in a folder."""
        path = path.parent.resolve() / path.name
        if not path.is_relative_to(self._root):
            return False
        name = bytes(path.relative_to(self._root))
        return self._has_prefix(name + b"\0") or self._has_prefix(name + b"/")

    def _has_prefix(self, prefix: bytes) -> bool:
        at = bisect_left(self._names, prefix)
        return at < len(self._names) and self._names[at].startswith(prefix)

    @cached_property
    def _names(self) -> list[bytes]:
        """The names of the files, each with a NUL at its end, in order."""
        git = self._root / ".git"
        try:
            if git.is_file():  # a worktree, or a submodule
                git = self._root / git.read_text().removeprefix("gitdir:").strip()
            return sorted(_names((git / "index").read_bytes()))
        except (OSError, ValueError, IndexError, struct.error):
            return []


def _names(index: bytes) -> Iterator[bytes]:
    signature, version, count = struct.unpack_from(">4sII", index)
    if signature != b"DIRC" or version not in (2, 3, 4):
        return
    start, name = 12, b""
    for _ in range(count):
        at = start + _FIXED + (2 if index[start + _FLAGS] & _MORE_FLAGS else 0)
        if version == 4:  # only what differs from the name before
            removed, at = _number(index, at)
            name = name[: len(name) - removed]
        else:
            name = b""
        end = index.index(b"\0", at)
        name += index[at:end]
        yield name + b"\0"
        start = end + 1 if version == 4 else start + (end - start) // 8 * 8 + 8


def _number(index: bytes, at: int) -> tuple[int, int]:
    """A number of variable length, as in git's packs, and the place after it."""
    number = index[at] & 0x7F
    while index[at] & 0x80:
        at += 1
        number = (number + 1) << 7 | (index[at] & 0x7F)
    return number, at + 1
