"""Values of a chart that may be a part of an image's name, though they are under other keys than the image.

Charts have no common names for such keys, so their words decide, and whether the value can be a registry's host or a path.
"""

import re
from collections.abc import Container, Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from pull_through_cache.files.problems import dotted
from pull_through_cache.images.tree import Collection, Mapping, Node, Scalar, Sequence
from pull_through_cache.images.uses import ImageUse, has_host

_REGISTRY = frozenset("hub registries registry".split())
_REPOSITORY = frozenset("dockerhub mirror repo repos repositories repository".split())
_CONTAINER = frozenset("acr artifactory container containers docker ecr harbor image images jfrog nexus oci".split())
_SURE_PARTS = frozenset("org organisation organization owner prefix vendor".split())
_PARTS = _SURE_PARTS | frozenset(
    "account address base domain group host hostname location namespace path project root server team url".split()
)
# A key with one of these words is of something else, or follows the path in the image's name, where it does no harm.
_OTHERS = frozenset(
    "arch architecture args auth backup bucket ca cert chart charts class command count credential credentials creds "
    "database debug digest distro edition email enabled entrypoint file flavor flavour git github gitlab helm index "
    "conda gem insecure key level limit maven mode npm nuget os password pip platform policy port preset pypi python replicas resources revision "
    "runtime schedule schema secret secrets semver service sha size storage suffix tag tags timeout token type user username variant "
    "version".split()
)
# Helm's own name for the values of all charts, and what people call the like.
_GLOBAL = frozenset("common default defaults global globals shared".split())
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_VARIABLE = re.compile(r".*(\$|\{\{).*", re.DOTALL)
_PART = re.compile(r"(?i)(?![0-9]{1,11}$)[a-z0-9]+([._-]+[a-z0-9]+)*(:[0-9]+)?(/[a-z0-9]+([._-]+[a-z0-9]+)*)*/?")
_DOMAIN = re.compile(r"(?i)[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}(:[0-9]+)?")
_HOST = re.compile(r"(?i)[a-z0-9-]+(\.[a-z0-9-]+)+(:[0-9]+)?(/[a-z0-9._/-]*)?")
PART = re.compile(r"[a-z0-9][a-z0-9._/-]*(:[\w.-]+)?(@sha256:[0-9a-f]{64})?")
"""What may be the name of an image, or a part of it."""
MAY_BE_PART = "may be a part of an image's name; only the chart knows"
# The hosts of public registries, and the names that companies give to their own.
_REGISTRY_HOST = re.compile(
    r"(?i)(docker\.io|(index|registry-1)\.docker\.io|quay\.io|ghcr\.io|([a-z-]+\.)?gcr\.io|public\.ecr\.aws|cgr\.dev|nvcr\.io"
    r"|mcr\.microsoft\.com|[0-9]{12}\.dkr\.ecr\.[a-z0-9.-]+|[a-z0-9-]+\.(azurecr\.io|pkg\.dev|jfrog\.io)"
    r"|(cr|docker|harbor|nexus|artifactory|registry)[a-z0-9-]*\.[a-z0-9.-]+)(:[0-9]+)?(/[a-z0-9._/-]*)?"
)


class Prefix(NamedTuple):
    """A value that a chart may put before the names of images."""

    is_set: bool
    is_registry: bool
    """Whether its key is that of a registry: such a value may also replace the registry that an image has."""
    place: str
    is_of_one: bool = False
    """Whether it is the registry of the chart's main image, which the chart may put before others that have none."""


class Prefixes:
    """The values of a document that charts may put before the names of images elsewhere in it."""

    def __init__(self, root: Collection) -> None:
        self._root = root
        self._below: dict[Collection | None, Prefix] = {}

    def add(
        self, mapping: Mapping, key: str, node: Scalar, own: ImageUse | None, having: Container[Collection]
    ) -> None:
        """Takes a value of a mapping, which is the image `own`; `having` are the collections that have images."""
        if own and (node in (own.registry, own.repository) or (_is_image_key(mapping.name) and key == "registry")):
            if node is own.registry and mapping.name == "image" and mapping.parent is self._root:
                self._below.setdefault(self._root, Prefix(True, False, dotted((*mapping.place, key)), True))
            return
        prefix = _prefix(mapping, key, node)
        if prefix is None:
            return
        above: Collection | None = mapping
        is_of_others = not own and _is_about_images(mapping.name)
        # The `repository` of a component is its image: it is for others only right in a mapping for all.
        is_of_all = prefix.is_registry or is_of_others or mapping.name in _GLOBAL
        for each in _upwards(mapping):
            if (is_of_all and each.name in _GLOBAL) or (is_of_others and each is mapping):
                above = each.parent
        is_of_registry = prefix.is_registry or words(mapping.name) & {"registries", "registry"}
        while is_of_registry and above is not None and above not in having:
            above = above.parent  # it cannot be for images inside
        self._below[above] = max(prefix, self._below.get(above, prefix), key=_weight)

    def over(self, use: ImageUse, mapping: Collection) -> str:
        """Why the chart may give another name to an image of this mapping; else empty."""
        if not self._below:
            return ""
        return self._why(use, (entry for each in _upwards(mapping) if (entry := self._below.get(each))))

    def in_other_part(self, use: ImageUse) -> str:
        """Why these values may change the name of an image in another part of the release's values; else empty."""
        is_text = not use.is_part and not use.version
        found = (
            each for each in self._below.values() if not (is_text and _is_image_key(each.place.rpartition(".")[0]))
        )
        return self._why(use, found)

    def _why(self, use: ImageUse, found: Iterable[Prefix]) -> str:
        prefix = max(found, key=_weight, default=None)
        if prefix is None:
            return ""
        if prefix.is_of_one and (use.registry or not use.is_part):
            return ""
        may_replace = prefix.is_set and (use.registry or (use.version and prefix.is_registry))
        if not may_replace and has_host(use.name):
            return ""
        return before_it(prefix.place)


