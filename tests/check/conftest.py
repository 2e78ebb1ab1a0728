"""Every test of `check` breaks something of a world in which all is well."""

import os
from pathlib import Path

import pytest

from tests.aws import Aws
from tests.check.worlds import WORLDS, Enter, OtherCluster, OtherRegistry, World


@pytest.fixture(scope="session")
def all_is_well(accounts: Aws, tmp_path_factory: pytest.TempPathFactory) -> dict[type[World], int]:
    """Snapshots of the worlds in which all is well."""
    snapshots = {}
    for kind in WORLDS:
        accounts.emulator.reset()
        kind(accounts, tmp_path_factory.mktemp("world")).make()
        snapshots[kind] = accounts.emulator.snapshot()
    return snapshots


@pytest.fixture
def credentials(accounts: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment has the credentials of the registry's account."""
    for name in list(os.environ):
        if name.startswith("AWS_") and name != "AWS_CA_BUNDLE":
            monkeypatch.delenv(name)
    for name, value in accounts.emulator.environment.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def enter(accounts: Aws, all_is_well: dict[type[World], int], credentials: None, tmp_path: Path) -> Enter:  # noqa: ARG001
    """Makes a world of this kind all there is."""

    def enter(kind: type[World]) -> World:
        accounts.emulator.reset(all_is_well[kind])
        return kind(accounts, tmp_path)

    return enter


@pytest.fixture
def world(enter: Enter) -> World:
    return enter(World)


@pytest.fixture
def other_registry(enter: Enter) -> World:
    return enter(OtherRegistry)


@pytest.fixture
def other_cluster(enter: Enter) -> World:
    return enter(OtherCluster)
