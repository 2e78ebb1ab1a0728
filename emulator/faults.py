"""Calls that fail or are slow on request of a test, and the list of received calls."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any

from werkzeug import Request, Response

from emulator.calls import Call, error_response

# AWS: CommonErrors; a throttled call is a 400 in the JSON protocols, a 500 is the service's own failure. Clients retry both
# for minutes. They do not retry if access is denied.
STATUS = {
    "AccessDeniedException": 400,
    "RepositoryNotFoundException": 400,
    "ThrottlingException": 400,
    "InternalFailure": 500,
}
LONGEST_DELAY = 30.0


@dataclass
class Fault:
    """The next ``times`` calls of an action are delayed by ``seconds``, then fail if there is an ``error``."""

    action: str
    times: int
    seconds: float
    error: str | None

    def __post_init__(self) -> None:
        if self.error not in {None, *STATUS}:
            raise ValueError(f"error must be one of {', '.join(STATUS)}")
        if not 0 <= self.seconds <= LONGEST_DELAY:
            raise ValueError(f"seconds must be between 0 and {LONGEST_DELAY:.0f}")


class CallLog:
    """The calls received so far, and the faults waiting for the next ones. Thread-safe."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.clear()

    def clear(self) -> None:
        self.received: list[str] = []
        self._faults: list[Fault] = []

    def expect(self, document: Mapping[str, Any]) -> None:
        with self._lock:
            self._faults.append(Fault(**document))

    def receive(self, request: Request) -> Response | None:
        """Record the call. If a fault is due, wait, or return the error."""
        action = Call.of(request).action
        with self._lock:
            self.received.append(action)
            fault = next((each for each in self._faults if each.action == action and each.times > 0), None)
            if fault:
                fault.times -= 1
        if fault is None:
            return None
        time.sleep(fault.seconds)
        return (
            error_response(request, fault.error, f"{fault.error}, as the test asked", STATUS[fault.error])
            if fault.error
            else None
        )