def before_it(place: str) -> str:
    """Why an image without a registry stays, if there is one at another place."""
    return f"{place} may be put before it; only the chart knows"


def may_be_prefix(name: str, key: str, value: str) -> bool:
    """Whether a key of the mapping `name` may have a prefix, judged in little time.

    `x-registry` is a place for an anchor.
    """
    return not key.startswith("x-") and (_is_named_so(key, name) or ("." in value and bool(_HOST.fullmatch(value))))


@lru_cache(4096)
def names_image(key: str) -> bool:
    """Whether a key is one that a chart has for the name of an image, or a part of it: `webImageName`, `image_repo`."""
    own = words(key)
    return "image" in own and bool(own & {"name", "ref", "reference", "repo", "repository"}) and not own & _OTHERS


def is_of_all(mapping: Mapping) -> bool:
    """Whether what is in a mapping is for all parts of a chart."""
    return any(each.name in _GLOBAL for each in _upwards(mapping))


def part_beside(mapping: Mapping, used: frozenset[str], *, of_image: bool, sure: bool) -> str:
    """The key of a mapping that may be a part of its image's name, beyond the keys in `used`; else empty.

    - `of_image`: the mapping has only what belongs to an image, so a key that is not known may be a part.
    - `sure`: only keys that have no other use beside an image.
    """
    words_of_parts = (_SURE_PARTS if sure else _PARTS) | _REGISTRY | _REPOSITORY
    for key, node in _pairs(mapping):
        if key in used or not isinstance(node, Scalar) or not node.value or not node.is_text:
            continue
        own = words(key)
        if own & _OTHERS or _is_image_key(key):
            continue
        is_part = of_image or own & words_of_parts
        if _REGISTRY_HOST.fullmatch(node.value) or (is_part and _may_be_part(node.value)):
            return key
    return ""


def _pairs(mapping: Mapping) -> Iterator[tuple[str, Node]]:
    """The pairs of a mapping, and those of the mappings that a merge key names: `merged` has only some of them."""
    yield from mapping.own.items()
    merged = mapping.own.get("<<")
    for each in merged.items if isinstance(merged, Sequence) else [merged]:
        if isinstance(each, Mapping):
            yield from ((key, node) for key, node in each.own.items() if key not in mapping.own)


def _weight(prefix: Prefix) -> tuple[bool, bool, bool]:
    return not prefix.is_of_one, prefix.is_set, prefix.is_registry


def _prefix(mapping: Mapping, key: str, node: Scalar) -> Prefix | None:
    value, own = node.value, words(key)
    place = dotted((*mapping.place, key))
    is_named = _is_named_so(key, mapping.name)
    if node.is_nothing:
        is_of_registry = own & _PARTS and words(mapping.name) & {"registries", "registry"}
        is_registry = own & _REGISTRY or is_of_registry or ("prefix" in own and own & (_REPOSITORY | _CONTAINER))
        return Prefix(False, True, place) if is_named and is_registry else None
    is_host = key.lower().endswith(tuple(_REGISTRY))  # `imageTag` beside `imageRegistry` is no version of it
    if not node.is_text or own & _OTHERS or _is_image_key(key) or (not is_host and has_own_version(mapping, key)):
        return None
    is_of_registries = words(mapping.name) & {"registry", "registries"} and _HOST.fullmatch(value)
    is_domain = own & _CONTAINER and _DOMAIN.fullmatch(value)
    if is_of_registries or is_domain or (is_named and _may_be_part(value)):
        return Prefix(True, bool(own & _REGISTRY or is_domain), place)
    if _REGISTRY_HOST.fullmatch(value) or (is_of_all(mapping) and "/" in value and _HOST.fullmatch(value)):
        return Prefix(True, False, place)
    return None


@lru_cache(4096)
def words(key: str) -> frozenset[str]:
    """The words of a key, in lower case: `image`, `pull` and `policy` of `imagePullPolicy`."""
    return frozenset(word.lower() for word in _WORD.findall(key))


@lru_cache(4096)
def _is_named_so(key: str, name: str) -> bool:
    """Whether a key of the mapping `name` is one that charts have for a part of images' names."""
    own, above = words(key), words(name)
    if own & _OTHERS or above & _OTHERS or _is_image_key(key):
        return False
    return bool(own & (_REGISTRY | _REPOSITORY) or (own & _PARTS and (own | above) & (_CONTAINER | _REGISTRY)))


def _is_image_key(key: str) -> bool:
    """Whether the value of a key is an image of its own."""
    return key.lower().endswith("image")


@lru_cache(4096)
def _is_about_images(name: str) -> bool:
    about = words(name) - {"config", "defaults", "settings"}
    return bool(about) and about <= _CONTAINER | {"registries", "registry"}


def _may_be_part(value: str) -> bool:
    return "://" not in value.removeprefix("oci://") and bool(_PART.fullmatch(value) or _VARIABLE.fullmatch(value))


def has_own_version(mapping: Mapping, key: str) -> bool:
    """Whether `aRepository` or `aImage` has its version beside it, in `aTag`."""
    stem = re.sub(r"_?[A-Z]?[a-z]+$", "", key)
    return bool(stem) and any(f"{stem}{end}" in mapping for end in ("Tag", "Version", "ImageTag", "_tag", "_version"))


def _upwards(node: Collection | None) -> Iterator[Collection]:
    while node is not None:
        yield node
        node = node.parent
