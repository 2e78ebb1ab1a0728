"""jsii's generated code checks the types of all arguments at every call. Here each check runs once.

jsii itself remembers type hints for libraries generated since 1.142 (`jsii._type_checking.cached_type_hints`); cdktf and
its providers were generated earlier.
"""

import typing
from functools import cache
from typing import Any

import typeguard

if typing.TYPE_CHECKING:
    from collections.abc import Callable

_GENERATED = "_typecheckingstub__"
_BY_TYPE_ALONE = (str, bool, int, float, type(None))


def install() -> None:
    """Makes `typing.get_type_hints` and `typeguard.check_type` remember the results for jsii's generated code."""
    _remember_hints()
    _remember_checks()


def _remember_hints() -> None:
    original = typing.get_type_hints
    remembered: Callable[[Any], dict[str, Any]] = cache(original)

    def get_type_hints(obj: Any, *args: Any, **options: Any) -> dict[str, Any]:
        if getattr(obj, "__name__", "").startswith(_GENERATED) and not args and not options:
            return remembered(obj)
        return original(obj, *args, **options)

    typing.get_type_hints = get_type_hints


def _remember_checks() -> None:
    """For plain values: whether a string is accepted does not depend on the string. jsii's types have no literals."""
    original: Callable[..., Any] = typeguard.check_type
    accepted: dict[tuple[type, int], Any] = {}  # by the identity of the expected type; the values keep the types alive

    def check_type(*args: Any, **options: Any) -> Any:
        kind = type(options.get("value", ...))
        if args or kind not in _BY_TYPE_ALONE or options.keys() != {"argname", "value", "expected_type"}:
            return original(*args, **options)
        expected = options["expected_type"]
        if (kind, id(expected)) not in accepted:
            original(**options)
            accepted[kind, id(expected)] = expected
        return None

    typeguard.check_type = check_type
