"""Reads kustomizations: which files they read, and which images they change by name.

https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/
"""

import os
import re
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, NamedTuple

from pull_through_cache.files.problems import InvalidFile
from pull_through_cache.files.yaml_stream import documents
from pull_through_cache.images.kinds import KUSTOMIZATIONS
from pull_through_cache.images.tree import Collection, Mapping, Node, Scalar, Sequence, Tree, children

# In the pattern of a name.
MAX_QUANTIFIERS = 2
MAX_BARS = 5
_QUANTIFIER = re.compile(r"[*+?]|\{\d")
_QUANTIFIED_GROUP = re.compile(r"\)(?:[*+?]|\{\d)")
_ANYTHING = re.compile("")
# These make changes in the whole kustomization that contains them.
CHANGERS = re.compile(r"kind[\"']?: *[\"']?(Component|ImageTagTransformer)|\bfieldPaths\b")
_FILES = frozenset(
    "bases components generators patches patchesJson6902 patchesStrategicMerge replacements resources transformers".split()
)
_LISTS = ("images", "imageTags", "artifacts")  # kustomize 1 had imageTags, and kubectl still reads them
EVERY = re.compile(".*", re.DOTALL)
"""The pattern of a replacement, which may change any image."""
COMPLEX = re.compile("(?:.*)", re.DOTALL)
"""Instead of a pattern that Python may take too long to match."""


class Entry(NamedTuple):
    """A change of the images whose names match a pattern."""

    pattern: re.Pattern[str]
    renames: bool = False
    """Whether the image gets another name, not only another version."""
    is_build: bool = False
    """Whether the image is built: https://skaffold.dev/docs/references/yaml/#build-artifacts."""


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
                if isinstance(item, Scalar) and CHANGERS.search(item.value):
                    yield from _roots(BytesIO(item.value.encode()), file, having)


def entries(file: Path, having: re.Pattern[str] = _ANYTHING) -> Iterator[Entry]:
    """The changes of images in the documents with a pattern: kustomize reads names as patterns."""
    for root in _documents(file, having):
        above = [root]
        while above:
            node = above.pop()
            above += (child for _, child in children(node) if isinstance(child, Collection))
            if not isinstance(node, Mapping):
                continue
            if _is_replacement_of_parts(node):
                yield Entry(EVERY)
            key = "image" if "image" in node else "name"
            in_list = isinstance(node.parent, Sequence) and node.parent.name in _LISTS
            if node.name == "imageTag" or (
                in_list and (key == "image" or node.own.keys() & {"newName", "newTag", "digest"})
            ):
                is_build = in_list and node.parent is not None and node.parent.name == "artifacts"
                yield Entry(_pattern(node.text(key)), bool(node.text("newName")), is_build)
            if node.name == "kustomize" and isinstance(images := node.get("images"), Sequence):
                for item in images.items:
                    if isinstance(item, Scalar):
                        yield Entry(_pattern(re.split("[=@]|:(?!.*/)", item.value)[0]))


def _is_replacement_of_parts(node: Mapping) -> bool:
    """Whether this is the source or a target of a replacement, and parts of an image's name other than the version."""
    options, fields = node.get("options"), node.get("fieldPaths")
    is_of_parts = isinstance(options, Mapping) and options.text("delimiter") not in ("", ":", "@")
    names = [item.value for _, item in children(fields) if isinstance(item, Scalar)] if fields else []
    return is_of_parts and any(name.lower().endswith("image") for name in [*names, node.text("fieldPath")])


def _pattern(name: str) -> re.Pattern[str]:
    # Go matches in linear time. Python can take exponential time, so a complex pattern matches every name: images stay.
    if _QUANTIFIED_GROUP.search(name) or len(_QUANTIFIER.findall(name)) > MAX_QUANTIFIERS or name.count("|") > MAX_BARS:
        return COMPLEX
    try:
        return re.compile(f"(?:{name})(:[a-zA-Z0-9_.{{}}-]*)?(@sha256:[a-zA-Z0-9_.{{}}-]*)?")
    except (re.error, OverflowError, RecursionError):
        return re.compile(re.escape(name))


def generated(file: Path) -> Iterator[Path]:
    """The files whose text a kustomization puts into ConfigMaps and Secrets, except values of Helm charts.

    https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/configmapgenerator/
    """
    for root in _documents(file):
        for key in ("configMapGenerator", "secretGenerator"):
            listed = root.get(key) if isinstance(root, Mapping) else None
            for _, item in children(listed) if listed else ():
                files = item.get("files") if isinstance(item, Mapping) else None
                for _, each in children(files) if files else ():
                    if isinstance(each, Scalar) and "values" not in each.value:
                        yield (file.parent / each.value.rpartition("=")[2]).resolve()


def reached(file: Path, read: Callable[[Path], list[Path]]) -> set[Path]:
    """The files that a kustomization reads, itself and those of other kustomizations included. `read` is `paths`."""
    reached, above = set[Path](), [file.resolve()]
    while above:
        file = above.pop()
        if file in reached:
            continue
        reached.add(file)
        if file.name in KUSTOMIZATIONS:
            above += read(file)
    return reached


def paths(file: Path) -> list[Path]:
    """The files that a kustomization names, and the kustomizations of the folders."""
    found = list[Path]()
    for root in _documents(file):
        for name in _paths(root):
            path = (file.parent / name).resolve()
            candidates = [path / each for each in KUSTOMIZATIONS] if os.path.isdir(path) else [path]  # noqa: PTH112
            found += (each for each in candidates if os.path.isfile(each))  # noqa: PTH113 - see PTH112
    return found


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
