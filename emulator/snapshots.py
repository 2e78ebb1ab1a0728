"""What is in every account, kept to go back to."""

import copyreg
import pickle
from threading import RLock
from typing import Any

from moto.core.base_backend import BackendDict
from moto.core.model_instances import reset_model_data

# The services of which moto holds something; by account, in dictionaries that code elsewhere refers to.
_services: list[BackendDict[Any]] = vars(BackendDict)["_instances"]

# moto's ECR has a lock, which is free between two requests, so that a new one can replace it.
copyreg.pickle(type(RLock()), lambda _: (RLock, ()))


class Snapshot:
    """All that moto holds at the time the snapshot is made."""

    def __init__(self) -> None:
        self._services = _services.copy()
        self._content = pickle.dumps([(dict(service), vars(service)) for service in _services])

    def restore(self) -> None:
        """Put what the snapshot holds in the place of all that moto holds now."""
        for service in _services:
            service.clear()
        reset_model_data()
        # S301: the bytes are this process's own.
        for service, (accounts, attributes) in zip(self._services, pickle.loads(self._content), strict=True):  # noqa: S301
            service.update(accounts)
            vars(service).update(attributes)
        _services[:] = self._services
