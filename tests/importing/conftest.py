"""Runs the command against the registries that tests make."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from emulator.organization import SHARED_SERVICES, Account
from pull_through_cache.commands import commands
from pull_through_cache.deployment import Deployment, load
from tests.aws import Aws
from tests.importing.registries import REGION, Registry

Import = Callable[..., Result]
Read = Callable[..., Deployment]


@pytest.fixture
def registry(aws: Aws) -> Registry:
    return Registry(aws)


@pytest.fixture
def import_(aws: Aws) -> Import:
    """The command, with the credentials of an account."""

    def run(*options: str, account: Account = SHARED_SERVICES, **environment: str | None) -> Result:
        settings = {**aws.emulator.environment_of(account, REGION), **environment}
        return CliRunner().invoke(commands, ["import", *options], env=settings, catch_exceptions=False)

    return run


@pytest.fixture
def imported(import_: Import, tmp_path: Path) -> Read:
    """The deployment in the file that the command writes."""

    def imported(*options: str) -> Deployment:
        result = import_(*options)
        assert result.exit_code == 0, result.stderr
        file = tmp_path / "imported.yaml"
        file.write_text(result.stdout)
        return load(file)

    return imported
