"""Images with names in several keys, as in the values of Helm charts."""

import re
from collections.abc import Set as AbstractSet

from pull_through_cache.files.problems import dotted
from pull_through_cache.images.conventions import What
from pull_through_cache.images.lookalikes import is_git, judge
from pull_through_cache.images.prefixes import MAY_BE_PART, PART, is_of_all, part_beside
from pull_through_cache.images.tree import Collection, Mapping, Scalar
from pull_through_cache.images.uses import ImageUse, around, has_host

KEYS = frozenset(
    "build digest image imageDigest imageName imagePullPolicy imageRegistry imageRepository imageTag name pullPolicy "
    "reference registry repo repository tag version << defaultRegistry hub "
    "image_digest image_name image_pull_policy image_registry image_repository image_tag image_version imageVersion".split()
)
_REGISTRIES = {
    "imageName": "imageRegistry",
    "imageRepository": "imageRegistry",
    "image_repository": "image_registry",
    "image_name": "image_registry",
}
_PATHS = {"repository", "image", "reference", "name", "repo", *_REGISTRIES}
_VERSIONS = (
    ("tag", ":"), ("version", ":"), ("imageTag", ":"), ("image_tag", ":"), ("imageVersion", ":"), ("image_version", ":"),
    ("digest", "@"), ("imageDigest", "@"), ("image_digest", "@"),
)  # fmt: skip
_MARKS = {key for key, _ in _VERSIONS}
_JOINED = {*_REGISTRIES.values(), *(key for key in _MARKS if key.startswith("image"))}
_POLICIES = {"pullPolicy", "imagePullPolicy", "image_pull_policy"}
_UNNAMED = re.compile(r"\w*[iI]mage")
_BESIDE = frozenset({"build", "name", "<<", *_MARKS, *_POLICIES})


def image_of(mapping: Mapping) -> ImageUse | None:
    """The image that this mapping's keys are the parts of; None if it has no such image."""
    has = KEYS & mapping.own.keys() if not mapping.merged else {key for key in KEYS if key in mapping}
    if not has & _PATHS:
        return None
    texts = {key: node for key in has if isinstance(node := mapping.get(key), Scalar) and node.value and node.is_text}
    path = _path(mapping, has, texts)
    if path is None:
        return None
    registry_key = _REGISTRIES.get(path, "registry")
    registry = texts.get(registry_key) if path != "reference" else None
    version, own = "", texts[path].value.rpartition("/")[2]
    if registry or path != "image" or has & (_MARKS - {"version"} | {"registry"}):
        for key, mark in _VERSIONS:
            node = mapping.get(key)
            if isinstance(node, Scalar) and not node.is_nothing and mark not in version + own:
                version += mark + node.value.removeprefix(mark)
    use = ImageUse(dotted((*mapping.place, path)), registry, texts[path], version)
    use.around = around(texts[path].value)
    if why := _doubt(mapping, path, has, texts) or _part_beside(mapping, path, registry_key, use):
        use.what, use.why = What.LEFT, why
    elif registry and has_host(texts[path].value):
        use.what, use.why = What.LEFT, f"its {registry_key} is beside a name that has a registry; only the chart knows"
    elif not registry and registry_key in has and not has_host(use.name):
        use.what, use.why = (
            What.LEFT,
            f"its {registry_key} is empty, so the chart may put another before it; write the registry there",
        )
    return use


def unnamed_image_of(mapping: Mapping) -> ImageUse | None:
    """The image of this mapping if its name is missing, `image: {tag: "1.2"}`, or may be a part: `image: {name: web}`; else None."""
    if not _UNNAMED.fullmatch(mapping.name) or is_of_all(mapping):
        return None
    if any(isinstance(node, Mapping) for node in mapping.own.values()) or _has_default(mapping):
        return None  # of several images, or only a place for one
    marks = dict(_VERSIONS)
    key = next((key for key in (*marks, *sorted(_POLICIES)) if isinstance(mapping.own.get(key), Scalar)), "")
    node = mapping.own.get(key)
    if judge(mapping, key, "", in_values=True)[0] is not What.IMAGE:
        return None
    if not isinstance(node, Scalar):
        key = next((key for key in ("name", "repo") if PART.fullmatch(mapping.text(key))), "")
        part = mapping.own.get(key)
        if not isinstance(part, Scalar) or has_host(part.value):
            return None
        return ImageUse(dotted((*mapping.place, key)), None, part, "", What.LEFT, MAY_BE_PART)
    version = f"?{marks[key]}{node.value}" if key in marks and not node.is_nothing else "?"
    why = "has its name only in the chart's templates or default values; rewrite what helm template renders"
    # All of the value is around the name, which is empty.
    return ImageUse(dotted(mapping.place), None, node, version, What.LEFT, why, around=("", node.value))


def _has_default(mapping: Mapping) -> bool:
    """Whether nothing is set here, because the values have an image for all parts of the chart, as in those of Argo CD."""
    root: Collection = mapping
    while root.parent is not None:
        root = root.parent
    common = root.get("global") if isinstance(root, Mapping) else None
    is_empty = all(isinstance(node, Scalar) and node.is_nothing for node in mapping.own.values())
    return is_empty and isinstance(common, Mapping) and isinstance(common.get("image"), Mapping)


def _path(mapping: Mapping, has: AbstractSet[str], texts: dict[str, Scalar]) -> str | None:
    """The key that has the image's name, or the part of it after the registry."""
    of_image = mapping.name.lower().endswith("image")
    versioned = has & (_MARKS | _POLICIES | {"registry"})
    if "repository" in texts and _is_repository_of_images(mapping, of_image, has, texts["repository"].value):
        return "repository"
    if mapping.name == "image" and "reference" in texts:
        return "reference"
    if "image" in texts:
        return "image"
    is_image = of_image or ("registry" in has and bool(has & _MARKS))
    if is_image and versioned and (key := next((key for key in ("name", "repo") if key in texts), None)):
        return key
    if has & _JOINED:
        return next((key for key in _REGISTRIES if key in texts), None)
    return None


def _is_repository_of_images(mapping: Mapping, of_image: bool, has: AbstractSet[str], value: str) -> bool:
    is_pulled = of_image or has & {"registry", "digest"} or has & _POLICIES
    if "://" in value or (not is_pulled and is_git(mapping, value)):
        return False
    return (
        of_image or bool(has & {"registry", "tag", "digest"}) or (has_host(value) and bool(has & (_MARKS | _POLICIES)))
    )


def _doubt(mapping: Mapping, path: str, has: AbstractSet[str], texts: dict[str, Scalar]) -> str:
    """Why it is not known which parts the chart joins to a name; else empty."""
    if texts[path].value.startswith("/"):
        return "its name begins with /, so the chart puts a registry before it; only the chart knows"
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


def _part_beside(mapping: Mapping, path: str, registry_key: str, use: ImageUse) -> str:
    """Why a key beside an image may be a part of its name; else empty."""
    of_image = mapping.name.lower().endswith("image")
    is_whole = path == "reference" or (path == "image" and not of_image and not use.version and not use.registry)
    if is_whole or has_host(use.repository.value):
        return ""
    sure = not of_image and path != "repository"
    key = part_beside(mapping, _BESIDE | {path, registry_key}, of_image=of_image, sure=sure)
    return f"{key} may be a part of its name; only the chart knows how it joins them" if key else ""
