"""Images that a file pushes, so that their names have to stay wherever the file has them."""

import re
from functools import cached_property

from pull_through_cache.images.conventions import What
from pull_through_cache.images.names import InvalidImageName, parse
from pull_through_cache.images.tree import Mapping, Node, Scalar, Sequence
from pull_through_cache.images.uses import ImageUse, split_variable

# https://docs.ansible.com/ansible/latest/collections/community/docker/, and containers/podman/
_ANSIBLE = re.compile(r"(?:[\w.]+\.)?(?:docker|podman)_image(?:_(build|push|tag))?")
# https://github.com/concourse/registry-image-resource
_CONCOURSE = ("registry-image", "docker-image")
# In scripts: docker push, kaniko's --destination, and builds with a tag.
_BEFORE = r"(?:\bpush(?:\s+-[\w=-]+)*|--destination|--tag|\s-t)[ =]\s*(?:docker://)?[\"']?"
_COMMAND = re.compile(_BEFORE + r"([\w.-]+(?::\d+)?(?:/[\w.-]+)*)(?=[\s\"':@]|$)")
# `$IMAGE`, `${IMAGE}`, `$(IMAGE)`, `${{ env.IMAGE }}`; after it only a version.
_VARIABLE = r"\$[({]{0,2}\s*(?:env\.)?(\w+)\s*[)}]{0,2}(?=[\s\"':@,]|$)"
_COMMAND_WITH_VARIABLE = re.compile(_BEFORE + _VARIABLE)
_TARGET_WITH_VARIABLE = re.compile(r"(?:^|[\s,])" + _VARIABLE)
_ASSIGNMENT = re.compile(r"(?<![^\s;])(\w+)=[\"']?([^\s\"';]+)")
_VARIABLES = frozenset("env environment variables".split())
# What GitHub's docker/build-push-action and metadata-action, the plugins of Drone and Woodpecker, and Compose push.
_TARGETS = {"with": ("tags", "images"), "settings": ("repo", "destination"), "build": ("tags",)}
_KANIKO = re.compile(r"(?:^|\s)-d[ =]\s*([\w.-]+(?::\d+)?(?:/[\w.-]+)*)")  # its short form of --destination
_PUSHED = "is pushed or built here"


class Pushes:
    """The repositories that a part of a document pushes to."""

    def __init__(self) -> None:
        self._repositories: set[str] = set()
        self._variables: set[str] = set()
        self._values: list[tuple[str, str]] = []
        """The variables with their values: those of one that is pushed are pushed."""
        self._puts: set[str] = set()
        self._resources: dict[str, str] = {}

    def add_text(self, value: str) -> None:
        """Takes a text, which may be a script."""
        self._repositories.update(repository(match[1]) for match in _COMMAND.finditer(value))
        self._variables.update(match[1] for match in _COMMAND_WITH_VARIABLE.finditer(value))
        self._values += ((match[1], match[2]) for match in _ASSIGNMENT.finditer(value))

    def add_mapping(self, node: Mapping) -> None:
        """Takes a mapping: a container with arguments, a step or resource of Concourse, or a task of Ansible."""
        if isinstance(arguments := node.get("args") or node.get("command"), Sequence):
            command = " ".join(item.value for item in arguments.items if isinstance(item, Scalar))
            self.add_text(command)
            if "kaniko" in node.text("image"):
                self._repositories.update(repository(match[1]) for match in _KANIKO.finditer(command))
        if "put" in node.own:
            self._puts.add(node.text("resource") or node.text("put"))
        if is_concourse_source(node) and isinstance(node.parent, Mapping):
            self._resources[node.parent.text("name")] = repository(node.text("repository"))
        for key in _TARGETS.get(node.name, ()) or (("tags",) if node.parent and node.parent.name == "target" else ()):
            targets = _texts(node.get(key))
            self._repositories.update(
                repository(name) for text in targets for name in re.split(r"[,\s]+", text) if name
            )
            self._variables.update(match[1] for text in targets for match in _TARGET_WITH_VARIABLE.finditer(text))
        if node.name in _VARIABLES:
            self._values += ((key, child.value) for key, child in node.own.items() if isinstance(child, Scalar))
        elif "name" in node.own and "value" in node.own:
            self._values.append((node.text("name"), node.text("value")))
        if "_image" in node.name and _is_pushed_by_ansible(node):
            self._repositories.update(repository(node.text(key)) for key in ("name", "repository") if key in node)

    def update(self, other: "Pushes") -> None:
        """Adds those of a part inside."""
        self._repositories |= other._repositories
        self._variables |= other._variables
        self._values += other._values
        self._puts |= other._puts
        self._resources |= other._resources

    def keep(self, use: ImageUse) -> None:
        """Keeps an image that is pushed."""
        if self._all and use.what is not What.KEPT and repository(use.name) in self._all:
            use.what, use.why = What.KEPT, _PUSHED

    @cached_property
    def _all(self) -> set[str]:
        """All that is pushed, as it is known when the first image is judged."""
        resources = {pushed for name, pushed in self._resources.items() if name in self._puts}
        values = {repository(value) for name, value in self._values if name in self._variables}
        return self._repositories | resources | values


def _texts(node: Node | None) -> list[str]:
    """The text of a scalar, or those of a list."""
    items = node.items if isinstance(node, Sequence) else [node]
    return [item.value for item in items if isinstance(item, Scalar)]


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


def repository(name: str) -> str:
    """The image's name without its version, and with nothing left out, so that two spellings of one are equal."""
    try:
        image = parse(split_variable(name)[0])
    except InvalidImageName:
        return name
    return f"{image.registry}/{image.repository}"
