"""What the Helm chart that values belong to shows of their images: its dependencies, its parent, and its templates."""

import re
import tarfile
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from pull_through_cache.files.problems import InvalidFile, Place
from pull_through_cache.files.yaml_stream import documents
from pull_through_cache.images.tree import Mapping, Node, Scalar, Sequence, Tree
from pull_through_cache.images.uses import ImageUse, has_host

_OTHER = "the chart that it is for may put a registry before it; write it with its registry, as that chart has it"
_RENDERED = "; rewrite what helm template renders"
_BITNAMI = re.compile(r"bitnami[a-z]*/")
_MAX_VALUES = 10_000_000
"""Bytes of a chart's values in an archive."""
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
        if not has_registry and any(_has_registry(values, mapping.place) for values in self._values_beside):
            return "values.yaml beside the file may have its registry; write the registry here too"
        if self._folder is None:
            return _OTHER if not has_registry and (use.version or use.is_part) and _BITNAMI.match(use.name) else ""
        place = [str(key) for key in mapping.place]
        if not has_registry and self._may_be_of_dependency(place):
            return _OTHER
        if any(_has_name(values.get(self._folder.name), place) for values in self._values_above):
            return f"the values of the chart above have another part of its name{_RENDERED}"
        if any(_is_before(values.get("global"), bool(has_registry)) for values in self._values_above):
            return f"the global values of the chart above may change its registry{_RENDERED}"
        own = re.escape(".".join([".Values", *place]))
        if use.registry and not self._is_registry_used(own):
            return f"the chart's templates use it without its registry{_RENDERED}"
        if not has_registry and self._is_registry_added(own):
            return f"the chart's templates may put a registry before it{_RENDERED}"
        return ""

    @cached_property
    def _folder(self) -> Path | None:
        """The folder of the chart: the file's, or the one above for values in `ci`."""
        return next((each for each in list(self._file.parents)[:2] if (each / "Chart.yaml").is_file()), None)

    def _may_be_of_dependency(self, place: list[str]) -> bool:
        """Whether these values are for another chart, whose own values may have a registry."""
        if not place or not self._folder or (name := self._dependencies.get(place[0])) is None:
            return False
        text = _values_of(self._folder / "charts", name)
        return "egistry" in text or "repository" not in text

    def _is_registry_used(self, own: str) -> bool:
        """Whether the templates use the registry of an image, or that is not known. `own` is a pattern of its values."""
        templates = self._templates
        if templates and "egistry" not in templates and not self._dependencies:
            return False
        if re.search(rf"{own}\.registry\b", templates) or not re.search(rf"{own}\.repository\b", templates):
            return True
        is_passed = re.search(rf"{own}(?![\w.])", templates)
        return bool(is_passed) and not re.search(rf"\bimage:.*{own}\.repository\b", templates)

    def _is_registry_added(self, own: str) -> bool:
        """Whether the templates put something before a name, or give it to a helper of another chart, which may do so."""
        name = rf"{own}(?:\.(?:repository|name|image))?(?![\w.])"
        written = rf"/\{{\{{-?[ \t]*{name}|\bprintf[ \t]+\"[^\"\s]*/%s[^\"\s]*\"[^}}\n]*{name}"
        if not re.search(rf"{own}\b", self._templates):  # in a loop
            written = r"\}\}/\{\{-?[ \t]*[$.\w]*\.repository\b"
        helpers = re.findall(rf'include[ \t]+"([^"]*)".*"imageRoot"[ \t]+{own}(?![\w.])', self._templates)
        own_helpers = set(re.findall(r'define[ \t]+"([^"]*)"', self._templates))
        others = {name for name in helpers if not name.startswith("common.")} - own_helpers
        return bool(others) or re.search(written, self._templates) is not None

    @cached_property
    def _dependencies(self) -> dict[str, str]:
        """The names of other charts, by their keys in the values."""
        if self._folder is None:
            return {}
        folders = {each.name: each.name for each in self._folder.glob("charts/*/")}
        return folders | {key: name for name, key in _dependencies(self._folder)}

    @cached_property
    def _values_beside(self) -> list[Mapping]:
        """The values.yaml of the chart, or beside the file, which these values may replace in part."""
        file = (self._folder or self._file.parent) / "values.yaml"
        return _roots(file) if file != self._file else []

    @cached_property
    def _values_above(self) -> list[Mapping]:
        """The values of the chart that has this one in its folder `charts`. This one has its name as key, also with an alias."""
        if self._folder is None or self._folder.parent.name != "charts":
            return []
        above, own = self._folder.parent.parent, self._folder.name
        roots = [root for file in (*above.glob("*values*.y*ml"), *above.glob("ci/*.y*ml")) for root in _roots(file)]
        for key in [key for name, key in _dependencies(above) if name == own]:
            roots = [*roots, *(Mapping(None, "", {own: root.own[key]}) for root in roots if key in root.own)]
        return roots

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


def _has_registry(values: Mapping, place: Place) -> bool:
    """Whether values have a registry for an image at a place, or for all."""
    node: Node | None = values
    for key in place:
        node = node.get(str(key)) if isinstance(node, Mapping) else None
    own = isinstance(node, Mapping) and bool(node.own.keys() & {"registry", "imageRegistry"})
    return own or _is_before(values.get("global"), False)


def _is_before(node: Node | None, has_registry: bool) -> bool:
    """Whether global values have a registry: an empty one counts for images without a registry only."""
    found = [child for key, child in node.own.items() if "egistry" in key] if isinstance(node, Mapping) else []
    return any(isinstance(each, Scalar) and not (has_registry and each.is_nothing) for each in found)


def _values_of(folder: Path, name: str) -> str:
    """The values of a chart in the folder `charts`, packed or not; empty if it is not there."""
    try:
        if (file := folder / name / "values.yaml").is_file():
            return file.read_text(errors="replace")
        for packed in folder.glob(f"{name}-[0-9]*.tgz"):
            with tarfile.open(packed) as archive:
                member = archive.getmember(f"{name}/values.yaml")
                stream = archive.extractfile(member) if member.size <= _MAX_VALUES else None
                return stream.read().decode(errors="replace") if stream else ""
    except (OSError, KeyError, tarfile.TarError):
        pass
    return ""


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
