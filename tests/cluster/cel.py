"""The variables of a policy in Google's engine for CEL.

It lacks `transformList`, with which the variable `images` looks into a pod, so that is given to it.
"""

from functools import cache

from cel_expr_python import cel
from cel_expr_python.ext import ext_strings

from pull_through_cache.cluster.translation import variables
from pull_through_cache.images.names import Caches

ENVIRONMENT = cel.NewEnv(variables={"variables": cel.Type.DYN}, extensions=[ext_strings.ExtStrings()])
compiled = cache(ENVIRONMENT.compile)


def images_after(caches: Caches, names: list[str]) -> list[str]:
    """What a policy for these caches makes of the images of a pod."""
    values: dict[str, object] = {"images": [[str(number), name] for number, name in enumerate(names)]}
    for variable in variables(caches.rules):
        if variable["name"] != "images":
            expression = compiled(variable["expression"])
            values[variable["name"]] = expression.eval(data={"variables": values}).plain_value()
    changed = {int(number): after for number, _, after in values["cached"]}  # type: ignore[attr-defined]
    return [changed.get(number, name) for number, name in enumerate(names)]
