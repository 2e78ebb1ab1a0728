"""What the user asks for beyond the conventions."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from pull_through_cache.images.conventions import What, place_pattern

LEFT_AS_ASKED = "is left, as --leave asks"


@dataclass(frozen=True)
class Requests:
    """What is asked for beyond the conventions: `[Kind:]place` with * and **."""

    also: tuple[str, ...] = ()
    leave: tuple[str, ...] = ()
    changed: Callable[[str, bool], tuple[What, str]] = lambda _name, _keeps_name: (What.IMAGE, "")
    """Whether an image of this name has to stay, because a kustomization changes it by name. True: see ImageUse.keeps_name."""


def covers(patterns: Iterable[str], kinds: Collection[str], places: Iterable[str]) -> bool:
    """Whether one of these `[KIND:]PLACE` is for one of the kinds and one of the places, which have no indexes."""
    split = (pattern.rpartition(":") for pattern in patterns)
    return any(
        (not colon or kind in kinds) and any(place_pattern(place).fullmatch(each) for each in places)
        for kind, colon, place in split
    )
