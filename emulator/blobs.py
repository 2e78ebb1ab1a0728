"""Layers and configurations by digest, in one unnamed file that disappears with the process, however it ends."""

import hashlib
import io
import os
import re
from collections.abc import Iterable
from tempfile import TemporaryFile
from threading import Lock
from typing import NamedTuple

DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
CHUNK = 1 << 20
"""Bytes in memory at a time while a blob is copied."""


class WrongBlobError(ValueError):
    """The bytes do not match the digest or the size."""


class Place(NamedTuple):
    start: int
    size: int


class Blobs:
    """Content-addressed storage. A blob exists only after all of it arrived and matches its digest. Thread-safe."""

    def __init__(self) -> None:
        self._file = TemporaryFile()  # noqa: SIM115 - open as long as the process
        self._lock = Lock()
        self._end = 0
        self.places: dict[str, Place] = {}
        """The blobs; a copy of this is a snapshot."""

    def __contains__(self, digest: str) -> bool:
        return digest in self.places

    def size(self, digest: str) -> int:
        return self.places[digest].size

    def add(self, digest: str, size: int, chunks: Iterable[bytes]) -> None:
        """Store the chunks. Raises WrongBlobError unless it has this digest and size."""
        if not DIGEST.fullmatch(digest) or size < 0:
            raise WrongBlobError(f"{digest} of {size} bytes is not a blob")
        with self._lock:
            place, self._end = Place(self._end, size), self._end + size
        received, actual = 0, hashlib.sha256()
        for chunk in chunks:
            if received + len(chunk) > size:
                raise WrongBlobError(f"{digest} is longer than {size} bytes")
            os.pwrite(self._file.fileno(), chunk, place.start + received)
            actual.update(chunk)
            received += len(chunk)
        if received != size or f"sha256:{actual.hexdigest()}" != digest:
            raise WrongBlobError(f"{received} bytes arrived that are not the {size} bytes of {digest}")
        self.places[digest] = place

    def open(self, digest: str) -> "io.RawIOBase":
        """A file with its own position. Raises KeyError if the blob does not exist."""
        return _Region(self._file.fileno(), self.places[digest])


class _Region(io.RawIOBase):
    def __init__(self, descriptor: int, place: Place) -> None:
        self._descriptor = descriptor
        self._start, self._size = place
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self._position = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._size}[whence] + offset
        return self._position

    def readinto(self, buffer: "memoryview") -> int:  # type: ignore[override]
        wanted = memoryview(buffer)[: max(0, self._size - self._position)]
        read = os.preadv(self._descriptor, [wanted], self._start + self._position) if wanted else 0
        self._position += read
        return read
