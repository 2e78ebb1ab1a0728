"""A diagram as an SVG file."""

import re
from collections.abc import Iterator
from html import escape
from math import ceil
from typing import NamedTuple

from pull_through_cache.deployment import Deployment
from pull_through_cache.diagram.content import Arrow, Box, Group, diagram
from pull_through_cache.files.printing import visible

_LINE, _PAD, _GAP, _BETWEEN, _LONGEST = 18, 12, 14, 64, 300
_BOLD = 1.13
_LETTERS = {4.1: "ijlIJ .,:;/|'", 5.2: "frt!-()[]", 6.7: "cszL", 10: "ABCDEGHKNOQRUVXZ#&+<=>^~", 12: "mwMW%@…"}
_WIDTHS = {letter: width for width, letters in _LETTERS.items() for letter in letters}
"""Upper limits for DejaVu Sans, the widest of the usual fonts: the reader's font is not known. Other letters: 7.6."""
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
    """The lines of a box, broken where they are longer than `_LONGEST`."""
    return [row for line in box.lines for row in _broken(line)]


def _broken(line: str) -> list[str]:
    """Breaks a line, after a space, a slash, or a hyphen if possible."""
    rows = [""]
    for part in re.split("(?<=[ /-])", visible(line)):
        for piece in [part] if _length(part) <= _LONGEST else part:
            if _length((rows[-1] + piece).rstrip()) > _LONGEST:
                rows.append("")
            rows[-1] += piece
    return [row.rstrip() for row in rows]


def _box_height(box: Box) -> int:
    return (1 + len(_rows(box))) * _LINE + 2 * _PAD - 4


def _height(group: Group) -> int:
    return _LINE + 2 * _PAD + sum(_box_height(box) + _GAP for box in group.boxes) - _GAP


def _width(group: Group) -> int:
    boxes = max(max(_length(_cut(box.title), _BOLD), *map(_length, _rows(box))) for box in group.boxes)
    return ceil(max(boxes + 4 * _PAD, _length(_cut(group.title), _BOLD) + 2 * _PAD))


def _length(text: str, weight: float = 1) -> float:
    return sum(_WIDTHS.get(letter, 7.6) for letter in text) * weight


def _group(group: Group, place: _Place, places: dict[Box, _Place]) -> Iterator[str]:
    """Draws a group and its boxes, and notes their places."""
    x, y, width = place
    yield f'<rect class="group" x="{x}" y="{y}" width="{width}" height="{_height(group)}" rx="8"/>'
    yield _title(group.title, x + _PAD, y + _PAD + 9)
    x, y, width = x + _PAD, y + _LINE + _PAD, width - 2 * _PAD
    for box in group.boxes:
        places[box] = _Place(x, y, width)
        yield f'<rect class="box" x="{x}" y="{y}" width="{width}" height="{_box_height(box)}" rx="6"/>'
        yield _title(box.title, x + _PAD, y + _PAD + 10)
        for number, row in enumerate(_rows(box), 1):
            yield f'<text class="line" x="{x + _PAD}" y="{y + _PAD + 10 + number * _LINE}">{escape(row)}</text>'
        y += _box_height(box) + _GAP


def _title(text: str, x: int, y: int) -> str:
    """A title on one line. If it is cut, a browser shows all of it under the pointer."""
    cut, text = _cut(text), visible(text)
    whole = "" if cut == text else f"<title>{escape(text)}</title>"
    return f'<text class="title" x="{x}" y="{y}">{escape(cut)}{whole}</text>'


def _cut(title: str) -> str:
    """Leaves out the middle of a long title: names of workloads often differ only at the end."""
    cut = whole = visible(title)
    kept = len(whole)
    while _length(cut, _BOLD) > _LONGEST:
        kept -= 1
        cut = f"{whole[: kept - kept // 2]}…{whole[-(kept // 2) :]}"
    return cut


def _arrow(arrow: Arrow, places: dict[Box, _Place]) -> str:
    start, end = places[arrow.start], places[arrow.end]
    x, y = start.x + start.width, start.y + _box_height(arrow.start) // 2
    to_y = end.y + _box_height(arrow.end) // 2
    if arrow.line:
        row = 1 + _rows(arrow.end).index(_broken(arrow.line)[0])
        to_y = end.y + _PAD + 6 + row * _LINE
    half = (x + end.x) // 2
    return f'<path class="arrow" marker-end="url(#head)" d="M{x} {y}C{half} {y} {half} {to_y} {end.x} {to_y}"/>'
