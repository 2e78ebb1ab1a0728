import gc
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from emulator.aws import Emulator
from pull_through_cache.deployment import Deployment, load
from pull_through_cache.files.problems import InvalidFile
from tests.needs import TESTS, left_out, missing

if TYPE_CHECKING:
    from emulator.internet import Internet
    from tests.aws import Aws
    from tests.registries import Registries

Load = Callable[[str], Deployment]
ProblemsOf = Callable[[str], list[str]]

collect_ignore = [file for file, _ in left_out()]

# AWS clients are made by the hundred, of many objects each: by default Python looks among them for garbage all the time.
gc.set_threshold(10_000, 20, 100)
# In the background of a shell, SIGINT is ignored, also by the programs that tests start and interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)


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


@pytest.fixture(scope="session")
def connected() -> Iterator[tuple["Aws", "Internet"]]:
    """Another emulator, connected to a loopback internet."""
    from emulator.internet import Internet
    from tests.aws import Aws

    with Emulator.start() as emulator, Internet() as internet:
        emulator.connect(internet)
        yield Aws(emulator), internet


@pytest.fixture
def registries(connected: tuple["Aws", "Internet"], tmp_path: Path) -> Iterator["Registries"]:
    from tests.registries import Registries

    aws, internet = connected
    aws.emulator.reset()
    with Registries(aws, internet, tmp_path).served() as registries:
        yield registries


@pytest.fixture(scope="session")
def load_text(tmp_path_factory: pytest.TempPathFactory) -> Load:
    """Loads a deployment file of this content."""
    file = tmp_path_factory.mktemp("deployment") / "deployment.yaml"

    def load_text(text: str) -> Deployment:
        file.write_text(dedent(text))
        return load(file)

    return load_text


@pytest.fixture(scope="session")
def problems_of(load_text: Load) -> ProblemsOf:
    """The lines that the author of a deployment file of this content reads, without the file's folder."""

    def problems_of(text: str) -> list[str]:
        with pytest.raises(InvalidFile) as error:
            load_text(text)
        return [line[line.index("deployment.yaml") :] for line in str(error.value).splitlines()]

    return problems_of


def pytest_configure() -> None:
    """``REQUIRED_CLIENTS``, a list of programs, makes it an error that tests of one of them would be left out."""
    required = missing(*os.environ.get("REQUIRED_CLIENTS", "").split())
    if required:
        raise pytest.UsageError(f"REQUIRED_CLIENTS names {', '.join(required)}, which is not on PATH: install it")


def pytest_unconfigure() -> None:
    gc.freeze()  # what is left as the process ends need not be looked through for garbage


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    asked_for = [Path(argument.partition("::")[0]).resolve() for argument in config.args]
    for file, need in left_out():
        if any(folder in (TESTS / file).parents for folder in asked_for):
            terminalreporter.write_line(f"left out: tests/{file}, which needs {need}")
