"""The text of a deployment file, with comments."""

from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from pull_through_cache.check.findings import CouldNotRun
from pull_through_cache.deployment import load
from pull_through_cache.deployment.model import Model
from pull_through_cache.deployment.modules import Modules
from pull_through_cache.deployment.registry import Registry
from pull_through_cache.deployment.repositories import RepositorySettings
from pull_through_cache.deployment.upstream import Upstream
from pull_through_cache.files.printing import visible
from pull_through_cache.files.problems import InvalidFile, Place
from pull_through_cache.files.yaml_file import YamlFile
from pull_through_cache.files.yaml_writing import yaml_of
from pull_through_cache.importing.draft import Data

_HEAD = """\
# The pull through caches of account {account_id}, as `pull-through-cache import` found them.
# Delete each `adopt` after the first apply.
"""


def text_of(registry: Data, comments: Iterable[tuple[Place, str]], modules: Modules) -> str:
    """The file with this content, in the order of the reference. It is valid, or CouldNotRun is raised."""
    content = {"registry": _in_order(_shared(registry))}
    with TemporaryDirectory() as folder:
        path = Path(folder) / "deployment.yaml"
        path.write_text(yaml_of(content, short=True), encoding="utf-8")
        lines = _commented(YamlFile(path), path.read_text(encoding="utf-8").splitlines(), comments)
        head = _HEAD.format(account_id=registry["account_id"])
        path.write_text(head + "".join(f"{line}\n" for line in lines), encoding="utf-8")
        try:
            load(path, modules=modules)
        except InvalidFile as error:
            reason = "; ".join(f"{problem.place}: {problem.message}" for problem in error.problems)
            raise CouldNotRun(f"no deployment file can describe this registry: {reason}") from error
        return path.read_text(encoding="utf-8")


def _commented(file: YamlFile, lines: list[str], comments: Iterable[tuple[Place, str]]) -> list[str]:
    """The lines with each comment above the line of its place."""
    above: dict[int, list[str]] = {}
    for place, text in comments:
        number = file.line(place) - 1
        indent = lines[number][: len(lines[number]) - len(lines[number].lstrip())]
        above.setdefault(number, []).append(f"{indent}# {visible(text)}")
    return [line for number, own in enumerate(lines) for line in (*dict.fromkeys(above.get(number, [])), own)]


def _shared(registry: Data) -> Data:
    """The registry with the settings that all upstreams have in common in one place."""
    settings = [upstream.get("repositories", {}) for upstream in registry["upstreams"].values()]
    common = {name: value for name, value in settings[0].items() if all(each.get(name) == value for each in settings)}
    if any(each.get("statements") != settings[0].get("statements") for each in settings):
        common.pop("statements_only", None)  # its statements may have names that are the project's otherwise
    if len(settings) == 1 or not common:
        return registry
    upstreams = {
        key: {
            **upstream,
            "repositories": {name: own for name, own in upstream["repositories"].items() if name not in common},
        }
        for key, upstream in registry["upstreams"].items()
    }
    return {**registry, "repositories": common, "upstreams": upstreams}


def _ordered(values: Data, model: type[Model]) -> Data:
    """The values in the order of the model's keys, as in the reference."""
    return {name: values[name] for name in model.model_fields if name in values}


def _in_order(registry: Data) -> Data:
    """The registry with its keys and those of its upstreams in order, without empty settings."""
    upstreams = {}
    for key, upstream in registry["upstreams"].items():
        repositories = _ordered(upstream.get("repositories", {}), RepositorySettings)
        others = {name: value for name, value in upstream.items() if name != "repositories"}
        upstreams[key] = _ordered({**others, **({"repositories": repositories} if repositories else {})}, Upstream)
    common = (
        {"repositories": _ordered(registry["repositories"], RepositorySettings)} if "repositories" in registry else {}
    )
    return _ordered({**registry, **common, "upstreams": upstreams}, Registry)
