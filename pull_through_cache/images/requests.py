"""What the user asks for beyond the conventions."""

from collections.abc import Callable
from dataclasses import dataclass

from pull_through_cache.images.conventions import What


@dataclass(frozen=True)
class Requests:
    """What is asked for beyond the conventions: `[Kind:]place` with * and **."""

    also: tuple[str, ...] = ()
    leave: tuple[str, ...] = ()
    changed: Callable[[str, bool], tuple[What, str]] = lambda _name, _keeps_name: (What.IMAGE, "")
    """Whether an image of this name has to stay, because a kustomization changes it by name. True: see ImageUse.keeps_name."""
