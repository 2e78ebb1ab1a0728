"""Reads a YAML document into nodes that know their place in its text."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from yaml.nodes import ScalarNode
from yaml.resolver import Resolver

from pull_through_cache.files.problems import InvalidFile, Place, Problem
from pull_through_cache.files.yaml_stream import Document

if TYPE_CHECKING:
    from collections.abc import Iterable

_TEXT = ("tag:yaml.org,2002:str", "!", "!override", "!Sub")  # the last two are Compose's and CloudFormation's
_NOTHING = ("tag:yaml.org,2002:null", "tag:yaml.org,2002:bool")
_resolve = Resolver().resolve
MAX_VALUES = 2_000_000
"""The most values of a document: they take about 1 GB of memory."""


@dataclass(eq=False, slots=True)
class Scalar:
    """A scalar: its value, and the span and line of its source. `of` is what it is an alias of."""

    value: str
    start: int
    end: int
    line: int
    tag: str | None = None
    implicit: tuple[bool, bool] = (True, True)
    of: "Scalar | None" = None

    @property
    def kind(self) -> str:
        return self.tag or str(_resolve(ScalarNode, self.value, self.implicit))

    @property
    def is_text(self) -> bool:
        return self.kind in _TEXT

    @property
    def is_nothing(self) -> bool:
        """Whether it is empty, null, or a Boolean: such a tag does not count."""
        return not self.value or self.kind in _NOTHING

    def edit(self, text: str, value: str) -> tuple[int, int, str] | None:
        """The change to the document's text that gives it another value; None if it spans several lines."""
        if self.of:
            return self.start, self.end, f'"{value}"'
        source = text[self.start : self.end]
        at = source.rfind(self.value)  # after an anchor, a tag, a quote or the header of a block
        if at >= 0:
            return self.start + at, self.start + at + len(self.value), value
        quote = source.find('"')
        if "\n" in source or quote < 0 or source[:quote].endswith("\\"):  # the last one, in a text in quotes
            return None
        return self.start + quote, self.end, f'"{value}"'  # with escapes


@dataclass(eq=False, slots=True)
class Collection:
    """A mapping or a sequence. `key` is its key or index in `parent`."""

    parent: "Collection | None"
    key: str | int

    @property
    def place(self) -> Place:
        """Keys and indexes from the document's root."""
        parts: list[str | int] = []
        node: Collection = self
        while node.parent is not None:
            parts.append(node.key)
            node = node.parent
        return tuple(reversed(parts))

    @property
    def name(self) -> str:
        """The key that it has; empty for an item of a sequence."""
        return self.key if isinstance(self.key, str) else ""


@dataclass(eq=False, slots=True)
class Mapping(Collection):
    """A mapping. An alias of a collection is the collection itself: its `parent` is elsewhere."""

    own: "dict[str, Node]" = field(default_factory=dict)
    merged: "dict[str, Node]" = field(default_factory=dict)

    def get(self, key: str) -> "Node | None":
        """The value of a key, its own or a merged one."""
        return self.own.get(key, self.merged.get(key))

    def text(self, key: str) -> str:
        """The value of a key that is text; else empty."""
        node = self.get(key)
        return node.value if isinstance(node, Scalar) and node.is_text else ""

    def __contains__(self, key: str) -> bool:
        return key in self.own or key in self.merged


@dataclass(eq=False, slots=True)
class Sequence(Collection):
    """A sequence."""

    items: "list[Node]" = field(default_factory=list)


Node = Scalar | Mapping | Sequence


def children(node: "Node | Collection") -> "list[tuple[str | int, Node]]":
    """The nodes that are written in a collection: aliases of collections are written elsewhere."""
    pairs: Iterable[tuple[str | int, Node]] = ()
    if type(node) is Mapping:
        pairs = node.own.items()
    elif type(node) is Sequence:
        pairs = enumerate(node.items)
    return [
        (key, child) for key, child in pairs if isinstance(child, Scalar) or (child.parent is node and child.key == key)
    ]


