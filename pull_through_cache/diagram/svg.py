"""A diagram as an SVG file."""

from collections.abc import Iterator
from html import escape
from textwrap import wrap
from typing import NamedTuple

from pull_through_cache.deployment import Deployment
from pull_through_cache.diagram.content import Arrow, Box, Group, diagram
from pull_through_cache.files.printing import visible

_LINE, _PAD, _GAP, _BETWEEN, _LONGEST = 18, 12, 14, 64, 46
_STYLE = """
svg { color-scheme: light dark }
text { font: 12px system-ui, sans-serif; fill: #424a53 }
.title { font-weight: 600; fill: #1f2328 }
.background { fill: #ffffff }
.group { fill: #f6f8fa; stroke: #d1d9e0 }
.box { fill: #ffffff; stroke: #d1d9e0 }
.arrow { fill: none; stroke: #4c8dea; stroke-width: 1.5 }
.head { fill: #4c8dea }
@media (prefers-color-scheme: dark) {
  text { fill: #c0c8d2 }
  .title { fill: #f0f6fc }
  .background { fill: #0d1117 }
  .group { fill: #151b23; stroke: #3d444d }
  .box { fill: #0d1117; stroke: #3d444d }
}
"""


class _Place(NamedTuple):
    x: int
    y: int
    width: int


def svg(deployment: Deployment) -> str:
    """The diagram as an SVG file: the same bytes for the same deployment; legible on light and dark pages."""
    columns, arrows = diagram(deployment)
    heights = [sum(_height(group) + _GAP for group in column) + _GAP for column in columns]
    places: dict[Box, _Place] = {}
    frames: list[str] = []
    x = _GAP
    for column, height in zip(columns, heights, strict=True):
        width = max(map(_width, column))
        y = _GAP + (max(heights) - height) // 2
        for group in column:
            frames += _group(group, _Place(x, y, width), places)
            y += _height(group) + _GAP
        x += width + _BETWEEN
    size = f'width="{x - _BETWEEN + _GAP}" height="{max(heights)}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {x - _BETWEEN + _GAP} {max(heights)}" {size} '
        'role="img" aria-labelledby="title">',
        '<title id="title">Pull through caches: upstream registries, the registry, and who pulls</title>',
        f"<style>{_STYLE}</style>",
        '<marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path class="head" d="M0 0 8 4 0 8Z"/></marker>',
        f'<rect class="background" {size}/>',
        *frames,
        *(_arrow(arrow, places) for arrow in arrows),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _rows(box: Box) -> list[str]:
    """The lines of a box. None is wider than the box."""
    return [row for line in box.lines for row in wrap(line, _LONGEST)]


def _box_height(box: Box) -> int:
    return (1 + len(_rows(box))) * _LINE + 2 * _PAD - 4


def _height(group: Group) -> int:
    return _LINE + 2 * _PAD + sum(_box_height(box) + _GAP for box in group.boxes) - _GAP


def _width(group: Group) -> int:
    """Wide enough for DejaVu Sans, the widest of the usual fonts: the reader's font is not known."""
    inside = [(_cut(box.title), 8) for box in group.boxes] + [(row, 7) for box in group.boxes for row in _rows(box)]
    longest = max(len(text) * letter for text, letter in inside)
    return max(longest + 4 * _PAD, len(_cut(group.title)) * 8 + 2 * _PAD)


def _group(group: Group, place: _Place, places: dict[Box, _Place]) -> Iterator[str]:
    """Draws a group and its boxes, and notes their places."""
    x, y, width = place
    yield f'<rect class="group" x="{x}" y="{y}" width="{width}" height="{_height(group)}" rx="8"/>'
    yield _text(group.title, x + _PAD, y + _PAD + 9, "title")
    x, y, width = x + _PAD, y + _LINE + _PAD, width - 2 * _PAD
    for box in group.boxes:
        places[box] = _Place(x, y, width)
        yield f'<rect class="box" x="{x}" y="{y}" width="{width}" height="{_box_height(box)}" rx="6"/>'
        yield _text(box.title, x + _PAD, y + _PAD + 10, "title")
        for number, row in enumerate(_rows(box), 1):
            yield _text(row, x + _PAD, y + _PAD + 10 + number * _LINE, "line")
        y += _box_height(box) + _GAP


def _text(text: str, x: int, y: int, kind: str) -> str:
    """Text on one line. If it is cut, a browser shows all of it under the pointer."""
    text = visible(text)
    whole = f"<title>{escape(text)}</title>" if _cut(text) != text else ""
    return f'<text class="{kind}" x="{x}" y="{y}">{escape(_cut(text))}{whole}</text>'


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _arrow(arrow: Arrow, places: dict[Box, _Place]) -> str:
    start, end = places[arrow.start], places[arrow.end]
    x, y = start.x + start.width, start.y + _box_height(arrow.start) // 2
    to_y = end.y + _box_height(arrow.end) // 2
    if arrow.line:
        row = 1 + _rows(arrow.end).index(wrap(arrow.line, _LONGEST)[0])
        to_y = end.y + _PAD + 6 + row * _LINE
    half = (x + end.x) // 2
    return f'<path class="arrow" marker-end="url(#head)" d="M{x} {y}C{half} {y} {half} {to_y} {end.x} {to_y}"/>'
