"""containerd, with ctr instead of the kubelet."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from emulator.organization import STRANGER
from tests.aws import REGISTRY
from tests.clients.programs import Containerd
from tests.registries import EVERYTHING, Registries

IMAGE = f"{REGISTRY}/quay/team/app:1"


@pytest.fixture
def containerd(registries: Registries) -> Iterator[Containerd]:
    # Not tmp_path: the path of a socket must be short.
    with TemporaryDirectory() as folder, Containerd.start(Path(folder), registries.internet.environment) as containerd:
        yield containerd


def test_containerd_pulls(registries: Registries, node: str, containerd: Containerd) -> None:
    pulled = containerd.pull(IMAGE, f"AWS:{node}")
    assert pulled.returncode == 0, pulled.stderr
    descriptor = registries.app.find("1")
    assert descriptor
    assert descriptor["digest"] in containerd.images()


def test_containerd_shows_a_stranger_the_denial(registries: Registries, node: str, containerd: Containerd) -> None:
    registries.ask("quay/team/app/manifests/1", node)
    stranger = registries.token(registries.aws.role(EVERYTHING, account=STRANGER))
    refused = containerd.pull(IMAGE, f"AWS:{stranger}")
    assert refused.returncode != 0
    assert "403 Forbidden" in refused.stderr
