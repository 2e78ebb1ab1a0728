"""Text that no convention knows, and that may be an image or the address of a chart."""

import re

from pull_through_cache.images.conventions import What
from pull_through_cache.images.dockerfiles import INLINE_DOCKERFILES
from pull_through_cache.images.tree import Collection, Mapping
from pull_through_cache.images.uses import ImageUse, has_host

GUESS = re.compile(
    r"(-{1,2}[\w.-]+=|docker://|oci://)?[a-zA-Z0-9.-]+(:[0-9]+)?/[\w./-]+(:[\w.-]+)?(@sha256:[0-9a-f]{64})?"
)


def may_be_image(key: str, value: str) -> bool:
    """Whether a text is worth a closer look."""
    if key == "kubectl.kubernetes.io/last-applied-configuration":
        return False  # kubectl's copy of the object
    return "/" in value or "mage" in value or key.endswith(("image", "Image")) or key in INLINE_DOCKERFILES


# https://helm.sh/docs/topics/charts/#the-version-field and https://fluxcd.io/flux/components/source/ocirepositories/#semver-example
_RANGE = re.compile(r".*[*^~<>|, ].*|.*\.x")
_RANGE_WHY = "has a range of versions, for which the tags are listed; ECR lists only tags that were pulled"


def guess(use: ImageUse) -> bool:
    """Whether a text looks like the name of an image with a registry, so that it is reported."""
    value = use.repository.value
    if "/" not in value or not (match := GUESS.fullmatch(value)):
        return False
    use.what, use.guess, use.around = What.LEFT, True, (match[1] or "", "")
    return has_host(use.name) or use.around[0] == "docker://"


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
