"""Which cache a repository belongs to. "Guide" is the Amazon ECR User Guide."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

ROOT = "ROOT"
"""The prefix for all repositories that no other prefix matches. Guide, repository-creation-templates.html."""


@dataclass(frozen=True)
class NamesUnder:
    """The names of the repositories of one prefix, without those of more specific prefixes.

    - `prefix`: with a `/` at the end.
    - `except_under`: the more specific prefixes, also with a `/`.
    """

    prefix: str
    except_under: tuple[str, ...] = ()

    def __contains__(self, name: str) -> bool:
        return name.startswith(self.prefix) and not name.startswith(self.except_under)


def ended(prefix: str) -> str:
    """The prefix with a `/` at the end: ECR takes `quay` and `quay/` for the same."""
    return f"{prefix.rstrip('/')}/"


def names_under(prefixes: Iterable[str]) -> Iterator[NamesUnder]:
    """The names that belong to each of these prefixes. The most specific prefix counts.

    `ROOT` is left out: it also matches repositories that are no caches, and nothing distinguishes them.
    Source: Guide, repository-creation-templates.html.
    """
    known = sorted({ended(prefix) for prefix in prefixes} - {ended(ROOT)})
    for prefix in known:
        yield NamesUnder(prefix, tuple(other for other in known if other != prefix and other.startswith(prefix)))
