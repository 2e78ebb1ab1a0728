"""The parts of a document that are of one kind, and what is known of each before its images are judged."""

import re
from functools import cached_property

from pull_through_cache.files.problems import dotted
from pull_through_cache.images.conventions import last_keys
from pull_through_cache.images.kinds import kind_of_object
from pull_through_cache.images.prefixes import Prefixes, may_be_prefix
from pull_through_cache.images.programs import Names, may_count
from pull_through_cache.images.requests import covers
from pull_through_cache.images.tree import Collection, Mapping, Scalar, children
from pull_through_cache.images.values import image_of

_INDEXES = re.compile(r"\[\d+\]")


class Context:
    """A part of a document that is of one kind, and the parameters and parts of images' names in it."""

    def __init__(self, kind: str, root: Collection, above: "Context | None" = None) -> None:
        self.kind = kind
        self.root = root
        self.above = above
        self.kinds = frozenset({kind.rpartition("/")[2]})
        """Its kind, and those of the parts that it is in."""
        self.keys = last_keys(kind)
        """The last keys of the places that have a convention; "*" for every key."""
        self.names: Names = Names(kind, above.names if above else None)

    @cached_property
    def prefixes(self) -> Prefixes:
        """What may be put before the names of images, except in the Kubernetes objects inside."""
        found, having = list[tuple[Mapping, str, Scalar]](), set[Collection]()
        above = [self.root]
        while above:
            node = above.pop()
            for key, child in children(node):
                if not isinstance(child, Scalar):
                    if not (type(child) is Mapping and kind_of_object(child)):
                        above.append(child)
                elif isinstance(node, Mapping) and may_be_prefix(node.name, str(key), child.value):
                    found.append((node, str(key), child))
                if str(key)[-5:] in ("image", "Image") or key == "repository":
                    mark(node, having)
        prefixes = Prefixes(self.root)
        for node, key, child in found:
            prefixes.add(node, key, child, image_of(node), having)
        return prefixes

    def place(self, parent: Collection, key: str) -> str:
        """The keys from this part's root, without indexes."""
        keys = [key] if key else []
        node: Collection | None = parent
        while node is not None and node is not self.root:
            if isinstance(node.key, str):
                keys.append(node.key)
            node = node.parent
        return ".".join(reversed(keys))

    def is_any(self, patterns: tuple[str, ...], place: str) -> bool:
        """Whether one of these `[KIND:]PLACE` covers a place of the document: from its root, or from this part's."""
        if not patterns:
            return False  # the most frequent case
        above, place = (_INDEXES.sub("", each) for each in (dotted(self.root.place), place))
        return covers(patterns, self.kinds, {place, place.removeprefix(above).removeprefix(".")})


def mark(node: Collection | None, marked: set[Collection]) -> None:
    """Marks a collection and those around it."""
    while node is not None and node not in marked:
        marked.add(node)
        node = node.parent


def add_contexts(root: Collection, kind: str, found: dict[Collection, Context]) -> None:
    """Adds the context of a part, and those of the Kubernetes objects in it; skips objects that were found before.

    An object's parameters are also those of the object around it: a Template of OpenShift has its own for its objects.
    """
    top = Context(kind, root)
    outer = root.parent  # of a part that is a text
    while outer is not None and outer not in found:
        outer = outer.parent
    top.kinds |= found[outer].kinds if outer is not None else frozenset()
    new = [top]
    above: list[tuple[Collection, Context]] = [(root, top)]
    while above:
        node, context = above.pop()
        if type(node) is Mapping and node is not root and (own := kind_of_object(node)):
            if node in found:
                continue
            context = found[node] = Context(own, node, context)
            context.kinds |= context.above.kinds if context.above else frozenset()
            new.append(context)
        if type(node) is Mapping:
            context.names.add_mapping(node)
        for key, child in children(node):
            if not isinstance(child, Scalar):
                above.append((child, context))
            elif may_count(child.value):
                context.names.add_text(key if isinstance(key, str) else node.name, child.value, node)
    found[root] = top
    for context in reversed(new):
        if context.above:
            context.above.names.update(context.names)
