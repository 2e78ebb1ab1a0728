"""Images that a file pushes, so that their names have to stay wherever the file has them."""

import re
from collections import abc, defaultdict
from functools import cached_property

from pull_through_cache.images.conventions import What
from pull_through_cache.images.names import MAX_NAME, InvalidImageName, parse
from pull_through_cache.images.tree import Mapping, Node, Scalar, Sequence
from pull_through_cache.images.uses import ImageUse, split_variable

# https://docs.ansible.com/ansible/latest/collections/community/docker/, and containers/podman/
_ANSIBLE = re.compile(r"(?:[\w.]+\.)?(?:docker|podman)_image(?:_(build|push|tag))?")
# https://github.com/concourse/registry-image-resource
_CONCOURSE = ("registry-image", "docker-image")
# In scripts: docker push and tag, copies, kaniko's --destination, and builds with a tag.
_PROGRAM = r"\b(?:docker|podman|buildah|nerdctl|img|crane|oras|image|manifest)[ \t]+"
_NAME = r"(?:docker://)?[\"']?([\w$][^\s\"';|&<>\\]*)"
_COMMAND = re.compile(
    rf"(?:--destination[ =]\s*|{_PROGRAM}push(?:\s+-[\w=-]+)*+\s+|{_PROGRAM}tag[ \t]+\S+[ \t]+"
    r"|\b(?:(?:skopeo|crane|oras)[ \t]+(?:copy|cp)|\w+[ \t]+push)(?:[ \t]+--?[\w-]+(?:=\S+)?)*[ \t]+\S+[ \t]+(?=docker://|[\w.-]+\.[a-z]+/))"
    + _NAME
)
_BUILD = re.compile(r"\b(?:build|bud)\b(?:\\\n|[^\n;&|])*")
_TAG = re.compile(r"\s(?:-t[ =]?|--tag[ =])\s*" + _NAME)
# `$IMAGE`, `${IMAGE}`, `$(params.image)`; and GitHub's `${{ env.IMAGE }}`.
_VARIABLE = re.compile(r"\$[({]?(?:[\w-]+\.)*([\w-]+)[)}]?")
_EXPRESSION = re.compile(r"\$\{\{\s*([\w.-]+)\s*\}\}")
_MAX_VALUES = 50
"""Of a pushed name with variables that have several values."""
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
        self._targets: set[str] = set()
        """Names in commands, which may have variables."""
        self._values: list[tuple[str, str]] = []
        """The variables with their values."""
        self._puts: set[str] = set()
        self._resources: dict[str, str] = {}

    def add_text(self, value: str) -> None:
        """Takes a text, which may be a script."""
        value = _EXPRESSION.sub(r"${\1}", value)
        self._targets.update(match[1] for match in _COMMAND.finditer(value))
        self._targets.update(match[1] for build in _BUILD.finditer(value) for match in _TAG.finditer(build[0]))
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
            targets = (_EXPRESSION.sub(r"${\1}", text) for text in _texts(node.get(key)))
            self._targets.update(name for text in targets for name in re.split(r"[,\s]+", text) if name)
        if node.name in _VARIABLES:
            self._values += ((key, child.value) for key, child in node.own.items() if isinstance(child, Scalar))
        elif "name" in node.own and ("value" in node.own or "default" in node.own):
            self._values.append((node.text("name"), node.text("value") or node.text("default")))
        if "_image" in node.name and _is_pushed_by_ansible(node):
            self._repositories.update(repository(node.text(key)) for key in ("name", "repository") if key in node)

    def update(self, other: "Pushes") -> None:
        """Adds those of a part inside."""
        self._repositories |= other._repositories
        self._targets |= other._targets
        self._values += other._values
        self._puts |= other._puts
        self._resources |= other._resources

    def keep(self, use: ImageUse) -> None:
        """Keeps an image that is pushed."""
        repositories, last_parts = self._all
        if use.what is What.KEPT or not (repositories or last_parts):
            return
        name = repository(use.name)
        if name in repositories or name.rpartition("/")[2] in last_parts:
            use.what, use.why = What.KEPT, _PUSHED

    @cached_property
    def _all(self) -> tuple[set[str], set[str]]:
        """What is pushed, as it is known when the first image is judged; and last parts of names, where a variable has the rest."""
        repositories = {pushed for name, pushed in self._resources.items() if name in self._puts} | self._repositories
        last_parts, values = set[str](), defaultdict[str, list[str]](list)
        for key, value in self._values:
            values[key].append(value)
        for name in (name for target in self._targets for name in _resolved(target, values)):
            last = re.split("[:@]", name.rpartition("/")[2])[0]
            if "$" not in split_variable(name)[0]:
                repositories.add(repository(name))
            elif "/" in name and last and "$" not in last:
                last_parts.add(last)
        return repositories, last_parts


def _resolved(name: str, values: abc.Mapping[str, list[str]]) -> list[str]:
    """A name with its variables replaced by their values, as far as they are known."""
    names = [name]
    for _ in range(5):
        names = [each for name in names for each in _replaced(name, values)][:_MAX_VALUES]
    return names


def _replaced(name: str, values: abc.Mapping[str, list[str]]) -> list[str]:
    match = next((match for match in _VARIABLE.finditer(name) if match[1] in values), None)
    if match is None or len(name) > MAX_NAME:
        return [name]
    return [name[: match.start()] + value + name[match.end() :] for value in values[match[1]]]


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
