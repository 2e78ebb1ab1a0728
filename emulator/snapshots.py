"""Saves the content of every account, to restore it later."""

import copyreg
import pickle
from threading import RLock
from typing import Any

from moto.core.base_backend import BackendDict
from moto.core.model_instances import reset_model_data

# The services with data in moto, by account. Other code holds references to these dictionaries.
_services: list[BackendDict[Any]] = vars(BackendDict)["_instances"]

# moto's ECR has a lock, which is free between two requests, so that a new one can replace it.
copyreg.pickle(type(RLock()), lambda _: (RLock, ()))


class Snapshot:
    """All data in moto when the snapshot is made."""

    def __init__(self) -> None:
        self._services = _services.copy()
        self._content = pickle.dumps([(dict(service), vars(service)) for service in _services])

    def restore(self) -> None:
        """Replace all data in moto with the data in the snapshot."""
        for service in _services:
            service.clear()
        reset_model_data()
        # S301: the bytes are this process's own.
        for service, (accounts, attributes) in zip(self._services, pickle.loads(self._content), strict=True):  # noqa: S301
            service.update(accounts)
            vars(service).update(attributes)
        _services[:] = self._services
