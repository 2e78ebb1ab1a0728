"""Images that only the mapping around them explains: Compose's builds, JSON patches, parameters, and the like."""

import re
from collections.abc import Iterator

from pull_through_cache.files.problems import dotted
from pull_through_cache.images.comments import UPDATED
from pull_through_cache.images.conventions import What
from pull_through_cache.images.kinds import BITBUCKET
from pull_through_cache.images.names import InvalidImageName, parse
from pull_through_cache.images.pushes import Pushes, is_concourse_source
from pull_through_cache.images.tree import Collection, Mapping, Node, Scalar, Sequence
from pull_through_cache.images.uses import ImageUse, around

# An image that is a parameter: Tekton, Argo Workflows, GitHub, OpenShift templates and GitLab write them so.
_PARAMETER = re.compile(
    r"\$\((?:params|inputs\.params)\.([\w.-]+)\)|\{\{\s*(?:inputs|workflow)\.parameters\.([\w-]+)\s*\}\}"
    r"|\$\{\{\s*matrix\.([\w-]+)\s*\}\}|\$\{\{?(\w+)\}\}?|\$(\w+)"
)
_MAPS = ("matrix", "variables")
_HARMLESS = frozenset("description displayName if key name when".split())
_ALSO_ELSEWHERE = "is also used in other places, which may push it"
_GIVEN = "is a parameter; its values in this file are judged where they are"
# https://github.com/concourse/registry-image-resource#source-configuration
_LISTED = "has no tag, so that its tags are listed; ECR lists only tags that were pulled"
_NO_PULL = {"build": "is built here", "never": "is not pulled, because of its pull_policy"}


def may_count(value: str) -> bool:
    """Whether a text may have parameters, or the commands of a script that pushes images."""
    return (
        "$" in value
        or "tag " in value
        or "copy " in value
        or "cp " in value
        or "{{" in value
        or "push" in value
        or "build" in value
        or "--destination" in value
    )


class Names:
    """The parameters that are images in a part of a document, and the images that are built or pushed in it."""

    def __init__(self, kind: str, outer: "Names | None" = None) -> None:
        self.outer = outer
        self._is_compose = kind == "Compose"
        self.parameters: set[str] = set()
        self.given: set[str] = set()
        """Parameters with a value in this document."""
        self.elsewhere: set[str] = set()
        """Parameters that are, or may be, more than the image to pull: a script may push them."""
        self.built: set[str] = set()
        self.containers: set[str] = set()
        """The names of Azure's containers: https://learn.microsoft.com/azure/devops/pipelines/yaml-schema/resources-containers-container."""
        self.is_by_keel = False
        """Whether Keel updates the images of these values: https://keel.sh/docs/#helm."""
        self.pushes = Pushes()

    def add_mapping(self, node: Mapping) -> None:
        """Takes a mapping: what is given, built or pushed."""
        self.pushes.add_mapping(node)
        if "name" in node.own and ("default" in node.own or "value" in node.own):
            self.given.add(node.text("name"))
        if "container" in node.own and "image" in node.own:
            self.containers.add(node.text("container"))
        if node.name in _MAPS or (node.parent and node.parent.name == "include"):
            self.given.update(node.own)
        self.is_by_keel |= node.name == "keel" and node.text("policy") not in ("", "never")
        if self._is_compose and "image" in node and "build" in node:
            self.built.add(_full_name(node.text("image")))

    def add_text(self, key: str, value: str, parent: Collection) -> None:
        """Takes a text that may_count, and the key that it is under."""
        self.pushes.add_text(value)
        self._add_parameters(key, value, parent)

    def _add_parameters(self, key: str, value: str, parent: Collection) -> None:
        above = parent.parent.name if parent.parent else ""
        is_name = key == "name" and (parent.name == "image" or above == "services")
        is_image = (
            (key in ("image", "container") and parent.name not in ("with", *_MAPS)) or is_name or key == "services"
        )
        if is_image and (match := _PARAMETER.fullmatch(value)):
            self.parameters.add(next(filter(None, match.groups())))
        elif key not in _HARMLESS:
            self.elsewhere.update(next(filter(None, match.groups())) for match in _PARAMETER.finditer(value))

    def update(self, other: "Names") -> None:
        """Adds those of a part inside."""
        self.parameters |= other.parameters
        self.given |= other.given
        self.elsewhere |= other.elsewhere
        self.built |= other.built
        self.containers |= other.containers
        self.is_by_keel |= other.is_by_keel
        self.pushes.update(other.pushes)


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
    if is_concourse_source(node) and "tag" not in node:
        is_listed = isinstance(node.parent, Mapping) and node.parent.text("type") == "registry-image"
        yield from _use(node, "repository", *((What.LEFT, _LISTED) if is_listed else ()))
    image, parent = node.get("image"), node.parent.name if node.parent else ""
    if kind == "Compose":
        if node.text("type") == "image":
            yield from _use(node, "source")
        policy = (
            "build" if "build" in node or _full_name(node.text("image")) in names.built else node.text("pull_policy")
        )
        if isinstance(image, Scalar) and policy in _NO_PULL:
            yield from _use(node, "image", What.KEPT, _NO_PULL[policy])
        yield from _provided(node)
    if kind in ("GitLab CI", BITBUCKET):
        yield from (_services if kind == "GitLab CI" else _bitbucket)(node)
    is_of_kustomize = isinstance(node.parent, Sequence) and parent in ("images", "imageTags")
    if (is_of_kustomize or node.name == "imageTag") and {"newName", "newTag", "digest"} & node.own.keys():
        yield from _renamed(node)


