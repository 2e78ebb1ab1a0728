"""Finds images that kustomize, Skaffold, and GitOps tools change by name: such a name must not change.

https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/images/
"""

import os
import re
from collections.abc import Iterator
from functools import cached_property
from io import BytesIO
from itertools import chain, islice, takewhile
from pathlib import Path
from tempfile import gettempdir
from typing import BinaryIO

from pull_through_cache.files.problems import InvalidFile
from pull_through_cache.files.yaml_stream import documents
from pull_through_cache.images.kinds import KUSTOMIZATIONS
from pull_through_cache.images.tree import Collection, Mapping, Node, Scalar, Sequence, Tree, children

MAX_FILES = 50_000
# Outside a git repository, a file's kustomizations are looked for in so many folders above it, and in so many below each.
MAX_LEVELS = 4
MAX_FOLDERS = 1_000
# In the pattern of a name.
MAX_QUANTIFIERS = 2
MAX_BARS = 5
_QUANTIFIER = re.compile(r"[*+?]|\{\d")
_QUANTIFIED_GROUP = re.compile(r"\)(?:[*+?]|\{\d)")
_ANYTHING = re.compile("")
_OTHERS = re.compile(r"(kustomize|helm)\.toolkit\.fluxcd\.io/|argoproj\.io/|\bskaffold/v\d")
# These make changes in the whole kustomization that contains them.
_CHANGERS = re.compile(r"kind[\"']?: *[\"']?(Component|ImageTagTransformer)|\bfieldPaths\b")
_FILES = frozenset(
    "bases components generators patches patchesJson6902 patchesStrategicMerge replacements resources transformers".split()
)
_LISTS = ("images", "imageTags", "artifacts")  # kustomize 1 had imageTags, and kubectl still reads them
_EVERY = re.compile(".*", re.DOTALL)
_KUSTOMIZE = "changes it by this name; rewrite what kubectl kustomize prints"
_PARTS = "may change a part of its name; rewrite what kubectl kustomize prints"
_ELSEWHERE = "changes it by this name when it is deployed"


class Kustomizations:
    """The names of images that are changed by name, in the tree of files that a file is part of."""

    def __init__(self, file: Path, folder: Path | None = None) -> None:
        """`folder` is the folder that a command is about, if `file` is in one."""
        root = _root(file.resolve())
        self._root = folder.resolve() if folder and root.is_relative_to(folder.resolve()) else root

    def why(self, file: Path, name: str, keeps_name: bool = False) -> str:
        """Why an image with this name must not change in a file; else empty.

        - `keeps_name`: the name is the newName of an entry for the same name, which does not change it again.
        """
        by_file, everywhere = self._names
        file = file.resolve()
        found = (why for pattern, why in (*by_file.get(file, ()), *everywhere) if pattern.fullmatch(name))
        why = next(found, "")
        is_by_its_own = keeps_name and why == f"{_shown(file)} {_KUSTOMIZE}" and next(found, None) is None
        return "" if is_by_its_own else why

    def has(self, file: Path) -> bool:
        """Whether a file is in this tree."""
        return file.resolve().is_relative_to(self._root)

    @cached_property
    def _names(self) -> tuple[dict[Path, list[tuple[re.Pattern[str], str]]], list[tuple[re.Pattern[str], str]]]:
        by_file: dict[Path, list[tuple[re.Pattern[str], str]]] = {}
        everywhere: list[tuple[re.Pattern[str], str]] = []
        for file in _yaml_files(self._root):
            if file.name in KUSTOMIZATIONS:
                reached = _reached(file)
                names = [(name, _changed(file, name)) for name in _names(file)]
                for each in reached - {file.resolve()}:
                    names += ((name, _changed(each, name)) for name in _names(each, _CHANGERS))
                for covered in reached if names else ():
                    by_file.setdefault(covered, []).extend(names)
            else:
                everywhere += ((name, f"{_shown(file)} {_ELSEWHERE}") for name in _names(file, _OTHERS))
        return by_file, everywhere


def _root(file: Path) -> Path:
    """The git repository of a file; else the highest folder near it with a kustomization that reads the file."""
    for folder in file.parents:
        if os.path.exists(folder / ".git"):  # noqa: PTH110 - it ignores folders without permission
            return folder
    home = Path(os.path.expanduser("~"))  # noqa: PTH111 - Path.home raises an error for a user without a home
    shared = {Path("/"), home, Path(gettempdir()).resolve()}
    near = takewhile(lambda folder: folder not in shared, list(file.parents)[:MAX_LEVELS])
    reading = [folder for folder in near if any(file in _reached(each) for each in _kustomizations(folder))]
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


