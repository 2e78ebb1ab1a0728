"""Finds images that kustomize, Skaffold, and GitOps tools change by name: such a name must not change.

https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/images/
"""

import os
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache, cached_property
from itertools import chain, islice, takewhile
from pathlib import Path
from tempfile import gettempdir
from typing import NamedTuple

from pull_through_cache.images.conventions import What
from pull_through_cache.images.kinds import KUSTOMIZATIONS
from pull_through_cache.images.kustomization_files import (
    CHANGERS,
    COMPLEX,
    EVERY,
    Entry,
    entries,
    generated,
    paths,
    reached,
)

MAX_FILES = 50_000
# Outside a git repository, a file's kustomizations are looked for in so many folders above it, and in so many below each.
MAX_LEVELS = 4
MAX_FOLDERS = 1_000
_OTHERS = re.compile(r"(kustomize|helm)\.toolkit\.fluxcd\.io/|argoproj\.io/|\bskaffold/v\d")
_BUILD = "; rewrite what kubectl kustomize prints"
_KUSTOMIZE = "changes it by this name" + _BUILD
_PARTS = "may change a part of its name" + _BUILD
_COMPLEX = "changes images by a pattern, which may match it" + _BUILD
_ELSEWHERE = "changes it by this name when it is deployed"
_GENERATED = "puts this file into a ConfigMap or a Secret, for another program to read"
_RENAMED = "gets another name in every kustomization that reads it"


class Change(NamedTuple):
    """What changes the images whose names match a pattern."""

    pattern: re.Pattern[str]
    why: str
    what: What = What.LEFT
    """KEPT for images that are built."""


class Build(NamedTuple):
    """What a kustomization reads, and the names that it replaces with others."""

    files: set[Path]
    renamed: list[re.Pattern[str]]


class Kustomizations:
    """The names of images that are changed by name, in the tree of files that a file is part of."""

    def __init__(self, file: Path, folder: Path | None = None) -> None:
        """`folder` is the folder that a command is about, if `file` is in one."""
        root = _root(file.resolve())
        self._root = folder.resolve() if folder and root.is_relative_to(folder.resolve()) else root
        self._trees: dict[Path, Build] = {}

    def judge(self, file: Path, name: str, keeps_name: bool = False) -> tuple[What, str]:
        """Whether an image with this name may change in a file, and why not.

        - `keeps_name`: the name is the newName of an entry for the same name, which does not change it again.
        """
        by_file, everywhere = self._changes
        file = file.resolve()
        found = [each for each in (*by_file.get(file, ()), *everywhere) if each.pattern.fullmatch(name)]
        if not found or (keeps_name and [each.why for each in found] == [f"{_shown(file)} {_KUSTOMIZE}"]):
            return What.IMAGE, ""
        if all(each.why.endswith(_KUSTOMIZE) for each in found) and self._renames(file, name):
            return What.KEPT, _RENAMED
        first = next((each for each in found if each.what is What.KEPT), found[0])
        return first.what, first.why

    def has(self, file: Path) -> bool:
        """Whether a file is in this tree."""
        return file.resolve().is_relative_to(self._root)

    def _renames(self, file: Path, name: str) -> bool:
        """Whether an image of a file gets another name in the build of each kustomization that no other one reads."""
        tops = [self._trees[top] for top in self._tops if file in self._trees[top].files]
        return bool(tops) and all(
            any(
                file in below.files and any(pattern.fullmatch(name) for pattern in below.renamed)
                for each in top.files
                if (below := self._trees.get(each))
            )
            for top in tops
        )

    @cached_property
    def _tops(self) -> list[Path]:
        below = {each for file, tree in self._trees.items() for each in tree.files if each != file}
        return [file for file in self._trees if file not in below]

    @cached_property
    def _changes(self) -> tuple[dict[Path, list[Change]], list[Change]]:
        by_file: defaultdict[Path, list[Change]] = defaultdict(list)
        everywhere: list[Change] = []
        read, changers = cache(paths), cache(lambda file: list(entries(file, CHANGERS)))  # of many, each is read once
        for file in _yaml_files(self._root):
            if file.name not in KUSTOMIZATIONS:
                everywhere += (_elsewhere(file, each) for each in entries(file, _OTHERS))
                continue
            files, found = reached(file, read), [(file, each) for each in entries(file)]
            for other in files - {file.resolve()}:
                found += ((other, each) for each in changers(other))
            self._trees[file.resolve()] = Build(files, [each.pattern for _, each in found if each.renames])
            for covered in files if found else ():
                by_file[covered] += (Change(each.pattern, _why(of, each)) for of, each in found)
            for text in generated(file):
                by_file[text].append(Change(EVERY, f"{_shown(file)} {_GENERATED}"))
        return by_file, everywhere


def _root(file: Path) -> Path:
    """The git repository of a file; else the highest folder near it with a kustomization that reads the file."""
    for folder in file.parents:
        if os.path.exists(folder / ".git"):  # noqa: PTH110 - it ignores folders without permission
            return folder
    home = Path(os.path.expanduser("~"))  # noqa: PTH111 - Path.home raises an error for a user without a home
    shared = {Path("/"), home, Path(gettempdir()).resolve()}
    near = takewhile(lambda folder: folder not in shared, list(file.parents)[:MAX_LEVELS])
    reading = [folder for folder in near if any(file in reached(each, paths) for each in _kustomizations(folder))]
    return reading[-1] if reading else file.parent


def _kustomizations(folder: Path) -> Iterator[Path]:
    """The kustomizations of a folder, and those of overlays in it: `overlays/production`."""
    near = _folders(folder)
    folders = [folder, *islice(chain(near, chain.from_iterable(map(_folders, near))), MAX_FOLDERS)]
    yield from (each / name for each in folders for name in KUSTOMIZATIONS if _is_file(each / name))


def _folders(folder: Path) -> list[Path]:
    """The folders in a folder; none if it cannot be read, or has vanished."""
    return [folder / name for _, names, _ in islice(os.walk(folder), 1) for name in names]


def _is_file(path: Path) -> bool:
    return os.path.isfile(path)  # noqa: PTH113 - Path.is_file raises an error for folders without permission


def _shown(file: Path) -> Path:
    return file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file


def _elsewhere(file: Path, entry: Entry) -> Change:
    what, why = (What.KEPT, "builds it") if entry.is_build else (What.LEFT, _ELSEWHERE)
    return Change(entry.pattern, f"{_shown(file)} {why}", what)


def _why(file: Path, entry: Entry) -> str:
    return (
        f"{_shown(file)} {_PARTS if entry.pattern is EVERY else _COMPLEX if entry.pattern is COMPLEX else _KUSTOMIZE}"
    )


def _yaml_files(root: Path) -> Iterator[Path]:
    number = 0
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if name not in (".git", "node_modules")]
        for name in files:
            number += 1
            if number > MAX_FILES:
                return
            path = Path(folder, name)
            if (name in KUSTOMIZATIONS or path.suffix in (".yaml", ".yml")) and _is_file(path):
                yield path