def _parameters(node: Mapping, kind: str, names: Names) -> Iterator[ImageUse]:
    if not names.parameters:
        return
    if (name := node.text("name")) in names.parameters:
        yield from _use(node, "default", *_of_parameter(name, names))
        yield from _use(node, "value", *_of_parameter(name, names))
    if node.name in _MAPS or (node.parent and node.parent.name == "include" and kind.startswith("GitHub")):
        for key in node.own.keys() & names.parameters:
            child, judged = node.own[key], _of_parameter(key, names)
            yield from _use(node, key, *judged)
            if isinstance(child, Mapping):
                yield from _use(child, "value", *judged)
            yield from _items(child, *judged)


def _of_parameter(name: str, names: Names) -> tuple[What, str]:
    return (What.LEFT, _ALSO_ELSEWHERE) if name in names.elsewhere else (What.IMAGE, "")


def keep(use: ImageUse, names: Names | None) -> None:
    """Keeps an image that is pushed, and one that is a parameter with a value in this document."""
    match = _PARAMETER.fullmatch(use.repository.value) if use.what is What.IMAGE else None
    parameter = next(filter(None, match.groups())) if match else ""
    while names:
        names.pushes.keep(use)
        if names.is_by_keel and use.what is What.IMAGE:
            use.what, use.why = What.LEFT, UPDATED.format("Keel")
        if parameter and parameter in names.given:
            use.what, use.why = What.KEPT, _GIVEN
        if use.place.endswith(".container") and use.repository.value in names.containers:
            use.what, use.why = What.KEPT, "is the name of a container in this file"
        names = names.outer


def _services(node: Mapping) -> Iterator[ImageUse]:
    why = "of a service without an alias, whose host name is made from the image's; give it an alias"
    services = node.own.get("services")
    yield from map(_binding, _items(services, What.LEFT, why))
    for item in services.items if isinstance(services, Sequence) else ():
        if isinstance(item, Mapping) and "alias" not in item:
            yield from map(_binding, _use(item, "name", What.LEFT, why))


def _bitbucket(node: Mapping) -> Iterator[ImageUse]:
    """https://support.atlassian.com/bitbucket-cloud/docs/use-docker-images-as-build-environments/."""
    why = (
        "has no `aws` beside its `name`, without which Bitbucket cannot log in to ECR; add it to all images of the file"
    )
    yield from map(_binding, _use(node, "image", What.LEFT, why))
    if node.name == "image":
        yield from _use(node, "name") if "aws" in node else map(_binding, _use(node, "name", What.LEFT, why))
    if node.text("pipe").startswith("docker://"):
        yield from map(_binding, _use(node, "pipe", What.LEFT, "of a pipe, which cannot log in to ECR"))


def _provided(node: Mapping) -> Iterator[ImageUse]:
    """https://docs.docker.com/compose/how-tos/provider-services/."""
    provider = node.get("provider")
    options = provider.get("options") if isinstance(provider, Mapping) else None
    for each in (node, options) if isinstance(options, Mapping) else ():
        for key in each.own:
            if key.lower().endswith("image"):
                yield from map(_binding, _use(each, key, What.LEFT, "is started by the service's provider"))


def _binding(use: ImageUse) -> ImageUse:
    use.binds = True
    return use


def _items(node: Node | None, what: What = What.IMAGE, why: str = "") -> Iterator[ImageUse]:
    if isinstance(node, Sequence):
        for number, item in enumerate(node.items):
            if isinstance(item, Scalar) and item.is_text and item.value:
                yield ImageUse(dotted((*node.place, number)), None, item, "", what, why)


def _renamed(node: Mapping) -> Iterator[ImageUse]:
    why = "its tag is set here by name; add newName here with the cached name, or rewrite what kubectl kustomize prints"
    judged = (What.KEPT, "is compared with images, not pulled") if node.text("newName") else (What.LEFT, why)
    for use in _use(node, "name", *judged):
        use.is_whole = True
        yield use


def _use(node: Mapping, key: str, what: What = What.IMAGE, why: str = "") -> Iterator[ImageUse]:
    scalar = node.get(key)
    if isinstance(scalar, Scalar) and scalar.is_text and scalar.value:
        yield ImageUse(dotted((*node.place, key)), None, scalar, "", what, why, around=around(scalar.value))
