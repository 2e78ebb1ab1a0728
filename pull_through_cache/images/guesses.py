"""Text that no convention knows, and that may be an image or the address of a chart."""

import re

from pull_through_cache.images.conventions import What, kept
from pull_through_cache.images.dockerfiles import INLINE_DOCKERFILES
from pull_through_cache.images.lookalikes import judge
from pull_through_cache.images.official_images import OFFICIAL_IMAGES
from pull_through_cache.images.prefixes import MAY_BE_PART, PART, names_image
from pull_through_cache.images.tree import Collection, Mapping, Scalar, Sequence
from pull_through_cache.images.uses import ImageUse, has_host

GUESS = re.compile(
    r"(-{0,2}[\w.-]+=|docker://|oci://)?(?:[a-zA-Z0-9.-]+(?::[0-9]+)?/)?[\w./-]+(?::[\w.-]+)?(?:@sha256:[0-9a-f]{64})?"
)
# Keys, variables and arguments that are named after an image: `proxyImage`, `images`, `IMAGE_NAME`, `--image`.
_NAMED = re.compile(r"(?i)[\w./-]*image(s|s?[_-]?(list|names?|ref|reference|repo|repository|uri|url))?")
# https://helm.sh/docs/topics/charts/#the-version-field and https://fluxcd.io/flux/components/source/ocirepositories/#semver-example
_RANGE = re.compile(r".*[*^~<>|, ].*|.*\.x")
_RANGE_WHY = "has a range of versions, for which the tags are listed; ECR lists only tags that were pulled"
# With a version that is no port: `redis:7.2`, `node:lts`.
_VERSIONED = re.compile(
    r"(?:(?:docker\.io/)?library/)?([a-z0-9-]+):(?!80$|[0-9]+(?:\.[0-9]+){3}$)"
    r"(?:[0-9]{1,2}(?:[.-][\w.-]*)?|v[0-9][\w.-]*|[a-z]+-?[0-9][\w.-]*|latest|lts|stable|mainline|edge"
    r"|alpine|slim|bookworm|bullseye|trixie|jammy|noble)"
)
_LABELS = frozenset("labels matchLabels nodeSelector selector".split())


def may_be_image(key: str, value: str) -> bool:
    """Whether a text is worth a closer look."""
    if key == "kubectl.kubernetes.io/last-applied-configuration":
        return False  # kubectl's copy of the object
    if (
        "/" in value
        or "mage" in value
        or " pull " in value
        or " run " in value
        or " create " in value
        or key.endswith(("image", "Image"))
        or key in INLINE_DOCKERFILES
        or names_image(key)
    ):
        return True
    return value.rpartition("=")[2].partition("@")[0].partition(":")[0] in OFFICIAL_IMAGES


def guess_part(use: ImageUse, key: str) -> bool:
    """Whether a text without a registry is under a chart's own key for names: `controllerImageName: controller`."""
    value = use.repository.value
    if not names_image(key) or not PART.fullmatch(value) or has_host(value):
        return False
    use.what, use.why, use.guess, use.around = What.LEFT, MAY_BE_PART, False, ("", "")
    return True


def guess(use: ImageUse, key: str | int, parent: Collection) -> bool:
    """Whether a text looks like the name of an image, so that it is reported: by its registry, or by what it is called."""
    if not (match := GUESS.fullmatch(use.repository.value)):
        return False
    use.what, use.guess, use.around = What.LEFT, True, (match[1] or "", "")
    mapping = parent if isinstance(parent, Mapping) else parent.parent
    if has_host(use.name) or match[1] == "docker://" or _is_versioned(use.name, mapping):
        return True
    if not ("/" in use.name or ":" in use.name or use.name in OFFICIAL_IMAGES) or kept(use.name):
        return False
    name = match[1].rstrip("=") if match[1] else _called(key, parent)
    is_picture = isinstance(mapping, Mapping) and judge(mapping, name, use.name, in_values=True)[0] is What.NOTHING
    return bool(_NAMED.fullmatch(name)) and not is_picture


def _is_versioned(name: str, mapping: Collection | None) -> bool:
    """Whether a text is an official image with a version, and the name of no other object, such as an image stream."""
    match = _VERSIONED.fullmatch(name.partition("@")[0])
    is_object = isinstance(mapping, Mapping) and mapping.text("kind") not in ("", "DockerImage")
    return bool(match and match[1] in OFFICIAL_IMAGES and not is_object)


def _called(key: str | int, parent: Collection) -> str:
    """What a text is called: by its key, the name beside it, the argument before it, or the key of its list or map."""
    if isinstance(parent, Mapping):
        above = parent.parent.name if isinstance(parent.parent, Sequence) else parent.name
        if parent.name in _LABELS:
            return ""
        if key in ("default", "value"):
            return parent.text("name") or parent.name
        if key == "name" and parent.text("kind") == "DockerImage":
            return "image"  # https://docs.redhat.com, image streams and builds
        if parent.name == "services" and isinstance(parent.parent, Mapping) and parent.parent.parent:
            # https://learn.microsoft.com/azure/devops/pipelines/yaml-schema/jobs-job
            return "image" if parent.parent.parent.name == "jobs" else ""
        is_of_images = above.lower().endswith("images") and (parent.name or key in ("name", "repo"))
        return above if is_of_images else str(key)
    before = parent.items[key - 1] if isinstance(parent, Sequence) and isinstance(key, int) and key else None
    return before.value if isinstance(before, Scalar) and before.value.startswith("-") else parent.name


def is_chart(use: ImageUse, parent: Collection) -> bool:
    """Whether the address of a chart is one of an OCI registry. With a range of versions it has to stay."""
    if isinstance(parent, Mapping):
        ref, versions = parent.get("ref"), (parent.text("version"), parent.text("targetRevision"))
        if any(map(_RANGE.fullmatch, versions)) or (isinstance(ref, Mapping) and "semver" in ref):
            use.what, use.why = What.LEFT, _RANGE_WHY
    value = use.repository.value
    if value.startswith("oci://"):
        return True
    # Argo CD writes the address of an OCI registry without oci://, beside `chart`.
    use.is_chart = "://" not in value and has_host(value) and isinstance(parent, Mapping) and "chart" in parent
    return use.is_chart
