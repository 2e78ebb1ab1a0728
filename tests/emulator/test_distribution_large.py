"""Layers of 100 MB, and clients that disconnect."""

import os
from pathlib import Path

import pytest

from tests.aws import REGISTRY
from tests.emulator.test_distribution_pushes import Pusher, digest_of
from tests.registries import EVERYTHING, Registries

MIB = 1 << 20


def peak(process: int) -> int:
    """The largest resident set so far, in MiB."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024


def reset_peak(process: int) -> None:
    # Source: proc(5), /proc/pid/clear_refs
    Path(f"/proc/{process}/clear_refs").write_text("5")


@pytest.mark.slow
def test_a_large_layer_is_never_whole_in_memory(registries: Registries) -> None:
    digest = registries.app.add("1", {"large": os.urandom(100 * MIB)})
    registries.aws.cache_quay()
    role = registries.aws.role(EVERYTHING)
    emulator = registries.aws.emulator.process_id
    before = peak(emulator)
    reset_peak(emulator)
    for _ in range(2):
        assert registries.pull("quay/team/app", "1", role)[-1].digest == digest
    assert peak(emulator) - before < 50


@pytest.mark.slow
def test_a_large_push_is_never_whole_in_memory(registries: Registries) -> None:
    pusher, layer = Pusher(registries), os.urandom(200 * MIB)
    emulator = registries.aws.emulator.process_id
    before = peak(emulator)
    reset_peak(emulator)
    assert pusher.upload(layer, digest_of(layer)) == 201
    assert peak(emulator) - before < 50


def test_a_client_that_disconnects_halfway(registries: Registries) -> None:
    digest = registries.app.add("1", {"large": os.urandom(8 * MIB)})
    registries.aws.cache_quay()
    role = registries.aws.role(EVERYTHING)
    registry = registries.registry(role)
    layer = registry.manifest("quay/team/app", "1").blobs[1]
    with registry.blob("quay/team/app", layer["digest"]) as response:
        assert len(response.read(MIB)) == MIB
    assert registries.pull("quay/team/app", "1", role)[-1].digest == digest


def test_a_first_pull_is_cached_even_if_the_client_disconnects(registries: Registries) -> None:
    digest = registries.app.add("1", {"large": os.urandom(8 * MIB)})
    registries.aws.cache_quay()
    role = registries.aws.role(EVERYTHING)
    registries.abandon(f"https://{REGISTRY}/v2/quay/team/app/manifests/1", registries.token(role))
    assert registries.pull("quay/team/app", "1", role)[-1].digest == digest
    assert registries.fetched() == ["1"]
