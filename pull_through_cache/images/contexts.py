"""The parts of a document that are of one kind, and what is known of each before its images are judged."""

from pull_through_cache.images.conventions import last_keys
from pull_through_cache.images.kinds import kind_of_object
from pull_through_cache.images.prefixes import Prefixes, may_be_prefix
from pull_through_cache.images.programs import Names
from pull_through_cache.images.tree import Collection, Mapping, Scalar, children
from pull_through_cache.images.values import image_of


class Context:
    """A part of a document that is of one kind, and the parameters and parts of images' names in it."""

    def __init__(self, kind: str, root: Collection, above: "Context | None" = None) -> None:
        self.kind = kind
        self.root = root
        self.above = above
        self.keys = last_keys(kind)
        """The last keys of the places that have a convention; "*" for every key."""
        self.prefixes = Prefixes()
        self.names = Names(kind)

    def place(self, parent: Collection, key: str) -> str:
        """The keys from this part's root, without indexes."""
        keys = [key] if key else []
        node: Collection | None = parent
        while node is not None and node is not self.root:
            if isinstance(node.key, str):
                keys.append(node.key)
            node = node.parent
        return ".".join(reversed(keys))


def add_contexts(root: Collection, kind: str, found: dict[Collection, Context]) -> None:
    """Adds the context of a part, and those of the Kubernetes objects in it; skips objects that were found before.

    An object's parameters are also those of the object around it: a Template of OpenShift has its own for its objects.
    """
    top = Context(kind, root)
    new = [top]
    above: list[tuple[Collection, Context]] = [(root, top)]
    while above:
        node, context = above.pop()
        if type(node) is Mapping and node is not root and (own := kind_of_object(node)):
            if node in found:
                continue
            context = found[node] = Context(own, node, context)
            new.append(context)
        for key, child in children(node):
            if not isinstance(child, Scalar):
                above.append((child, context))
            elif isinstance(node, Mapping):
                if may_be_prefix(node.name, str(key), child.value):
                    context.prefixes.add(node, str(key), child, image_of(node))
                context.names.add(str(key), child, node)
            else:
                context.names.add(node.name, child, node)
    found[root] = top
    for context in reversed(new):
        if context.above:
            context.above.names.update(context.names)
