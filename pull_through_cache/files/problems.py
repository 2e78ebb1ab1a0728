"""What is wrong with a file, told so that its author can mend it."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from pull_through_cache.files.printing import visible

Place = tuple[str | int, ...]


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong in a file: where, what, and what to write instead.

    `line` counts from 1; 0 stands for the file as a whole.
    """

    file: Path
    line: int
    place: str
    message: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else str(self.file)
        return visible(": ".join(part for part in (where, self.place, self.message) if part))


class InvalidFile(Exception):  # noqa: N818 - named after what it says, as it is printed
    """A file that cannot be used. `problems` holds every problem found, in the order of the file."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(set(problems))
        super().__init__("\n".join(map(str, self.problems)))


def dotted(place: Place) -> str:
    """A place as people write it: `registry.node_roles[0]`."""
    text = ""
    for part in place:
        name = part if isinstance(part, int) or (part.isprintable() and part) else shown(part)
        text += f"[{name}]" if isinstance(part, int) else f".{name}" if text else str(name)
    return text


def shown(text: str) -> str:
    """Text in quotes and on one line; of a long one, how it begins."""
    return repr(text) if len(text) <= 120 else f"{text[:60]!r}…"


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that `word` most likely was meant to be, if any comes near."""
    return next(iter(get_close_matches(word, sorted(known), n=1)), None)
