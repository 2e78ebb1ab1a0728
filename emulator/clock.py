"""The emulator's clock: the machine's, which tests can move forward."""

import time

DAY = 24 * 60 * 60


class Clock:
    """Seconds since 1970, ahead of the machine's clock by the seconds passed to ``advance``."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def now(self) -> float:
        return time.time() + self._ahead

    def advance(self, seconds: float) -> None:
        """Raises ValueError for a negative number: an expired token stays expired."""
        if not seconds >= 0:
            raise ValueError("seconds must not be negative")
        self._ahead += seconds

    def reset(self) -> None:
        self._ahead = 0.0


CLOCK = Clock()
