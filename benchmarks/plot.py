"""The measurements as bars, in an SVG that fits light and dark pages."""

from collections.abc import Iterator, Mapping, Sequence
from html import escape

from benchmarks.measure import Figure, Measured

_ROW, _BAR = 26, 14
_LABELS, _BARS, _FIGURES = 150, 200, 70  # widths of what stands beside each other
_STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.bar { fill: #4c8dea }
.spread { stroke: #1f2328; stroke-width: 1.5 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  .spread { stroke: #e6edf3 }
}
"""


def svg(groups: Mapping[str, Mapping[str, Measured]]) -> str:
    """Bars of seconds and of memory for the programs of each group, every column of a group to its own scale.

    A bar is the median; the line on it goes from the lowest to the highest run.
    """
    shapes: list[str] = []
    rows = 0
    for title, programs in groups.items():
        memory = _LABELS + _BARS + _FIGURES
        for column, (x, text) in enumerate(((0, title), (_LABELS, "seconds"), (memory, "peak memory, MiB"))):
            shapes.append(_text(x, rows, text, bold=not column))
        rows += 1
        shapes += [_text(0, rows + row, name) for row, name in enumerate(programs)]
        shapes += _column([program.seconds for program in programs.values()], _LABELS, rows, ".2f")
        shapes += _column([program.mebibytes for program in programs.values()], memory, rows, ".0f")
        rows += len(programs) + 1
    width, height = _LABELS + 2 * (_BARS + _FIGURES), (rows - 1) * _ROW + _BAR
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
    return "\n".join([head, f"<style>{_STYLE}</style>", *shapes, "</svg>", ""])


def _column(figures: Sequence[Figure], left: int, top: int, form: str) -> Iterator[str]:
    scale = _BARS / max(figure.highest for figure in figures)
    for row, figure in enumerate(figures, top):
        lowest, median, highest = (left + scale * value for value in figure)
        y = row * _ROW + _ROW / 2
        yield f'<rect class="bar" x="{left}" y="{y - _BAR / 2}" width="{median - left:.1f}" height="{_BAR}" rx="2"/>'
        yield f'<line class="spread" x1="{lowest:.1f}" x2="{highest:.1f}" y1="{y}" y2="{y}"/>'
        yield _text(highest + 6, row, format(figure.median, form))


def _text(x: float, row: int, text: str, *, bold: bool = False) -> str:
    weight = ' font-weight="600"' if bold else ""
    return f'<text x="{x:.1f}" y="{row * _ROW + _ROW / 2 + 4.5}"{weight}>{escape(text)}</text>'
