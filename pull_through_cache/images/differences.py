"""The difference between two texts with the same number of lines, as `diff -u` writes it."""

import re
from collections.abc import Iterator
from itertools import groupby

CONTEXT = 3


def hunks(before: str, after: str, above: int = 0) -> Iterator[str]:
    """The hunks of a unified diff, in time that grows with the texts; `above` is the number of lines before them."""
    old, new = _lines(before), _lines(after)
    changed = [number for number, (left, right) in enumerate(zip(old, new, strict=True)) if left != right]
    for near in _neighbours(changed):
        first, end = max(near[0] - CONTEXT, 0), min(near[-1] + CONTEXT + 1, len(old))
        where = f"{above + first + 1},{end - first}"
        yield f"@@ -{where} +{where} @@\n"
        for is_changed, run in groupby(range(first, end), set(near).__contains__):
            numbers = list(run)
            sides = (("-", old), ("+", new)) if is_changed else ((" ", old),)
            yield from (_line(sign, lines[number]) for sign, lines in sides for number in numbers)


def _neighbours(changed: list[int]) -> Iterator[list[int]]:
    """The changed lines, apart where no context joins them."""
    near: list[int] = []
    for number in changed:
        if near and number - near[-1] > 2 * CONTEXT:
            yield near
            near = []
        near.append(number)
    if near:
        yield near


def _lines(text: str) -> list[str]:
    # Not str.splitlines: for it, form feeds and others end a line too.
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _line(sign: str, line: str) -> str:
    return sign + line if line.endswith("\n") else f"{sign}{line}\n\\ No newline at end of file\n"
