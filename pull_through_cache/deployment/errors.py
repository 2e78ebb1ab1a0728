"""Turns pydantic's errors into problems with their place in the file and a remedy."""

import json
from collections.abc import Iterator
from functools import cache
from itertools import starmap
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from pull_through_cache.deployment.credentials import misplaced_secret
from pull_through_cache.deployment.model import RULE, Model, Problems
from pull_through_cache.deployment.values.regions import ONE_VALUE, VALUE_PER_REGION, VARIABLE
from pull_through_cache.files.problems import InvalidFile, Place, nearest, shown
from pull_through_cache.files.yaml_file import YamlFile

M = TypeVar("M", bound=Model)
_NOT_IN_THE_FILE = ("[key]", ONE_VALUE, VALUE_PER_REGION, VARIABLE)
"""Parts of pydantic's places that are not keys: its mark of a key, and the marks of the ways to write a value by Region."""


def validated(file: YamlFile, model: type[M], **context: Any) -> M:
    """The content of `file` as `model`. The model's rules read `context`. Raises InvalidFile with every problem."""
    try:
        return model.model_validate(file.data, context=context)
    except ValidationError as error:
        raise InvalidFile(starmap(file.problem, _problems(error, file.data, model))) from error


def problems_in(data: Any, model: type[Model], **context: Any) -> Problems:
    """The problems of `data` as the content of a file, with their places in it."""
    try:
        model.model_validate(data, context=context)
    except ValidationError as error:
        yield from _problems(error, data, model)


def _problems(error: ValidationError, data: Any, model: type[Model]) -> Problems:
    schema = _schema(model)
    for found in error.errors():
        # Where an entry is wrong, pydantic also reports that the list is too short.
        if found["type"] != "too_short" or not found["input"]:
            yield _problem(data, schema, found)


@cache
def _schema(model: type[Model]) -> dict[str, Any]:
    return model.model_json_schema()


def _problem(data: Any, schema: dict[str, Any], found: ErrorDetails) -> tuple[Place, str]:
    place = _place(found["loc"], data)
    message = None
    if found["type"] in ("extra_forbidden", "model_type", "string_type", "literal_error"):
        message = misplaced_secret(place)
    return place, message or _message(schema, place, found)


def _message(schema: dict[str, Any], place: Place, found: ErrorDetails) -> str:
    value, context = found["input"], found.get("ctx", {})
    match found["type"]:
        case "value_error":
            return str(context["error"])
        case "extra_forbidden":
            return _unknown_key(str(place[-1]), tuple(_keys(schema, place[:-1])))
        case "missing":
            return f"is missing; {_example(schema, place)}"
        case "literal_error":
            return f"cannot be {_spoken(value)}; {_one_of(value, context['expected'])}"
        case "string_type" | "bool_type" | "int_type" | "invalid_key":
            kind = {"bool_type": "true or false", "int_type": "a whole number"}.get(found["type"], "text")
            quote = kind == "text" and not isinstance(value, dict | list) and value is not None
            return f"must be {kind}, not {_spoken(value)}; write {'it in quotes' if quote else kind}"
        case "model_type" | "dict_type" | "mapping_type" | "model_attributes_type":
            return f"must hold keys with values, not {_spoken(value)}; {_example(schema, place)}"
        case "list_type" | "tuple_type":
            return f"must be a list, not {_spoken(value)}; {_example(schema, place)}"
        case "too_short":
            return f"is empty; {_example(schema, place)}"
        case "too_long" | "string_too_long":
            kind = "characters" if isinstance(value, str) else "entries"
            return f"has {len(value):,} {kind}; write {context['max_length']:,} at most"
        case "greater_than_equal":
            return f"is {_spoken(value)}; write {context['ge']} or more"
        case "less_than_equal":
            return f"is {_spoken(value)}; write {context['le']:,} at most"
        case kind if kind == RULE:
            return found["msg"]
        case _:
            sentence = found["msg"][0].lower() + found["msg"][1:]
            return f"{sentence}, not {_spoken(value)}; {_example(schema, place)}"


def _place(location: Place, data: Any) -> Place:
    """The place in the file of pydantic's `location`, which may continue into the full form of a short form."""
    place: list[str | int] = []
    for part in location:
        if part in _NOT_IN_THE_FILE and not (isinstance(data, dict) and part in data):
            continue
        if isinstance(data, str):
            data = _json(data)
        if isinstance(data, dict):
            data = data.get(part)
        elif isinstance(data, list):
            data = data[part] if isinstance(part, int) and part < len(data) else None
        else:
            break
        place.append(part)
    return tuple(place)


def _json(text: str) -> Any:
    """The object in a JSON text; None if it is not an object."""
    try:
        return json.loads(text) if text.lstrip().startswith("{") else None
    except (ValueError, RecursionError):
        return None


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
            return "a number of more than 18 digits"
        case int() | float():
            return f"the number {value}"
        case str():
            return shown(value)
        case _:
            return f"a {type(value).__name__}"


def _one_of(value: Any, expected: str) -> str:
    """`expected` is pydantic's list of words: 'a', 'b' or 'c'."""
    known = expected.replace("'", "")
    meant = nearest(value, known.replace(" or ", ", ").split(", "), cutoff=0.7) if isinstance(value, str) else None
    return f"did you mean {meant}? Write {known}" if meant and meant != known else f"write {known}"


@cache
def _unknown_key(key: str, known: tuple[str, ...]) -> str:
    meant = nearest(key, known)
    return f"is not a known key; {f'did you mean {meant}? Write' if meant else 'write'} one of {', '.join(known)}"


def _keys(schema: dict[str, Any], place: Place) -> list[str]:
    return sorted(_at(schema, place).get("properties", {}))


MAX_KEY = 60


def _example(schema: dict[str, Any], place: Place) -> str:
    """A remedy: write a line at `place`, like the first example of its field."""
    examples = _at(schema, place).get("examples")
    key = next((part for part in reversed(place) if isinstance(part, str)), "")
    key = key if len(key) <= MAX_KEY else f"{key[:MAX_KEY]}…"
    if examples:
        return f"write, for example, `{key}: {examples[0]}`"
    return f"write `{key}:` with a value" if key else "write keys with values"


def _at(schema: dict[str, Any], place: Place) -> dict[str, Any]:
    """The JSON Schema at `place`."""
    here = schema
    for part in (None, *place):
        if isinstance(part, str):
            entries: dict[str, Any] = next(iter(here.get("patternProperties", {}).values()), {})
            here = here.get("properties", {}).get(part, entries)
        elif isinstance(part, int):
            here = here.get("items", {})
        outer = here
        for branch in _branches(here):
            here = branch if "$ref" in branch or "properties" in branch else here
        if "$ref" in here:
            model = schema["$defs"][here["$ref"].rpartition("/")[2]]
            full = next((branch for branch in _branches(model) if "properties" in branch), {})
            here = {**model, **full, **{key: outer[key] for key in outer if key not in ("$ref", "anyOf", "oneOf")}}
    return here


def _branches(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for branch in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
        yield branch
        yield from _branches(branch)
