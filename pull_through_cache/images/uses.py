"""The images in a document, with their places, and what is known about them without the caches."""

import re
from dataclasses import dataclass

from pull_through_cache.images.conventions import What
from pull_through_cache.images.names import MAX_NAME
from pull_through_cache.images.official_images import OFFICIAL_IMAGES
from pull_through_cache.images.tree import Scalar

# `${IMAGE:-quay.io/a:1}` has a default; `docker://` is before an image; BuildKit's contexts are `name=docker-image://a`.
_AROUND = re.compile(r"(docker://|(?:[\w./:-]+=)?docker-image://|\$\{\w+:?[-=])?([^$]*?)(\})?", re.DOTALL)
# A tag or digest that Compose, Flux, Tekton, or a shell fills in: the text before it is still a name.
_VARIABLE_VERSION = re.compile(r"((?:(?!\$|\{\{|\[\[).)*?)([:@](?:(?!/).)*?(?:\$|\{\{|\[\[).*)", re.DOTALL)


@dataclass(eq=False, slots=True)
class ImageUse:
    """An image in a document. With `registry` its name is in two places, as in the values of many Helm charts."""

    place: str
    registry: Scalar | None
    repository: Scalar
    version: str = ""
    """`:tag` and `@digest` if they are in another place than the name."""
    what: What = What.IMAGE
    why: str = ""
    """Why it stays, if `what` is not an image that is pulled."""
    note: str = ""
    """What else to do if it is rewritten."""
    around: tuple[str, str] = ("", "")
    """What is before and after the name in `repository`."""
    renames: bool = False
    """Whether it is kustomize's new name for an image, written as `old=new`."""

    keeps_name: bool = False
    """Whether an entry in `images` of a kustomization has this name both before and after."""

    is_whole: bool = False
    """Whether its name has all parts, so that no cache covers it if none covers this name."""

    is_chart: bool = False
    """Whether it is the address of a chart, though it has no oci://."""
    binds: bool = False
    """Whether no image of the file is rewritten while this one cannot be: the file's jobs log in to one registry."""
    guess: bool = False
    """Whether no convention covers the place. Such an image is only reported, and only if a cache covers it."""

    @property
    def name(self) -> str:
        """The image's name, without `version` and what is around it."""
        before, after = self.around
        name = self.repository.value[len(before) : len(self.repository.value) - len(after)]
        return f"{self.registry.value}/{name}" if self.registry else name

    @property
    def is_part(self) -> bool:
        """Whether its key is that of a repository, so that a chart adds at least the version."""
        return self.place.endswith(("epository", "ame"))

    def value(self, name: str) -> str:
        """The value of `repository` for another name."""
        old = f"{_without_version(self.name)}=" if self.renames and not self.around[0] else ""
        return f"{self.around[0]}{old}{name}{self.around[1]}"


def around(value: str) -> tuple[str, str]:
    """What is before and after the image's name in a value."""
    match = _AROUND.fullmatch(value)
    if not match or ((match[1] or "").startswith("$") != bool(match[3])):
        return "", ""
    return match[1] or "", match[3] or ""


def split_variable(name: str) -> tuple[str, str]:
    """A name, and its version if that contains a variable."""
    # The pattern's time grows with the square of the length.
    match = _VARIABLE_VERSION.fullmatch(name) if len(name) <= MAX_NAME else None
    return (match[1], match[2]) if match else (name, "")


def has_host(name: str) -> bool:
    """Whether a name begins with a registry's host, as Docker reads it."""
    host, slash, _ = name.partition("/")
    return bool(slash) and ("." in host or ":" in host or host == "localhost" or not host.islower())


def unofficial(name: str, *, beside_registry: bool = False) -> str:
    """Why a name without a host and a path is probably no image of Docker Hub; else empty.

    - `beside_registry`: Docker Hub is written beside the name.
    """
    path = split_variable(name)[0].removeprefix("library/").partition("@")[0]
    if "/" in path:
        return ""
    path = path.partition(":")[0]
    if path in OFFICIAL_IMAGES or not re.fullmatch(r"[a-z0-9]+([._-]+[a-z0-9]+)*", path):
        return ""
    return f"is not an official image of Docker Hub; write {'' if beside_registry else 'docker.io/'}library/{path} if it is one"


def _without_version(name: str) -> str:
    path, _, last = name.partition("@")[0].rpartition("/")
    return f"{path}/{last.partition(':')[0]}".removeprefix("/")
