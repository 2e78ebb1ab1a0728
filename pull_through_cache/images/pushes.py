"""Images that a file pushes, so that their names have to stay wherever the file has them."""

import re

from pull_through_cache.images.conventions import What
from pull_through_cache.images.names import InvalidImageName, parse
from pull_through_cache.images.tree import Mapping, Node, Scalar, Sequence
from pull_through_cache.images.uses import ImageUse, split_variable

# https://docs.ansible.com/ansible/latest/collections/community/docker/, and containers/podman/
_ANSIBLE = re.compile(r"(?:[\w.]+\.)?(?:docker|podman)_image(?:_(build|push|tag))?")
# https://github.com/concourse/registry-image-resource
_CONCOURSE = ("registry-image", "docker-image")
# In scripts: docker push, kaniko's --destination, and builds with a tag.
_COMMAND = re.compile(
    r"(?:\bpush(?:\s+-[\w=-]+)*|--destination|--tag|\s-t)[ =]\s*(?:docker://)?[\"']?([\w.-]+(?::\d+)?(?:/[\w.-]+)*)(?=[\s\"':@]|$)"
)
# What GitHub's docker/build-push-action and metadata-action, the plugins of Drone and Woodpecker, and Compose push.
_TARGETS = {"with": ("tags", "images"), "settings": ("repo", "destination"), "build": ("tags",)}
_KANIKO = re.compile(r"(?:^|\s)-d[ =]\s*([\w.-]+(?::\d+)?(?:/[\w.-]+)*)")  # its short form of --destination
_PUSHED = "is pushed or built here"


class Pushes:
    """The repositories that a part of a document pushes to."""

    def __init__(self) -> None:
        self._repositories: set[str] = set()
        self._puts: set[str] = set()
        self._resources: dict[str, str] = {}

    def add_text(self, value: str) -> None:
        """Takes a text, which may be a script."""
        self._repositories.update(_repository(match[1]) for match in _COMMAND.finditer(value))

    def add_mapping(self, node: Mapping) -> None:
        """Takes a mapping: a container with arguments, a step or resource of Concourse, or a task of Ansible."""
        if isinstance(arguments := node.get("args") or node.get("command"), Sequence):
            command = " ".join(item.value for item in arguments.items if isinstance(item, Scalar))
            self.add_text(command)
            if "kaniko" in node.text("image"):
                self._repositories.update(_repository(match[1]) for match in _KANIKO.finditer(command))
        if "put" in node.own:
            self._puts.add(node.text("resource") or node.text("put"))
        if is_concourse_source(node) and isinstance(node.parent, Mapping):
            self._resources[node.parent.text("name")] = _repository(node.text("repository"))
        for key in _TARGETS.get(node.name, ()) or (("tags",) if node.parent and node.parent.name == "target" else ()):
            self._repositories.update(_repository(name) for name in _names(node.get(key)) if name)
        if "_image" in node.name and _is_pushed_by_ansible(node):
            self._repositories.update(_repository(node.text(key)) for key in ("name", "repository") if key in node)

    def update(self, other: "Pushes") -> None:
        """Adds those of a part inside."""
        self._repositories |= other._repositories
        self._puts |= other._puts
        self._resources |= other._resources

    def keep(self, use: ImageUse) -> None:
        """Keeps an image that is pushed."""
        if not self._repositories and not self._puts:
            return
        pushed = {repository for name, repository in self._resources.items() if name in self._puts}
        if use.what is not What.KEPT and _repository(use.name) in pushed | self._repositories:
            use.what, use.why = What.KEPT, _PUSHED


def _names(node: Node | None) -> list[str]:
    """The names in a list, or in a text with commas or lines."""
    items = node.items if isinstance(node, Sequence) else [node]
    return [name for item in items if isinstance(item, Scalar) for name in re.split(r"[,\s]+", item.value)]


def is_concourse_source(mapping: Mapping) -> bool:
    """Whether a mapping is the source of a Concourse resource, or of a task's image."""
    resource = mapping.parent
    return mapping.name == "source" and isinstance(resource, Mapping) and resource.text("type") in _CONCOURSE


def _is_pushed_by_ansible(module: Mapping) -> bool:
    if not (match := _ANSIBLE.fullmatch(module.name)):
        return False
    return bool(
        match[1]
        or "build" in module
        or module.text("source") in ("build", "local")
        or (isinstance(push := module.get("push"), Scalar) and push.value.lower() in ("true", "yes", "on"))
    )


def _repository(name: str) -> str:
    """The image's name without its version, and with nothing left out, so that two spellings of one are equal."""
    try:
        image = parse(split_variable(name)[0])
    except InvalidImageName:
        return name
    return f"{image.registry}/{image.repository}"
