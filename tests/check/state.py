"""What a test of `check` breaks, and what it expects."""

from collections.abc import Callable
from typing import NamedTuple

from tests.check.worlds import DEPLOY, World


class State(NamedTuple):
    """What breaks a world, and what is found of it: its place, a part of its cause, and its remedy."""

    break_it: Callable[[World], object]
    where: str
    cause: str
    remedy: str = DEPLOY

    def assert_found_alone(self, world: World) -> None:
        self.break_it(world)

        found = world.found()

        assert list(found) == [self.where]
        assert self.cause in found[self.where][0][0]
        assert found[self.where][0][1] == self.remedy