def _changed(file: Path, name: re.Pattern[str]) -> str:
    return f"{_shown(file)} {_PARTS if name is _EVERY else _KUSTOMIZE}"


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


def _documents(file: Path, having: re.Pattern[str] = _ANYTHING) -> Iterator[Node]:
    """The documents of a file that contain a pattern, up to the first that is not YAML."""
    try:
        with file.open("rb") as stream:
            yield from _roots(stream, file, having)
    except (InvalidFile, OSError):
        return


def _roots(stream: BinaryIO, file: Path, having: re.Pattern[str]) -> Iterator[Node]:
    for document in documents(stream, file):
        if having.search(document.text) and (root := Tree(document, frozenset()).root) is not None:
            yield root
            inline = root.get("transformers") if isinstance(root, Mapping) else None
            for _, item in children(inline) if inline else ():
                if isinstance(item, Scalar) and _CHANGERS.search(item.value):
                    yield from _roots(BytesIO(item.value.encode()), file, having)


def _names(file: Path, having: re.Pattern[str] = _ANYTHING) -> Iterator[re.Pattern[str]]:
    """The names of the images that the documents with a pattern change: kustomize reads them as patterns."""
    for root in _documents(file, having):
        above = [root]
        while above:
            node = above.pop()
            above += (child for _, child in children(node) if isinstance(child, Collection))
            if not isinstance(node, Mapping):
                continue
            if _is_replacement_of_parts(node):
                yield _EVERY
            key = "image" if "image" in node else "name"
            in_list = isinstance(node.parent, Sequence) and node.parent.name in _LISTS
            if node.name == "imageTag" or (
                in_list and (key == "image" or node.own.keys() & {"newName", "newTag", "digest"})
            ):
                yield _pattern(node.text(key))
            if node.name == "kustomize" and isinstance(images := node.get("images"), Sequence):
                for item in images.items:
                    if isinstance(item, Scalar):
                        yield _pattern(re.split("[=@]|:(?!.*/)", item.value)[0])


def _is_replacement_of_parts(node: Mapping) -> bool:
    """Whether this is the source or a target of a replacement, and parts of an image's name other than the version."""
    options, fields = node.get("options"), node.get("fieldPaths")
    is_of_parts = isinstance(options, Mapping) and options.text("delimiter") not in ("", ":", "@")
    names = [item.value for _, item in children(fields) if isinstance(item, Scalar)] if fields else []
    return is_of_parts and any(name.lower().endswith("image") for name in [*names, node.text("fieldPath")])


def _pattern(name: str) -> re.Pattern[str]:
    # Go matches in linear time. Python can take exponential time, so a complex pattern matches every name: images stay.
    if _QUANTIFIED_GROUP.search(name) or len(_QUANTIFIER.findall(name)) > MAX_QUANTIFIERS or name.count("|") > MAX_BARS:
        return _EVERY
    try:
        return re.compile(f"(?:{name})(:[a-zA-Z0-9_.{{}}-]*)?(@sha256:[a-zA-Z0-9_.{{}}-]*)?")
    except (re.error, OverflowError, RecursionError):
        return re.compile(re.escape(name))


def _reached(file: Path) -> set[Path]:
    """The files that a kustomization reads, itself and those of other kustomizations included."""
    reached, above = set[Path](), [file.resolve()]
    while above:
        file = above.pop()
        if file in reached:
            continue
        reached.add(file)
        if file.name not in KUSTOMIZATIONS:
            continue
        for root in _documents(file):
            for name in _paths(root):
                path = (file.parent / name).resolve()
                candidates = [path / each for each in KUSTOMIZATIONS] if os.path.isdir(path) else [path]  # noqa: PTH112
                above += (each for each in candidates if _is_file(each))
    return reached


def _paths(root: Node) -> Iterator[str]:
    for key, child in children(root):
        for _, item in children(child) if key in _FILES else ():
            path = item.value if isinstance(item, Scalar) else item.text("path") if isinstance(item, Mapping) else ""
            if path and "\n" not in path and "://" not in path:
                yield path
    charts = root.get("helmCharts") if isinstance(root, Mapping) else None
    for _, chart in children(charts) if charts else ():
        if isinstance(chart, Mapping):
            more = chart.get("additionalValuesFiles")
            yield from (item.value for _, item in children(more) if isinstance(item, Scalar)) if more else ()
            yield from filter(None, (chart.text("valuesFile"), f"charts/{chart.text('name')}/values.yaml"))
