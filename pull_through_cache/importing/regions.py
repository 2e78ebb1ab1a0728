"""Combines the registries of several Regions, which one deployment file describes only if they are the same."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pull_through_cache.check.findings import CouldNotRun
from pull_through_cache.files.problems import Place, dotted
from pull_through_cache.importing.draft import Data

_BY_REGION = ("secret_arn", "kms_key_arn", "role_arn")


def combined(registries: Mapping[str, Data]) -> Data:
    """One registry for all Regions, with the ARNs of each. Raises CouldNotRun if the Regions differ otherwise.

    - `registries`: by Region.
    """
    first, *others = registries
    for other in others:
        different = next(_differences(registries[first], registries[other], ()), None)
        if different is not None:
            raise CouldNotRun(
                f"{first} and {other} differ in {dotted(('registry', *different))}, and a deployment file is for Regions that "
                "are the same; import each Region into a file of its own, with one --region"
            )
    return {**_merged(list(registries.values()), list(registries)), "regions": list(registries)}


def _differences(one: Any, other: Any, place: Place) -> Iterator[Place]:
    if place and place[-1] in ("regions", *_BY_REGION):
        return
    if isinstance(one, dict) and isinstance(other, dict):
        for key in {**one, **other}:
            if key in one and key in other:
                yield from _differences(one[key], other[key], (*place, key))
            else:
                yield (*place, key)
    elif one != other:
        yield place


def _merged(values: Sequence[Any], regions: Sequence[str]) -> Any:
    first = values[0]
    if not isinstance(first, dict):
        return first
    return {
        key: dict(zip(regions, (each[key] for each in values), strict=True))
        if key in _BY_REGION and any(each[key] != first[key] for each in values)
        else _merged([each[key] for each in values], regions)
        for key in first
    }
