"""YAML that is text in another document: its nodes, with their places in the outer text."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from io import BytesIO
from itertools import accumulate

from pull_through_cache.files.problems import InvalidFile
from pull_through_cache.files.yaml_stream import Document, documents
from pull_through_cache.images.tree import Collection, Mapping, Node, Scalar, Tree, children

# A line of a manifest in a script or template.
_LINE = re.compile(
    r"""^[ \t]*(?:-[ \t]+)?["']?\w*[iI]mage["']?:[ \t]*["']?([^\s"'{}$]+)["']?,?[ \t]*(?:#.*)?$""", re.MULTILINE
)


def trees(document: Document, scalar: Scalar, merge_keys: frozenset[str]) -> list[Tree] | None:
    """The documents in a scalar; None where it is not YAML, or its text is not literally in the outer one."""
    starts = _line_starts(document.text, scalar)
    if starts is None:
        return None
    lines = [0, *accumulate(len(line) for line in scalar.value.splitlines(keepends=True))]

    first = scalar.line + document.text.count("\n", scalar.start, starts[0])

    def line_of(position: int) -> int:
        return min(bisect_right(lines, position), len(starts)) - 1

    def outer(position: int) -> int:
        line = line_of(position)
        return starts[line] + position - lines[line]

    read, done = [], 0
    try:
        for inner in documents(BytesIO(scalar.value.encode()), document.file):
            tree = Tree(inner, merge_keys)
            for node in [*_scalars(tree.root), *tree.aliases]:
                start, end = node.start + done, node.end + done
                node.line = first + line_of(start)
                node.start, node.end = outer(start), outer(end - 1) + 1 if end > start else outer(end)
            read.append(tree)
            done += len(inner.text)
    except InvalidFile:
        return None
    return read


def image_lines(scalar: Scalar) -> Iterator[Scalar]:
    """The images in lines of a text that is a script or a template, as far as they are written out."""
    if "mage" not in scalar.value:
        return
    line, counted = scalar.line + 1, 0
    for match in _LINE.finditer(scalar.value):
        line, counted = line + scalar.value.count("\n", counted, match.start()), match.start()
        yield Scalar(match[1], scalar.start, scalar.end, line)


def _line_starts(text: str, scalar: Scalar) -> list[int] | None:
    """Where each line of the scalar's value begins in the text."""
    if scalar.of:
        return None
    source = text[scalar.start : scalar.end]
    value = scalar.value.splitlines(keepends=True)
    header, _, _ = source.partition("\n")
    if not re.fullmatch(r"(?:[&!]\S+\s+)*\|\S*[^\n]*", header):  # no literal block
        at = source.find(scalar.value)
        return [scalar.start + at] if at >= 0 and len(value) == 1 else None
    starts, position = [], scalar.start + len(header) + 1
    for line in value:
        end = text.find("\n", position)
        end = len(text) if end < 0 else end
        written, wanted = text[position:end].removesuffix("\r"), line.rstrip("\n")
        if not written.endswith(wanted) or written[: len(written) - len(wanted)].strip(" "):
            return None
        starts.append(position + len(written) - len(wanted))
        position = end + 1
    return starts or None


def _scalars(root: Node | None) -> Iterator[Scalar]:
    above: list[Node] = [root] if root else []
    while above:
        node = above.pop()
        if isinstance(node, Scalar):
            yield node
        elif isinstance(node, Collection):
            above += (child for _, child in children(node))


def mapping_of(parameters: Node, parent: Collection) -> Mapping:
    """The mapping that a list of `{name: image.tag, value: "1"}` writes out."""
    root = Mapping(parent, parameters.key if isinstance(parameters, Collection) else "")
    for item in getattr(parameters, "items", ()):
        name, value = (item.get("name"), item.get("value")) if isinstance(item, Mapping) else (None, None)
        if not isinstance(name, Scalar) or not isinstance(value, Scalar) or value.of:
            continue
        *path, last = name.value.split(".")
        into = root
        for key in path:
            child = into.own.get(key)
            if not isinstance(child, Mapping):
                child = into.own[key] = Mapping(into, key)
            into = child
        into.own[last] = value
    return root
