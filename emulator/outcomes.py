"""What the emulator's server and its client have in common: the outcomes of pulls and pushes, and a header."""

from dataclasses import dataclass
from typing import Any, Literal

CONTROL_HEADER = "X-Emulator-Control"
"""The header that requests to the emulator's own endpoints must have. Its value does not matter."""

Kind = Literal["identity", "boundary", "registry", "repository", "trust", "secret"]
"""The kind of a policy: a principal's own, its permissions boundary, or that of a resource."""


@dataclass(frozen=True)
class MatchedStatement:
    """A policy statement, by the kind and name of its policy and its Sid (or its number, if it has none)."""

    kind: Kind
    policy: str
    sid: str


@dataclass(frozen=True)
class Decision:
    """Whether a principal may do one action.

    ``statements`` are those that granted it, or the denials. ``reason`` is AWS's sentence, empty when it is allowed.
    """

    action: str
    resource: str
    allowed: bool
    reason: str
    statements: tuple[MatchedStatement, ...]


@dataclass(frozen=True)
class Outcome:
    """The outcome of a pull or push: permissions and repositories are real in the emulator, image bytes never move.

    ``error`` is AWS's text, None if allowed. ``upstream`` is the image that the cache fetched, None if it was not
    needed. ``repository_created`` is whether this pull made the repository.
    """

    allowed: bool
    error: str | None
    decisions: tuple[Decision, ...]
    upstream: str | None = None
    repository_created: bool = False

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> "Outcome":
        decisions = tuple(
            Decision(**{**decision, "statements": tuple(MatchedStatement(**each) for each in decision["statements"])})
            for decision in document["decisions"]
        )
        return cls(**{**document, "decisions": decisions})
