"""Images with names in several keys, as in the values of Helm charts."""

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from pull_through_cache.files.problems import dotted
from pull_through_cache.images.conventions import What
from pull_through_cache.images.tree import Collection, Mapping, Node, Scalar
from pull_through_cache.images.uses import ImageUse, around, has_host

KEYS = frozenset(
    "build digest image imageDigest imageName imagePullPolicy imageRegistry imageRepository imageTag name pullPolicy "
    "reference registry repo repository tag version << defaultRegistry hub".split()
)
# Keys with values that charts put before the names of images.
REGISTRY_KEY = re.compile(
    r"(?i)[a-z_]*registry(url|host|prefix|server|override|name)?|[a-z_]*repositoryprefix|hub|imagerepositorybase"
)
_PATHS = {"repository", "image", "reference", "name", "repo", "imageName", "imageRepository"}
_MARKS = {"tag", "digest", "version", "imageTag", "imageDigest"}
_POLICIES = {"pullPolicy", "imagePullPolicy"}


def image_of(mapping: Mapping) -> ImageUse | None:
    """The image that this mapping's keys are the parts of; None if it has no such image."""
    has = KEYS & mapping.own.keys() if not mapping.merged else {key for key in KEYS if key in mapping}
    if not has & _PATHS:
        return None
    texts = {key: node for key in has if isinstance(node := mapping.get(key), Scalar) and node.value and node.is_text}
    path = _path(mapping.name.lower().endswith("image"), mapping.name == "image", has, texts)
    if path is None:
        return None
    registry_key = "imageRegistry" if path in ("imageName", "imageRepository") else "registry"
    registry = texts.get(registry_key) if path != "reference" else None
    versions = (("tag", ":"), ("version", ":"), ("imageTag", ":"), ("digest", "@"), ("imageDigest", "@"))
    version = ""
    if registry or path != "image" or has & {"registry", "tag", "digest"}:
        for key, mark in versions:
            node = mapping.get(key)
            if isinstance(node, Scalar) and not node.is_nothing and mark not in version:
                version += mark + node.value.removeprefix(mark)
    use = ImageUse(dotted((*mapping.place, path)), registry, texts[path], version)
    use.around = around(texts[path].value)
    if why := _doubt(mapping, path, has, texts):
        use.what, use.why = What.LEFT, why
    elif not registry and registry_key in has and not has_host(use.name):
        use.what, use.why = What.LEFT, f"its {registry_key} is empty, so the chart may put another before it"
    return use


def _path(of_image: bool, is_image: bool, has: AbstractSet[str], texts: dict[str, Scalar]) -> str | None:
    """The key that has the image's name, or the part of it after the registry."""
    versioned = has & (_MARKS | _POLICIES | {"registry"})
    if "repository" in texts and _is_repository_of_images(of_image, has, texts["repository"].value):
        return "repository"
    if is_image and "reference" in texts:
        return "reference"
    if "image" in texts:
        return "image"
    if of_image and versioned and (key := next((key for key in ("name", "repo") if key in texts), None)):
        return key
    if has & {"imageTag", "imageDigest", "imageRegistry"}:
        return next((key for key in ("imageName", "imageRepository") if key in texts), None)
    return None


def _is_repository_of_images(of_image: bool, has: AbstractSet[str], value: str) -> bool:
    if "://" in value:
        return False
    return (
        of_image or bool(has & {"registry", "tag", "digest"}) or (has_host(value) and bool(has & (_MARKS | _POLICIES)))
    )


def _doubt(mapping: Mapping, path: str, has: AbstractSet[str], texts: dict[str, Scalar]) -> str:
    """Why it is not known which parts the chart joins to a name; else empty."""
    if path == "repository" and "image" in texts:
        return "its name is in both repository and image; only the chart knows how it joins them"
    of_image = mapping.name.lower().endswith("image")
    last = texts["repository"].value.rpartition("/")[2] if "repository" in texts else ""
    if path == "repository" and of_image and "name" in texts and texts["name"].value != last:
        return "its name is in both repository and name; only the chart knows how it joins them"
    if path in ("name", "repo") and has & {"repository", "repo", "name"} - {path}:
        return "its name is in several keys; only the chart knows how it joins them"
    if "defaultRegistry" in has and "registry" in has and "registry" not in texts:
        return "its registry is in defaultRegistry"
    return ""


class Registries:
    """The keys of a document that charts put before the names of images elsewhere in it."""

    def __init__(self) -> None:
        self._below: dict[Collection | None, tuple[str, bool]] = {}

    def add(self, mapping: Mapping, key: str, node: Node) -> None:
        """Takes a key of a mapping, if it is the registry of other images than the mapping's own."""
        if not isinstance(node, Scalar) or not REGISTRY_KEY.fullmatch(key):
            return
        is_own = key in ("registry", "imageRegistry") and image_of(mapping) is not None
        if is_own or ("://" in node.value and "oci://" not in node.value):
            return
        above: Collection | None = mapping
        for each in _upwards(mapping):
            if each.name == "global" or (each is mapping and each.name.lower().endswith("image")):
                above = each.parent
        place = dotted((*mapping.place, key))
        is_set = not node.is_nothing
        if above not in self._below or is_set:
            self._below[above] = (place, is_set)

    def over(self, mapping: Collection) -> tuple[str, bool] | None:
        """The place of a registry for the images of this mapping, and whether it is set."""
        found = [entry for each in _upwards(mapping) if (entry := self._below.get(each))]
        return next((entry for entry in found if entry[1]), found[0] if found else None)


def _upwards(node: Collection | None) -> Iterator[Collection]:
    while node is not None:
        yield node
        node = node.parent
