"""The base of all models of a deployment file, and how their rules report problems."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from pull_through_cache.files.problems import Place


class Model(BaseModel):
    """A part of a deployment file. It accepts no unknown keys and never changes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Entry = TypeVar("Entry")
Problems = Iterator[tuple[Place, str]]
"""A problem that a rule finds: the place inside the field that it checks, and a message with a remedy."""
RULE = "rule"
"""The type of pydantic's errors that come from rules."""


def raise_problems(problems: Iterable[tuple[Place, str]]) -> None:
    """Raises pydantic's ValidationError with all of `problems`, unless there are none."""
    errors = [_error(place, message) for place, message in problems]
    if errors:
        raise ValidationError.from_exception_data("field", errors)


def validate_entries(
    entries: Any,
    validate: Callable[[Any], Mapping[str, Entry]],
    rule: Callable[[Mapping[str, Entry]], Problems],
) -> Mapping[str, Entry]:
    """Validates each of `entries`, and applies `rule` to those that are valid.

    An invalid entry does not hide what `rule` finds in the other entries: the error has both.
    """
    errors: list[InitErrorDetails] = []
    valid: Mapping[str, Entry] = {}
    try:
        valid = validate(entries)
    except ValidationError as error:
        details = error.errors()
        errors = [_copy(found) for found in details]
        wrong = {found["loc"][0] for found in details if found["loc"]}
        rest = {key: entry for key, entry in entries.items() if key not in wrong} if wrong else {}
        valid = validate(rest) if rest else {}
    errors += (_error(place, message) for place, message in rule(valid))
    if errors:
        raise ValidationError.from_exception_data("entries", errors)
    return valid


def duplicates(words: Iterable[Any]) -> list[Any]:
    """The words that occur more than once in `words`."""
    return [word for word, count in Counter(words).items() if count > 1]


def _error(place: Place, message: str) -> InitErrorDetails:
    return InitErrorDetails(type=PydanticCustomError(RULE, "{message}", {"message": message}), loc=place, input=None)


def _copy(found: ErrorDetails) -> InitErrorDetails:
    if found["type"] == RULE:
        return _error(found["loc"], found["msg"])
    details = InitErrorDetails(type=found["type"], loc=found["loc"], input=found["input"])
    if "ctx" in found:
        details["ctx"] = found["ctx"]
    return details
