"""The places of aliases: what an anchor shares is judged at each of them."""

from collections.abc import Container, Iterator

from pull_through_cache.images.tree import Collection, Mapping, Scalar, Sequence, Tree, children

MAX_REPEATS = 20
"""How much is read again for aliases, in sizes of the document. If there is more, the images of the rest stay."""
TOO_MANY = "is shared by too many aliases to look at all; write it out where it is pulled"


def at_aliases(tree: Tree, having_images: Container[Collection]) -> Iterator[tuple[Mapping | Sequence, str]]:
    """The collections that have images and aliases, at the place of each alias in turn; and why its images stay."""
    sizes: dict[Collection, int] = {}
    rest = MAX_REPEATS * tree.size
    for target, parent, key in tree.shares:
        if target not in having_images or sizes.get(target, 0) > max(rest, 0):
            continue
        size = sizes.setdefault(target, _size(target))
        rest -= size
        above: Collection | None = parent
        while key == "<<" or (above is not None and above.key == "<<"):  # it adds to the mapping around it
            key, above = (above.key, above.parent) if above else ("?", None)
        own = target.parent, target.key
        target.parent, target.key = above, key
        yield target, TOO_MANY if rest < 0 else ""
        target.parent, target.key = own


def _size(root: Mapping | Sequence) -> int:
    above, size = [root], 0
    while above:
        node = above.pop()
        size += 1
        above += (child for _, child in children(node) if not isinstance(child, Scalar))
    return size
