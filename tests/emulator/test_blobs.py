"""Storage of layers, without a registry."""

import hashlib
from collections.abc import Iterator

import pytest

from emulator.blobs import Blobs, WrongBlobError


def digest_of(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def test_a_blob_that_is_longer_than_its_manifest_says_changes_no_other_blob() -> None:
    blobs, other = Blobs(), b"another layer"

    def chunks() -> Iterator[bytes]:
        yield b"first"
        blobs.add(digest_of(other), len(other), [other])
        yield b"and more than was announced"

    with pytest.raises(WrongBlobError):
        blobs.add(digest_of(b"first"), len(b"first"), chunks())
    assert blobs.open(digest_of(other)).read() == other
