"""Problems in a file, each with its place and a remedy for the author of the file."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from pull_through_cache.files.printing import visible

Place = tuple[str | int, ...]
MAX_PROBLEMS = 200
"""The most problems that are printed for one file."""
MAX_WORD = 100
"""The most characters of a word that gets a suggestion."""


@dataclass(frozen=True, order=True)
class Problem:
    """One problem in a file: its place, what is wrong, and what to write instead.

    `line` counts from 1; 0 means the file as a whole. `name` is that of a warning; an error has none.
    """

    file: Path
    line: int
    place: str
    message: str
    name: str | None = None

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else str(self.file)
        return visible(": ".join(part for part in (where, self.place, self.message) if part))


class InvalidFile(Exception):  # noqa: N818 - named after its subject
    """A file that cannot be used. `problems` holds every problem found, in the order of the file."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(set(problems))
        lines = [str(problem) for problem in self.problems[:MAX_PROBLEMS]]
        if rest := self.problems[MAX_PROBLEMS:]:
            files = {problem.file for problem in rest}
            who = f"{visible(rest[0].file)}: has" if len(files) == 1 else f"{len(files):,} files have"
            lines.append(f"{who} {len(rest):,} more problems; correct these first")
        super().__init__("\n".join(lines))


def dotted(place: Place) -> str:
    """A place as people write it: `registry.node_roles[0]`."""
    text = ""
    for part in place:
        plain = isinstance(part, int) or (part.isprintable() and 0 < len(part) <= MAX_WORD)
        name = part if plain else shown(str(part))
        text += f"[{name}]" if isinstance(part, int) else f".{name}" if text else str(name)
    return text


def shown(text: str) -> str:
    """Text in quotes and on one line; only the beginning of a long text."""
    return repr(text) if len(text) <= 120 else f"{text[:60]!r}…"


def nearest(word: str, known: Iterable[str], *, cutoff: float = 0.6) -> str | None:
    """The known word that `word` is most likely to mean, if one is similar enough (`cutoff` from 0 to 1)."""
    if len(word) > MAX_WORD:
        return None
    return next(iter(get_close_matches(word, sorted(known), n=1, cutoff=cutoff)), None)
