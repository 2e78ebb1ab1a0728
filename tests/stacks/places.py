"""The places for text in a deployment file, found in the models: a new key is among them without a change here."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from enum import Enum
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel

from pull_through_cache.deployment import Deployment

Data = dict[str, Any]


class Entry(Enum):
    """A part of a place in a mapping: any of its values, or a key of its own."""

    ANY = "*"
    KEY = "key"


Place = tuple[str | int | Entry, ...]


def places() -> list[Place]:
    """Every place where a deployment file can have text, including keys that its author chooses."""
    return list(dict.fromkeys(_places(Deployment, ())))


def _places(annotation: Any, at: Place) -> Iterator[Place]:
    origin, inner = get_origin(annotation), get_args(annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for name, field in annotation.model_fields.items():
            yield from _places(field.annotation, (*at, name))
    elif annotation is str or origin is Literal:
        yield at
    elif annotation is Any:
        yield at
        yield (*at, Entry.KEY)
        yield (*at, "list", 0)
    elif origin is Mapping:
        yield (*at, Entry.KEY)
        yield from _places(inner[1], (*at, Entry.ANY))
    elif origin is tuple:
        yield from _places(inner[0], (*at, 0))
    else:
        for each in inner:
            yield from _places(each, at)


def with_text(data: Data, place: Place, text: str) -> Data:
    """`data` with `text` at `place`, which is added if it is missing."""
    data = deepcopy(data)
    here: Any = data
    for index, part in enumerate(place[:-1]):
        following = place[index + 1]
        if part is Entry.ANY:
            fitting = [name for name, value in here.items() if isinstance(value, dict) and following in value]
            part = next(iter([*fitting, *here]), "entry")
        wanted = list if following == 0 else dict
        if isinstance(here, list):
            here[:] = here or [wanted()]
        elif not isinstance(here.get(part), wanted):
            here[part] = wanted()
        here = here[part]
    match place[-1]:
        case Entry.KEY:
            here[text] = next(iter(here.values()), "x")
        case Entry.ANY:
            here[next(iter(here), "entry")] = text
        case 0:
            here[0:1] = [text]
        case name:
            here[name] = text
    return data
