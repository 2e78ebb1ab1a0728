"""The expressions of a policy in Google's engine for CEL.

It lacks `transformList`, with which the variable `images` reads the images of a pod. So tests give it the images.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any

from cel_expr_python import cel
from cel_expr_python.ext import ext_strings

from pull_through_cache.cluster.translation import Variable, variables
from pull_through_cache.images.names import Caches

ENVIRONMENT = cel.NewEnv(variables={"variables": cel.Type.DYN}, extensions=[ext_strings.ExtStrings()])
compiled = cache(ENVIRONMENT.compile)


def evaluated(of: Iterable[Variable], names: list[str], expression: str) -> Any:
    """The value of an expression in a policy with these variables, for a pod with these images.

    The path of an image is its position in the list.
    """
    values: dict[str, object] = {"images": [[str(number), name] for number, name in enumerate(names)]}
    for variable in of:
        if variable["name"] != "images":
            values[variable["name"]] = _value(variable["expression"], values)
    return _value(expression, values)


def images_after(caches: Caches, names: list[str]) -> list[str]:
    """What a policy for these caches makes of the images of a pod."""
    cached = evaluated(variables(caches.rules), names, "variables.cached")
    changed = {int(number): after for number, _, after in cached}
    return [changed.get(number, name) for number, name in enumerate(names)]


def _value(expression: str, values: dict[str, object]) -> Any:
    return compiled(expression).eval(data={"variables": values}).plain_value()
