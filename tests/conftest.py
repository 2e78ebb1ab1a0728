import gc
import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from emulator.aws import Emulator
from tests.aws import Aws

# AWS clients are made by the hundred, of many objects each: by default Python looks among them for garbage all the time.
gc.set_threshold(10_000, 20, 100)

settings.register_profile("quick", max_examples=20, deadline=None)
settings.register_profile("usual", max_examples=100, deadline=None)
settings.register_profile("fuzz", max_examples=10_000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "usual"))


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    with Emulator.start() as emulator:
        yield emulator


@pytest.fixture(scope="session")
def accounts(emulator: Emulator) -> Aws:
    return Aws(emulator)


@pytest.fixture
def aws(accounts: Aws) -> Aws:
    accounts.emulator.reset()
    return accounts
