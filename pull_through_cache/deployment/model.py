"""Turns what pydantic finds wrong into problems that name their place in the file and the remedy."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from pull_through_cache.files.problems import InvalidFile, Place, Problem, nearest, shown
from pull_through_cache.files.yaml_file import YamlFile


class Model(BaseModel):
    """A part of a file. It knows all of its keys and never changes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


M = TypeVar("M", bound=Model)
Entry = TypeVar("Entry")
INSIDE_A_FIELD = ("[key]", "[one]", "[each]")
"""What pydantic puts into the place of an error besides keys: its own mark of a key, and the tags of `forms.InRegions`."""
Rule = Callable[[Mapping[str, Entry]], Iterator[tuple[Place, str]]]


def validated(file: YamlFile, model: type[M]) -> M:
    """The content of `file` as `model`. Raises InvalidFile with everything that is wrong."""
    try:
        return model.model_validate(file.data)
    except ValidationError as error:
        schema = _schema(model)
        # Where an entry is wrong, pydantic finds the list too short as well.
        errors = [found for found in error.errors() if found["type"] != "too_short" or not found["input"]]
        raise InvalidFile(_problem(file, schema, found) for found in errors) from error


@cache
def _schema(model: type[Model]) -> dict[str, Any]:
    return model.model_json_schema()


def check_together(
    entries: Any, validate: Callable[[Any], Mapping[str, Entry]], rule: Rule[Entry]
) -> Mapping[str, Entry]:
    """Validates `entries` one by one, and those that are valid also together, by `rule`.

    All that is wrong is told at once: an entry that is wrong by itself does not hide what `rule` finds in the others.
    """
    errors: list[InitErrorDetails] = []
    valid: Mapping[str, Entry] = {}
    try:
        valid = validate(entries)
    except ValidationError as error:
        details = error.errors()
        errors = [_again(found) for found in details]
        wrong = {found["loc"][0] for found in details if found["loc"]}
        rest = {key: entry for key, entry in entries.items() if key not in wrong} if wrong else {}
        valid = validate(rest) if rest else {}
    errors += map(_broken, rule(valid))
    if errors:
        raise ValidationError.from_exception_data("entries", errors)
    return valid


def refuse(found: Iterable[tuple[Place, str]]) -> None:
    """Refuses a field for everything `found` wrong in it, each with the place inside the field and what to write."""
    errors = [_broken(each) for each in found]
    if errors:
        raise ValidationError.from_exception_data("field", errors)


def repeated(words: Iterable[str]) -> list[str]:
    """The words that stand more than once among `words`."""
    return [word for word, count in Counter(words).items() if count > 1]


def _broken(rule: tuple[Place, str]) -> InitErrorDetails:
    place, message = rule
    return InitErrorDetails(type=PydanticCustomError("rule", "{message}", {"message": message}), loc=place, input=None)


def _again(found: ErrorDetails) -> InitErrorDetails:
    if found["type"] == "rule":
        return _broken((found["loc"], found["msg"]))
    details = InitErrorDetails(type=found["type"], loc=found["loc"], input=found["input"])
    if "ctx" in found:
        details["ctx"] = found["ctx"]
    return details


def _problem(file: YamlFile, schema: dict[str, Any], found: ErrorDetails) -> Problem:
    place = _place(found["loc"], file.data)
    value, context = found["input"], found.get("ctx", {})
    match found["type"]:
        case "value_error":
            message = str(context["error"])
        case "rule":
            message = found["msg"]
        case "extra_forbidden":
            message = _unknown_key(str(place[-1]), _keys(schema, place[:-1]))
        case "missing":
            message = f"is missing; write {_example(schema, place)}"
        case "literal_error":
            message = f"cannot be {_spoken(value)}; write {context['expected'].replace(chr(39), '')}"
        case "string_type" | "bool_type" | "int_type" | "invalid_key":
            kind = {"bool_type": "true or false", "int_type": "a whole number"}.get(found["type"], "text")
            quote = kind == "text" and not isinstance(value, dict | list) and value is not None
            message = f"must be {kind}, not {_spoken(value)}; write {'it in quotes' if quote else kind}"
        case "model_type" | "dict_type" | "tuple_type":
            kind = "a list, an entry a line after '- '" if found["type"] == "tuple_type" else "keys with values"
            message = f"must hold {kind}, not {_spoken(value)}; write {_example(schema, place)}"
        case "too_short":
            message = f"is empty; write {_example(schema, place)}"
        case "too_long" | "string_too_long":
            what = "characters" if isinstance(value, str) else "entries"
            message = f"has {len(value):,} {what}; write {context['max_length']:,} at most"
        case "greater_than_equal":
            message = f"is {_spoken(value)}; write {context['ge']} or more"
        case "less_than_equal":
            message = f"is {_spoken(value)}; write {context['le']:,} at most"
        case _:
            sentence = found["msg"][0].lower() + found["msg"][1:]
            message = f"{sentence}, not {_spoken(value)}; write {_example(schema, place)}"
    return file.problem(place, message)


def _place(location: Place, data: Any) -> Place:
    """Where the file says what pydantic found at `location`, which may lead on into what a short form stands for."""
    place: list[str | int] = []
    for part in location:
        if part in INSIDE_A_FIELD and not (isinstance(data, dict) and part in data):
            continue
        if not isinstance(data, dict | list):
            break
        if isinstance(data, dict):
            data = data.get(part)
        else:
            data = data[part] if isinstance(part, int) and part < len(data) else None
        place.append(part)
    return tuple(place)


def _spoken(value: Any) -> str:
    match value:
        case None:
            return "nothing"
        case dict():
            return "keys with values"
        case list():
            return "a list"
        case bool():
            return str(value).lower()
        case int() if abs(value) > 10**18:
            return "a number beyond all limits"
        case int() | float():
            return f"the number {value}"
        case str():
            return shown(value)
        case _:
            return f"a {type(value).__name__}"


def _unknown_key(key: str, known: list[str]) -> str:
    meant = nearest(key, known)
    hint = f"did you mean {meant}? " if meant else ""
    return f"is not a known key; {hint}write one of {', '.join(known)}"


def _keys(schema: dict[str, Any], place: Place) -> list[str]:
    return sorted(_at(schema, place).get("properties", {}))


def _example(schema: dict[str, Any], place: Place) -> str:
    """A line to write at `place`, from the first example of its field."""
    examples = _at(schema, place).get("examples")
    key = next((part for part in reversed(place) if isinstance(part, str)), "")
    if examples:
        return f"for example `{key}: {examples[0]}`"
    return f"`{key}:` with a value" if key else "keys with values"


def _at(schema: dict[str, Any], place: Place) -> dict[str, Any]:
    """The JSON Schema of what stands at `place`."""
    here = schema
    for part in (None, *place):
        if isinstance(part, str):
            entries: dict[str, Any] = next(iter(here.get("patternProperties", {}).values()), {})
            here = here.get("properties", {}).get(part, entries)
        elif isinstance(part, int):
            here = here.get("items", {})
        outer = here
        for branch in [*here.get("anyOf", []), *here.get("oneOf", [])]:
            here = branch if "$ref" in branch or "properties" in branch else here
        if "$ref" in here:
            here = {**schema["$defs"][here["$ref"].rpartition("/")[2]], **{k: outer[k] for k in outer if k != "$ref"}}
    return here
