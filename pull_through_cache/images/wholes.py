"""What is known of images only when all of a document is read: what it builds, and values of a release in several parts."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from pull_through_cache.images.contexts import Context
from pull_through_cache.images.conventions import BUILT, What
from pull_through_cache.images.lookalikes import MAY_BE_BUILT
from pull_through_cache.images.pushes import repository
from pull_through_cache.images.tree import Collection, Mapping, Node
from pull_through_cache.images.uses import ImageUse
from pull_through_cache.images.values import image_of


def keep_built(uses: Iterable[ImageUse]) -> None:
    """Keeps the images that the same document builds, wherever else it has them."""
    uses = list(uses)
    built = {repository(use.name): use for use in uses if use.why == BUILT or use.why.startswith(MAY_BE_BUILT)}
    for use in uses if built else ():
        if use.what is What.IMAGE and (same := built.get(repository(use.name))):
            use.what, use.why = same.what, same.why


class Releases:
    """The parts of a document that are values of one Helm release: `values` and `parameters` of Argo CD, and the like."""

    def __init__(self) -> None:
        self._parts: defaultdict[Collection, list[Context]] = defaultdict(list)
        self._uses: list[tuple[ImageUse, Mapping]] = []

    def add_part(self, context: Context) -> None:
        """Takes values that are inside another document. The mapping around them is the release."""
        release = context.root.parent
        while release is not None and not isinstance(release, Mapping):
            release = release.parent
        if release is not None:
            self._parts[release].append(context)

    def add_use(self, use: ImageUse, mapping: Mapping) -> None:
        """Takes an image and its mapping."""
        self._uses.append((use, mapping))

    def judge(self) -> None:
        """Leaves the images whose names another part may change. One without a name has it in another part."""
        for use, mapping in self._uses if self._parts else ():
            for part, path in self._other_parts(mapping):
                if not use.name and (same := _at(part.root, path)) and image_of(same):
                    use.what = What.NOTHING
                elif use.what is What.IMAGE and (why := part.prefixes.in_other_part(use)):
                    use.what, use.why = What.LEFT, why

    def _other_parts(self, mapping: Mapping) -> Iterator[tuple[Context, list[str]]]:
        """The other parts of the releases that a mapping is in; and the mapping's keys in its own part."""
        keys, depths = list[str](), dict[Collection, int]()
        above: Collection | None = mapping
        while above is not None:
            depths[above] = len(keys)
            parts = self._parts.get(above, ())
            own = next((depths[part.root] for part in parts if part.root in depths), 0)
            yield from ((part, keys[:own][::-1]) for part in parts if part.root not in depths)
            keys.append(above.name)
            above = above.parent


def _at(root: Collection, keys: list[str]) -> Mapping | None:
    """The mapping at a place; None if there is none."""
    node: Node | Collection | None = root
    for key in keys:
        node = node.get(key) if isinstance(node, Mapping) else None
    return node if isinstance(node, Mapping) else None
