"""YAML that is text in another document: its nodes, with their places in the outer text."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from io import BytesIO
from itertools import groupby
from typing import NamedTuple

from pull_through_cache.files.problems import InvalidFile
from pull_through_cache.files.yaml_stream import Document, documents
from pull_through_cache.images.positions import FIXED_TEXT, positions
from pull_through_cache.images.tree import Collection, Mapping, Node, Scalar, Sequence, Tree

MAX_TEXTS = 5
"""How deep texts in texts are read as YAML."""
_SPACE = r"(?:[ \t]|\\\n)"
_VALUE = r"(?:\"[^\"\n]*+\"|'[^'\n]*+'|[^\s\"'\\])++"
# The options of `docker run`: without a value, with =, and with the value as the next word.
_OPTIONS = (
    rf"(?:{_SPACE}++(?:-[ditPq]++(?!\S)|--(?:detach|init|interactive|no-healthcheck|privileged|publish-all|quiet|read-only|rm|tty)(?!\S)"
    rf"|--[\w-]++={_VALUE}|-p[0-9:]++|--?[\w-]++{_SPACE}++(?!-){_VALUE}))*+"
)
# A line of a manifest in a script or template, an argument, an assignment, or `docker pull`.
_LINE = re.compile(
    r"""(?:(?<!\w)(?:\w*(?:[iI]mage|IMAGE)|repository)[\\"']*[ \t]*[:=]|--image[ \t]|\b(?:docker|podman|nerdctl|crictl)[ \t]pull[ \t]"""
    rf"""|\b(?:docker|podman|nerdctl)[ \t](?:container[ \t])?(?:run|create){_OPTIONS}{_SPACE})"""
    r"""[ \t]*(?:\\\n[ \t]*)?[\\"']*([^\s"'{},$\\;)]*[^\s"'{},$\\;):@])"""
)
# An image with its registry in a command, an assignment, or a file of another program.
_WORD = re.compile(
    r"(?:(?<![\w.:/@$}%-])|(?<=docker://)|(?<=oci://))((?:[a-z0-9][a-z0-9-]*\.)+[a-z]{2,}/[a-z0-9._/-]*[a-z0-9](?::[\w.-]+)?"
    r"(?:@sha256:[0-9a-f]{64})?)"
)
# One that is not closed goes on to the end of its line, so that the line is read once.
_HOLE = re.compile(r"\{\{.*?(?:(\}\})|$)", re.MULTILINE)
_CONTROL = re.compile(r"\{\{-?\s*(if|else|end|range|with|define|template|include|block|toYaml)\b|\{%")
GUESSED = "is in a text that another program reads"


class Embedded(NamedTuple):
    """The documents in a text. `why` is the reason if they cannot change in place."""

    trees: list[Tree]
    why: str


def may_be_text(value: str) -> bool:
    """Whether a text that no convention knows is worth reading: JSON or several lines, with a key of images."""
    return ("\n" in value or value[:1] in ("{", "[")) and _LINE.search(value) is not None


def embedded(document: Document, scalar: Scalar, merge_keys: frozenset[str]) -> Embedded | None:
    """The documents in a scalar; None where it is not YAML, even with its templates' placeholders filled in."""
    value = scalar.value
    if "{{" in value:
        if _CONTROL.search(value):
            return None
        value = _HOLE.sub(lambda hole: "$" * len(hole[0]) if hole[1] else hole[0], value)
    read, done = list[Tree](), 0
    try:
        for inner in documents(BytesIO(value.encode()), document.file):
            tree = Tree(inner, merge_keys)
            for node in tree.scalars():
                if "$$" in node.value and value is not scalar.value:
                    at = value.find(node.value, done + node.start, done + node.end)
                    node.value = scalar.value[at : at + len(node.value)] if at >= 0 else node.value
                node.start, node.end = node.start + done, node.end + done
            read.append(tree)
            done += len(inner.text)
    except InvalidFile:
        return None
    return _placed(document.text, scalar, read)


def _placed(text: str, scalar: Scalar, read: list[Tree]) -> Embedded:
    """The trees with their places in the outer text."""
    outer = positions(text, scalar)
    source = text[scalar.start : scalar.end]
    if outer and source.endswith('"') and any(tree.aliases for tree in read):
        outer = None  # an alias is written out in quotes
    ends = [match.start() + scalar.start for match in re.finditer("\n", source)]
    for tree in read:
        for node in tree.scalars():
            if outer is None:
                node.start, node.end, node.line = scalar.start, scalar.end, scalar.line
                continue
            start, end = node.start, node.end
            node.start, node.end = outer(start), outer(end - 1) + 1 if end > start else outer(end)
            node.line = scalar.line + bisect_right(ends, node.start)
    return Embedded(read, "" if outer else FIXED_TEXT)


def images_in_text(scalar: Scalar) -> Iterator[Scalar]:
    """The images in a text that is a script, a template, or a file of another program, as far as they are written out."""
    found = sorted((*_LINE.finditer(scalar.value), *_WORD.finditer(scalar.value)), key=lambda match: match.start(1))
    line, counted = scalar.line + ("\n" in scalar.value), 0
    for at, same in groupby(found, key=lambda match: match.start(1)):
        line, counted = line + scalar.value.count("\n", counted, at), at
        yield Scalar(next(same)[1], scalar.start, scalar.end, line)


def mapping_of(parameters: Mapping | Sequence, parent: Collection) -> Mapping:
    """The mapping that a list of `{name: image.tag, value: "1"}`, or a mapping of `image.tag: "1"`, writes out."""
    root = Mapping(parent, parameters.key)
    for name, value in _pairs(parameters):
        if not isinstance(value, Scalar) or value.of:
            continue
        *path, last = name.split(".")
        into = root
        for key in path:
            child = into.own.get(key)
            if not isinstance(child, Mapping):
                child = into.own[key] = Mapping(into, key)
            into = child
        into.own[last] = value
    return root


def _pairs(parameters: Mapping | Sequence) -> Iterator[tuple[str, Node | None]]:
    if isinstance(parameters, Mapping):
        yield from parameters.own.items()
    for item in parameters.items if isinstance(parameters, Sequence) else ():
        if isinstance(item, Mapping):
            yield item.text("name"), item.get("value")
            name = item.get("name") if "path" in item or "file" in item else item.get("targetPath")
            if isinstance(name, Scalar):
                # The value is in another file or object: https://fluxcd.io/flux/components/helm/helmreleases/#values-references.
                yield name.value, Scalar("$", name.start, name.end, name.line)
