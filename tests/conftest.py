import gc
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from emulator.aws import Emulator

if TYPE_CHECKING:
    from tests.aws import Aws

# AWS clients are made by the hundred, of many objects each: by default Python looks among them for garbage all the time.
gc.set_threshold(10_000, 20, 100)


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    with Emulator.start() as emulator:
        yield emulator


@pytest.fixture(scope="session")
def accounts(emulator: Emulator) -> "Aws":
    from tests.aws import Aws  # botocore takes longer to load than the tests of the domain to run

    return Aws(emulator)


@pytest.fixture
def aws(accounts: "Aws") -> "Aws":
    accounts.emulator.reset()
    return accounts


def pytest_unconfigure() -> None:
    gc.freeze()  # what is left as the process ends need not be looked through for garbage
