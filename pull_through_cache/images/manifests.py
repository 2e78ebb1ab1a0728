"""Finds the images in Kubernetes manifests, Helm values and Compose files."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from yaml.nodes import ScalarNode
from yaml.resolver import Resolver

from pull_through_cache.files.problems import Place, dotted
from pull_through_cache.files.yaml_stream import Document

_KEYS = frozenset("image registry repository reference tag digest build <<".split())
# In these maps from text to text, `image` is the name of a label or of a variable.
_NO_IMAGES_IN = frozenset(
    "annotations args binaryData data env environment labels matchLabels nodeSelector selector stringData".split()
)
_TEXT = ("tag:yaml.org,2002:str", "!")
_resolve = Resolver().resolve


@dataclass(frozen=True, eq=False, slots=True)
class Scalar:
    """A scalar of a document: its value, and where its source stands. `of` is what it is an alias of."""

    value: str
    start: int
    end: int
    line: int
    is_text: bool
    of: "Scalar | None" = None

    def edit(self, text: str, value: str) -> tuple[int, int, str] | None:
        """The change to the document's text that gives it another value; None if it is written over several lines."""
        if self.of:
            return self.start, self.end, f'"{value}"'
        source = text[self.start : self.end]
        at = source.rfind(self.value)  # after an anchor, a tag, a quote or the header of a block
        if at >= 0:
            return self.start + at, self.start + at + len(self.value), value
        if "\n" in source or '"' not in source:
            return None
        return self.start + source.index('"'), self.end, f'"{value}"'  # with escapes


@dataclass(frozen=True, eq=False, slots=True)
class ImageUse:
    """An image in a document. With `registry` its name is in two places, as in the values of many Helm charts."""

    place: str
    registry: Scalar | None
    repository: Scalar
    version: str
    """`:tag` and `@digest` where they stand by themselves."""

    @property
    def name(self) -> str:
        """The image's name, without `version`."""
        return f"{self.registry.value}/{self.repository.value}" if self.registry else self.repository.value


class Images:
    """The images of a document, in its order, and its aliases of scalars. Raises InvalidFile if it is not YAML."""

    def __init__(self, document: Document) -> None:
        self.aliases: list[Scalar] = []
        self._document = document
        self._above: list[_Collection] = []
        self._anchors: dict[str, Scalar | _Collection] = {}
        # What a merge key brings is the same image as where it comes from.
        found: dict[tuple[Scalar | None, Scalar], ImageUse] = {}
        for use in self._read():
            found.setdefault((use.registry, use.repository), use)
        self.uses = sorted(found.values(), key=lambda use: use.repository.start)

    def _read(self) -> Iterator[ImageUse]:
        above = self._above
        for event in self._document.events():
            kind = type(event)
            if kind is ScalarEvent:
                if event.anchor or (above and above[-1].key in _KEYS):
                    self._add(self._scalar(event), event.value, event.anchor)
                elif above:
                    above[-1].add(None, event.value)
            elif kind is AliasEvent:
                self._add(*self._alias(event))
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                name = (above[-1].key if above else None) or ""
                above.append(_Collection(name, None if kind is MappingStartEvent else 0))
                if event.anchor:
                    self._anchors[event.anchor] = above[-1]
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                ended = above.pop()
                if kind is MappingEndEvent and (use := ended.image(tuple(each.part for each in above))):
                    yield use
                self._add(ended)
            elif kind is DocumentStartEvent:
                self._anchors.clear()

    def _add(self, node: "Scalar | _Collection", text: str = "", anchor: str | None = None) -> None:
        if anchor:
            self._anchors[anchor] = node
        if self._above:
            self._above[-1].add(node, text)

    def _scalar(self, event: ScalarEvent) -> Scalar:
        tag = event.tag or _resolve(ScalarNode, event.value, event.implicit)
        return Scalar(event.value, *self._document.span(event), tag in _TEXT)

    def _alias(self, event: AliasEvent) -> tuple["Scalar | _Collection", str]:
        target = self._anchors.get(event.anchor)
        if target is None:
            raise self._document.refusal(event.start_mark.line, f"nothing has the anchor &{event.anchor}")
        if isinstance(target, _Collection):
            return target, ""
        self.aliases.append(Scalar(target.value, *self._document.span(event), target.is_text, target))
        return self.aliases[-1], target.value


@dataclass(slots=True)
class _Collection:
    """A mapping or a sequence that is being read. `name` is the key that it stands under, if any."""

    name: str
    index: int | None
    key: str | None = None
    own: dict[str, Scalar | None] = field(default_factory=dict)
    merged: dict[str, Scalar | None] = field(default_factory=dict)

    @property
    def part(self) -> str | int:
        """The key or index of what is being read."""
        return (self.key or "") if self.index is None else self.index

    def add(self, node: "Scalar | _Collection | None", text: str) -> None:
        """Takes the next node; `text` is its value where it is a scalar."""
        if self.index is not None:
            self.index += 1
            if self.name == "<<" and isinstance(node, _Collection):
                self._merge(node)
        elif self.key is None:
            self.key = text
        else:
            if self.key == "<<" and isinstance(node, _Collection):
                self._merge(node)
            elif self.key in _KEYS:
                self.own[self.key] = node if isinstance(node, Scalar) else None
            self.key = None

    def _merge(self, other: "_Collection") -> None:
        self.merged = {**other.merged, **other.own, **self.merged}

    def image(self, above: Place) -> ImageUse | None:
        """The image of this mapping, if it has one."""
        keys = {**self.merged, **self.own}
        if not keys or self.name in _NO_IMAGES_IN or "build" in keys:  # Compose: `image` names what is built
            return None
        scalars = {key: scalar for key, scalar in keys.items() if scalar and scalar.value}
        texts = {key: scalar for key, scalar in scalars.items() if scalar.is_text}
        if "repository" in texts:
            of_image = self.name.lower().endswith("image") or keys.keys() & {"registry", "tag", "digest"}
            key = "repository" if of_image else ""
        else:
            key = "reference" if self.name == "image" and "reference" in texts else "image"
        if key not in texts:
            return None
        registry = texts.get("registry") if key != "reference" else None
        apart = [("tag", ":"), ("digest", "@")] if registry or key == "repository" else []
        version = "".join(mark + scalars[part].value for part, mark in apart if part in scalars)
        return ImageUse(dotted((*above, key)), registry, texts[key], version)
