"""Images that only the mapping around them explains: Compose's builds, JSON patches, parameters, and the like."""

import re
from collections.abc import Iterator

from pull_through_cache.files.problems import dotted
from pull_through_cache.images.conventions import What
from pull_through_cache.images.names import InvalidImageName, parse
from pull_through_cache.images.tree import Collection, Mapping, Node, Scalar, Sequence
from pull_through_cache.images.uses import ImageUse, around

# An image that is a parameter: Tekton, Argo Workflows, GitHub, OpenShift templates and GitLab write them so.
_PARAMETER = re.compile(
    r"\$\((?:params|inputs\.params)\.([\w.-]+)\)|\{\{\s*(?:inputs|workflow)\.parameters\.([\w-]+)\s*\}\}"
    r"|\$\{\{\s*matrix\.([\w-]+)\s*\}\}|\$\{\{?(\w+)\}\}?|\$(\w+)"
)
_NO_PULL = {"build": "is built here", "never": "is not pulled, because of its pull_policy"}


class Names:
    """The parameters that are images in a part of a document, and the images that are built in it."""

    def __init__(self, kind: str) -> None:
        self._is_compose = kind == "Compose"
        self.parameters: set[str] = set()
        self.built: set[str] = set()

    def add(self, key: str, scalar: Scalar, parent: Collection) -> None:
        """Takes a scalar and the key that it is under."""
        if key not in ("image", "container", "name"):
            return
        if key != "name" and (match := _PARAMETER.fullmatch(scalar.value)):
            self.parameters.add(next(filter(None, match.groups())))
        elif key == "image" and self._is_compose and isinstance(parent, Mapping) and "build" in parent:
            self.built.add(_full_name(scalar.value))

    def update(self, other: "Names") -> None:
        """Adds those of a part inside."""
        self.parameters |= other.parameters
        self.built |= other.built


def _full_name(image: str) -> str:
    """The image's name with nothing left out, so that two spellings of one image are equal."""
    try:
        full = str(parse(image))
    except InvalidImageName:
        return image
    return full if ":" in full.rpartition("/")[2] or "@" in full else f"{full}:latest"


def of_mapping(node: Mapping, kind: str, names: Names) -> Iterator[ImageUse]:
    """The images of a mapping that needs more than the general rule."""
    yield from _parameters(node, kind, names)
    if "op" in node and node.text("path").rpartition("/")[2] == "image":
        yield from _use(node, "value")
    image, parent = node.get("image"), node.parent.name if node.parent else ""
    if kind == "Compose":
        if node.text("type") == "image":
            yield from _use(node, "source")
        policy = (
            "build" if "build" in node or _full_name(node.text("image")) in names.built else node.text("pull_policy")
        )
        if isinstance(image, Scalar) and policy in _NO_PULL:
            yield from _use(node, "image", What.KEPT, _NO_PULL[policy])
    if kind == "GitLab CI":
        yield from _services(node)
    if (
        isinstance(node.parent, Sequence)
        and parent == "images"
        and node.text("name")
        and {"newTag", "digest"} & node.own.keys()
    ):
        yield from _renamed(node)


def _parameters(node: Mapping, kind: str, names: Names) -> Iterator[ImageUse]:
    if not names.parameters:
        return
    if node.text("name") in names.parameters:
        yield from _use(node, "default")
        yield from _use(node, "value")
    if node.name in ("matrix", "variables") or (
        node.parent and node.parent.name == "include" and kind.startswith("GitHub")
    ):
        for key in node.own.keys() & names.parameters:
            child = node.own[key]
            yield from _use(node, key)
            if isinstance(child, Mapping):
                yield from _use(child, "value")
            yield from _items(child)


def _services(node: Mapping) -> Iterator[ImageUse]:
    why = "of a service without an alias, whose host name is made from the image's; give it an alias"
    services = node.own.get("services")
    yield from _items(services, What.LEFT, why)
    for item in services.items if isinstance(services, Sequence) else ():
        if isinstance(item, Mapping) and "alias" not in item:
            yield from _use(item, "name", What.LEFT, why)


def _items(node: Node | None, what: What = What.IMAGE, why: str = "") -> Iterator[ImageUse]:
    if isinstance(node, Sequence):
        for number, item in enumerate(node.items):
            if isinstance(item, Scalar) and item.is_text and item.value:
                yield ImageUse(dotted((*node.place, number)), None, item, "", what, why)


def _renamed(node: Mapping) -> Iterator[ImageUse]:
    why = "its tag is set here by name; add newName here with the cached name, or rewrite what kubectl kustomize prints"
    if not node.text("newName"):
        yield from _use(node, "name", What.LEFT, why)


def _use(node: Mapping, key: str, what: What = What.IMAGE, why: str = "") -> Iterator[ImageUse]:
    scalar = node.get(key)
    if isinstance(scalar, Scalar) and scalar.is_text and scalar.value:
        yield ImageUse(dotted((*node.place, key)), None, scalar, "", what, why, around=around(scalar.value))
