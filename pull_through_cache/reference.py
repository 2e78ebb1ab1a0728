"""The reference of deployment files, in Markdown: `python -m pull_through_cache.reference` prints it."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from pull_through_cache.deployment import Deployment

_INTRODUCTION = """\
# The deployment file

<!-- Made by `python -m pull_through_cache.reference`: change the models, not this. -->

A deployment file is YAML 1.2. Here is every key that it may have, in the order of the file; a key in bold must be given.
Whatever else it says is refused, with the line, what is wrong and what to write. An editor that knows YAML schemas
completes and checks the keys while you write: `deployments/blog-post.yaml` shows the line that tells it so.

A text with `${` or `%{` is refused everywhere, as Terraform would evaluate it.
"""


def reference() -> str:
    """The reference, made from the models: a section for each, a line for each key."""
    schema = Deployment.model_json_schema()
    sections = [_INTRODUCTION]
    for name, place, model in _models(Deployment, "", schema, set()):
        what = schema if model is Deployment else schema["$defs"][name]
        # The second of these is the model itself where it has a short form.
        fields = next((each for each in [what, *what.get("anyOf", [])] if "properties" in each), what)
        rows = [
            _row(key, field, model, key in fields.get("required", ())) for key, field in fields["properties"].items()
        ]
        about = " ".join((model.__doc__ or "").split())
        table = ["| key | type | default | meaning | example |", "| --- | --- | --- | --- | --- |", *rows]
        where = f"`{place}`: " if place else ""
        sections.append(f"## {name}\n\n{where}{_text(about)}\n\n" + "\n".join(table) + "\n")
    return "\n".join(sections)


def _models(
    model: type[BaseModel], place: str, schema: Mapping[str, Any], seen: set[type[BaseModel]]
) -> Iterator[tuple[str, str, type[BaseModel]]]:
    """Every model, by name and by the place in the file where it stands first, in the order of the file."""
    seen.add(model)
    yield model.__name__, place, model
    for key, field in model.model_fields.items():
        for inner, suffix in _inside(field.annotation):
            if inner not in seen:
                yield from _models(inner, f"{place}.{key}{suffix}".lstrip("."), schema, seen)


def _inside(annotation: Any, suffix: str = "") -> Iterator[tuple[type[BaseModel], str]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation, suffix
        return
    of_each: dict[Any, str] = {tuple: "[]", Mapping: ".<name>"}
    inner = of_each.get(get_origin(annotation), "")
    for part in get_args(annotation):
        yield from _inside(part, suffix + inner)


def _row(key: str, field: dict[str, Any], model: type[BaseModel], required: bool) -> str:
    name = f"**`{key}`**" if required else f"`{key}`"
    default = "" if required else _default(model.model_fields[key].default)
    limits = "; ".join(dict.fromkeys(_limits(field)))
    meaning = _text(field.get("description", "")) + (f"<br>Form: {_text(limits)}." if limits else "")
    example = field.get("examples", [""])[0]
    cells = [name, _type(field), default, meaning, _code(f"{key}: {example}") if example != "" else ""]
    return f"| {' | '.join(cells)} |"


def _type(field: Mapping[str, Any]) -> str:
    """What stands behind a key, in words."""
    branches = [each for each in (*field.get("anyOf", ()), *field.get("oneOf", ())) if each.get("type") != "null"]
    if branches:
        return " or ".join(dict.fromkeys(map(_type, branches)))
    if "$ref" in field:
        name = field["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "enum" in field:
        return "Region" if "eu-central-1" in field["enum"] else " · ".join(_code(value) for value in field["enum"])
    match field.get("type"):
        case "array":
            return f"list of {_type(field['items'])}"
        case "object":
            inner = [*field.get("patternProperties", {}).values(), field.get("additionalProperties")]
            values = next((each for each in inner if isinstance(each, Mapping)), {})
            return f"names, each with {_type(values)}"
        case kind:
            kinds = {"string": "text", "integer": "whole number", "boolean": "true or false", "null": "nothing"}
            return kinds.get(str(kind), "anything")


def _default(value: Any) -> str:
    if isinstance(value, BaseModel):
        value = value.model_dump(exclude_defaults=True)
    if value in (None, (), {}, ""):
        return ""
    if isinstance(value, Mapping):
        return _code("{" + ", ".join(f"{key}: {each}" for key, each in value.items()) + "}")
    if isinstance(value, tuple):
        return _code(f"[{', '.join(value)}]")
    return _code(value if isinstance(value, str) else json.dumps(value))


def _limits(field: Mapping[str, Any]) -> Iterator[str]:
    """What limits a value or the entries of a list, in words."""
    remedy = field.get("patternErrorMessage", "")
    if remedy and not remedy.startswith("holds"):
        yield remedy.partition("; write ")[2]
    if "minimum" in field and "maximum" in field:
        yield f"{field['minimum']} or more"
    for limit, what in (("maxLength", "characters"), ("maxItems", "entries"), ("maxProperties", "entries")):
        if limit in field:
            yield f"at most {field[limit]:,} {what}"
    inner = [*field.get("anyOf", ()), *field.get("oneOf", ()), *field.get("patternProperties", {}).values()]
    for each in [*inner, field.get("items"), field.get("additionalProperties"), field.get("propertyNames")]:
        if isinstance(each, Mapping):
            yield from _limits(each)


def _text(text: str) -> str:
    """Text in a cell of a table; what is in backticks stays as it is."""
    parts = text.replace("|", "\\|").split("`")
    return "`".join(
        part if index % 2 else part.replace("<", "&lt;").replace("*", "\\*") for index, part in enumerate(parts)
    )


def _code(text: str) -> str:
    return "`" + text.replace("|", "\\|") + "`"


if __name__ == "__main__":
    print(reference(), end="")
