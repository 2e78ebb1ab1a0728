"""How long loops over repositories report how far they are."""

from collections.abc import Iterable
from typing import Protocol, TypeVar

T = TypeVar("T")


class Watch(Protocol):
    """Passes items on, and may show how many of them are done."""

    def __call__(self, items: Iterable[T], *, total: int, what: str) -> Iterable[T]:
        """The same items.

        - `total`: their number. `what`: what they are, for people.
        """


def unwatched(items: Iterable[T], *, total: int, what: str) -> Iterable[T]:  # noqa: ARG001
    """Shows nothing."""
    return items
