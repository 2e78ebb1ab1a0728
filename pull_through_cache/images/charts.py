"""What the Helm chart that values belong to shows of their images: its dependencies, its parent, and its templates."""

import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from pull_through_cache.files.problems import InvalidFile
from pull_through_cache.files.yaml_stream import documents
from pull_through_cache.images.tree import Mapping, Node, Sequence, Tree
from pull_through_cache.images.uses import ImageUse, has_host

_OTHER = "the chart that it is for may put a registry before it; write it with its registry, as that chart has it"
_BITNAMI = re.compile(r"bitnami[a-z]*/")
_NAMES = frozenset("image name registry repository".split())


class Charts:
    """The charts that the values in a file are for.

    Facts: https://helm.sh/docs/topics/charts/#chart-dependencies and
    https://helm.sh/docs/chart_template_guide/subcharts_and_globals/.
    """

    def __init__(self, file: Path) -> None:
        self._file = file.absolute()

    def why(self, use: ImageUse, mapping: Mapping) -> str:
        """Why a chart may give an image of this mapping another name; else empty.

        Without a Chart.yaml the chart is not known. Then only the charts of Bitnami count, which all have registries:
        https://github.com/bitnami/charts.
        """
        has_registry = use.registry or "registry" in mapping or has_host(use.name)
        if self._folder is None:
            return _OTHER if not has_registry and use.version and _BITNAMI.match(use.name) else ""
        place = [str(key) for key in mapping.place]
        if not has_registry and place and place[0] in self._dependencies:
            return _OTHER
        if any(_has_name(values, place) for values in self._values_of_parent):
            return "the values of the chart above have another part of its name; rewrite what helm template renders"
        values = ".".join([".Values", *place])
        if use.registry and f"{values}.repository" in self._templates and f"{values}.registry" not in self._templates:
            return "the chart's templates use it without its registry; rewrite what helm template renders"
        return ""

    @cached_property
    def _folder(self) -> Path | None:
        """The folder of the chart: the file's, or the one above for values in `ci`."""
        return next((each for each in list(self._file.parents)[:2] if (each / "Chart.yaml").is_file()), None)

    @cached_property
    def _dependencies(self) -> frozenset[str]:
        """The keys for other charts in the values."""
        if self._folder is None:
            return frozenset()
        folders = (each.name for each in self._folder.glob("charts/*/"))
        return frozenset((*(key for _, key in _dependencies(self._folder)), *folders))

    @cached_property
    def _values_of_parent(self) -> list[Node]:
        """What the chart that has this one in its folder `charts` sets of its values."""
        if self._folder is None or self._folder.parent.name != "charts":
            return []
        parent, own = self._folder.parent.parent, self._folder.name
        keys = {own, *(key for name, key in _dependencies(parent) if name == own)}
        return [root.own[key] for root in _roots(parent / "values.yaml") for key in keys & root.own.keys()]

    @cached_property
    def _templates(self) -> str:
        files = self._folder.glob("templates/**/*") if self._folder else ()
        try:
            return "\n".join(file.read_text(errors="replace") for file in files if file.is_file())
        except OSError:
            return ""


def _has_name(node: Node | None, place: list[str]) -> bool:
    """Whether there is a part of an image's name at a place."""
    for key in place:
        node = node.get(key) if isinstance(node, Mapping) else None
    return isinstance(node, Mapping) and bool(node.own.keys() & _NAMES)


def _dependencies(folder: Path) -> Iterator[tuple[str, str]]:
    """The name of each dependency of a chart, and its key in the chart's values."""
    for file in ("Chart.yaml", "requirements.yaml"):
        for root in _roots(folder / file):
            listed = root.get("dependencies")
            for item in listed.items if isinstance(listed, Sequence) else ():
                if isinstance(item, Mapping):
                    yield item.text("name"), item.text("alias") or item.text("name")


def _roots(file: Path) -> list[Mapping]:
    """The mappings of a file; none if it cannot be read."""
    try:
        with file.open("rb") as stream:
            roots = [Tree(document, frozenset()).root for document in documents(stream, file)]
    except (InvalidFile, OSError):
        return []
    return [root for root in roots if isinstance(root, Mapping)]
