"""Where the characters of a scalar's value are in the text of its document: https://yaml.org/spec/1.2.2/#chapter-7-flow-style-productions."""

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from itertools import accumulate

from pull_through_cache.images.tree import Scalar

_PROPERTIES = re.compile(r"(?:[&!]\S*\s+)*")
_TOKENS = {
    '"': re.compile(r"\\(?:x..|u....|U........|\r?\n|.)|\S"),
    "'": re.compile(r"''|\S"),
}
_PLAIN = re.compile(r"\S")
_ESCAPES = {"0": "\0", "a": "\a", "b": "\b", "e": "\x1b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"} | {
    "N": "\x85", "_": "\xa0", "L": "\u2028", "P": "\u2029", "\r": " ", "\n": " ",
}  # fmt: skip
FIXED_TEXT = "is in a text that cannot change in place; write the text as a block that begins with |"
Positions = Callable[[int], int]


def positions(text: str, scalar: Scalar) -> Positions | None:
    """From a place in the value to the place in the text. None if they do not match, as for an alias."""
    if scalar.of:
        return None
    body = _PROPERTIES.match(text, scalar.start, scalar.end)
    start = body.end() if body else scalar.start
    if text[start : start + 1] == "|":
        return _of_lines(text, start, scalar)
    return _of_characters(text, start, scalar)


def _of_lines(text: str, start: int, scalar: Scalar) -> Positions | None:
    """For a literal block, whose lines are in the text as they are in the value."""
    lines = scalar.value.split("\n")
    starts, position = [], text.find("\n", start) + 1
    for line in lines if lines[-1] else lines[:-1]:
        end = text.find("\n", position)
        end = len(text) if end < 0 else end
        written = text[position:end].removesuffix("\r")
        if not position or not written.endswith(line) or written[: len(written) - len(line)].strip(" "):
            return None
        starts.append(position + len(written) - len(line))
        position = end + 1
    firsts = [0, *accumulate(len(line) + 1 for line in lines)]

    def outer(position: int) -> int:
        line = min(bisect_right(firsts, position), len(starts)) - 1
        return starts[line] + position - firsts[line]

    return outer if starts else None


def _of_characters(text: str, start: int, scalar: Scalar) -> Positions | None:
    """For other styles: what is not space is in the same order in both, and an image's name has no space."""
    style, end = text[start : start + 1], scalar.end
    if style == ">":
        start = text.find("\n", start)
    elif style in _TOKENS:
        start, end = start + 1, end - 1
    written = array("Q")
    values = array("Q", (at for at, character in enumerate(scalar.value) if not character.isspace()))
    for character, at in _characters(text, start, end, style):
        if len(written) >= len(values) or scalar.value[values[len(written)]] != character:
            return None
        written.append(at)
    if not written or len(written) < len(values):
        return None

    def outer(position: int) -> int:
        rank = bisect_left(values, position)
        return written[rank] if rank < len(written) else end

    return outer


def _characters(text: str, start: int, end: int, style: str) -> Iterator[tuple[str, int]]:
    for match in _TOKENS.get(style, _PLAIN).finditer(text, start, end):
        token = match[0]
        if token[0] == "\\" and len(token) > 1:
            kind, code = token[1], token[2:]
            token = chr(int(code, 16)) if code and kind in "xuU" else _ESCAPES.get(kind, kind)
        if not token.isspace():
            yield token[0], match.start()
