"""Checks a request's parameters against AWS's own service model in botocore. moto does not check them."""

import re
from collections.abc import Sized
from typing import Any

from botocore.model import ListShape, Shape, StructureShape

from emulator.errors import invalid


def check(shape: Shape, value: Any, name: str = "request") -> None:
    """Raise InvalidParameterException for the first parameter that breaks its shape."""
    problem = _problem(shape, value)
    if problem:
        raise invalid(name, problem)
    if isinstance(shape, StructureShape):
        for member, given in value.items():
            if member in shape.members:
                check(shape.members[member], given, member)
    elif isinstance(shape, ListShape):
        for given in value:
            check(shape.member, given, name)


def _problem(shape: Shape, value: Any) -> str | None:
    limits = shape.metadata
    size = len(value) if isinstance(value, Sized) else value
    missing = [name for name in limits.get("required", ()) if name not in value]
    if missing:
        return f"required: {', '.join(missing)}"
    if "enum" in limits and value not in limits["enum"]:
        return f"must be one of {', '.join(limits['enum'])}"
    if "min" in limits and size < limits["min"]:
        return f"minimum: {limits['min']}"
    if "max" in limits and size > limits["max"]:
        return f"maximum: {limits['max']}"
    if "pattern" in limits and not re.fullmatch(limits["pattern"], value):
        return f"must satisfy regular expression '{limits['pattern']}'"
    return None