class Tree:
    """The nodes of one document, and its aliases of scalars. Raises InvalidFile if it is not YAML.

    `merge_keys` are the keys that merge keys bring to other mappings; the others are read where they are written.
    """

    def __init__(self, document: Document, merge_keys: frozenset[str]) -> None:
        self.aliases: list[Scalar] = []
        self.shares: list[tuple[Mapping | Sequence, Collection, str | int]] = []
        """The collections that have aliases, each with the collection and the key or index of an alias."""
        self.size = 0
        """The number of its values."""
        self.root: Node | None = None
        self._document = document
        self._merge_keys = merge_keys
        self._read()

    def scalars(self) -> list[Scalar]:
        """The values of scalars and aliases."""
        found = list(self.aliases)
        above: list[Node] = [self.root] if self.root else []
        while above:
            node = above.pop()
            if isinstance(node, Scalar):
                found.append(node)
            else:
                above += (child for _, child in children(node) if not isinstance(child, Scalar) or child.of is None)
        return found

    def _read(self) -> None:
        document, anchors = self._document, dict[str, Node]()
        above: list[Mapping | Sequence] = []
        keys: list[str | None] = []  # of the mappings above: the key whose value comes next
        for event in document.events():
            kind = type(event)
            node: Node
            if kind is ScalarEvent:
                if above and keys[-1] is None and not event.anchor and type(above[-1]) is Mapping:
                    keys[-1] = event.value
                    continue
                node = Scalar(event.value, *document.span(event), event.tag, event.implicit)
                if event.anchor:
                    anchors[event.anchor] = node
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                parent, key = (above[-1], _next(above, keys)) if above else (None, "?")
                node = Mapping(parent, key) if kind is MappingStartEvent else Sequence(parent, key)
                if event.anchor:
                    anchors[event.anchor] = node
                above.append(node)
                keys.append(None)
                continue
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                node = above.pop()
                keys.pop()
            elif kind is AliasEvent:
                node = self._alias(event, anchors)
                if above and not isinstance(node, Scalar):
                    self.shares.append((node, above[-1], _next(above, keys)))
            else:
                if kind is DocumentStartEvent:
                    anchors.clear()
                continue
            self.size += 1
            if above and (name := keys[-1]) and name != "<<":  # the most frequent case, without a call
                above[-1].own[name] = node  # type: ignore[union-attr] # only a mapping has a key
                keys[-1] = None
            else:
                self._add(node, above, keys)
            if self.size > MAX_VALUES:
                raise self._too_large()

    def _too_large(self) -> InvalidFile:
        why = f"has a document of more than {MAX_VALUES:,} values; split it with lines of ---"
        return InvalidFile([Problem(self._document.file, self._document.before + 1, "", why)])

    def _add(self, node: Node, above: list[Mapping | Sequence], keys: list[str | None]) -> None:
        if not above:
            self.root = node
            return
        parent = above[-1]
        if isinstance(parent, Sequence):
            parent.items.append(node)
            if parent.key == "<<" and isinstance(node, Mapping):
                self._merge(parent.parent, node)
        elif keys[-1] is None:
            keys[-1] = node.value if isinstance(node, Scalar) else "?"
            if not isinstance(node, Scalar) and node.parent is parent:
                parent.own[f"?{len(parent.own)}"] = node  # a key that is a collection
                node.key = f"?{len(parent.own) - 1}"
        else:
            key = keys[-1]
            keys[-1] = None
            if key == "<<" and isinstance(node, Mapping):
                self._merge(parent, node)
            parent.own[key] = node

    def _merge(self, into: Collection | None, other: Mapping) -> None:
        if isinstance(into, Mapping):
            brought = {key: other.own[key] for key in other.own.keys() & self._merge_keys}
            into.merged = {**other.merged, **brought, **into.merged}

    def _alias(self, event: AliasEvent, anchors: dict[str, Node]) -> Node:
        target = anchors.get(event.anchor)
        if target is None:
            raise self._document.not_yaml(event.start_mark.line, f"nothing has the anchor &{event.anchor}")
        if not isinstance(target, Scalar):
            return target
        alias = Scalar(target.value, *self._document.span(event), target.tag, target.implicit, target)
        self.aliases.append(alias)
        return alias


def _next(above: list[Mapping | Sequence], keys: list[str | None]) -> str | int:
    """The key or index of the next value."""
    parent = above[-1]
    return len(parent.items) if isinstance(parent, Sequence) else keys[-1] or "?"
