"""What the user asks for beyond the conventions."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Requests:
    """What is asked for beyond the conventions: `[Kind:]place` with * and **."""

    also: tuple[str, ...] = ()
    leave: tuple[str, ...] = ()
    covered: Callable[[str, bool], str] = lambda _name, _keeps_name: ""
    """Why an image of this name has to stay, because a kustomization changes it by name. True: see ImageUse.keeps_name."""
