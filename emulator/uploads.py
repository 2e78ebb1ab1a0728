"""Pushes to a registry: what a client needs to push an image (OCI distribution specification, "Push")."""

import uuid
from collections.abc import Iterator
from http import HTTPStatus
from tempfile import TemporaryFile
from typing import IO

from werkzeug import Request, Response

from emulator import images, pushes
from emulator.blobs import CHUNK, Blobs, WrongBlobError
from emulator.oci import LONGEST_MANIFEST, Manifest, RegistryError
from emulator.pulls import Attempt, DeniedError
from emulator.pushes import WRITE

Key = tuple[str, str, str]
Uploaded = tuple[Key, str]
"""A repository, and the digest of a blob that was uploaded to it."""


class Uploads:
    """Blobs that are being uploaded, and blobs that are in no manifest yet."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs
        self._open: dict[str, IO[bytes]] = {}
        self.complete: set[Uploaded] = set()

    def restore(self, complete: set[Uploaded]) -> None:
        """Replace the uploaded blobs, and cancel all other uploads."""
        self._open.clear()
        self.complete = complete.copy()

    def has(self, attempt: Attempt, digest: str) -> bool:
        return (_key(attempt), digest) in self.complete and digest in self._blobs

    def blob(self, request: Request, attempt: Attempt, upload: str) -> Response:
        """POST begins an upload, PATCH adds to it, PUT ends it with the digest."""
        for action in WRITE[:-1]:
            attempt.require(action)
        _existing(attempt)
        if request.method == "POST":
            upload = str(uuid.uuid4())
            self._open[upload] = TemporaryFile()  # noqa: SIM115 - open until the upload is complete
        if upload not in self._open or request.method not in {"POST", "PATCH", "PUT"}:
            raise DeniedError("blob upload unknown: There is no such upload")
        file = self._open[upload]
        while chunk := request.stream.read(CHUNK):
            file.write(chunk)
        digest = request.args.get("digest")
        if request.method != "PUT" or not digest:
            location = f"/v2/{attempt.repository}/blobs/uploads/{upload}"
            headers = {"Location": location, "Range": f"0-{max(0, file.tell() - 1)}", "Docker-Upload-UUID": upload}
            return Response("", HTTPStatus.ACCEPTED, headers)
        size = file.tell()
        file.seek(0)
        with self._open.pop(upload):
            try:
                self._blobs.add(digest, size, _chunks(file))
            except WrongBlobError as error:
                raise DeniedError(f"digest invalid: {error}") from None
        self.complete.add((_key(attempt), digest))
        headers = {"Location": f"/v2/{attempt.repository}/blobs/{digest}", "Docker-Content-Digest": digest}
        return Response("", HTTPStatus.CREATED, headers)

    def manifest(self, request: Request, attempt: Attempt) -> Response:
        """All that a manifest lists must be in the repository."""
        for action in WRITE:
            attempt.require(action)
        _existing(attempt)
        try:
            manifest = Manifest(request.stream.read(LONGEST_MANIFEST + 1), request.mimetype)
        except RegistryError as error:
            raise DeniedError(f"manifest invalid: {error}") from None
        repository = attempt.ecr.repositories[attempt.repository]
        missing = [
            each["digest"]
            for each in [*manifest.blobs, *manifest.children]
            if not self.has(attempt, each["digest"])
            and not images.refers_to(repository, each["digest"])
            and not images.find(repository, each["digest"])
        ]
        if missing or (not attempt.named_tag and attempt.tag != manifest.digest):
            raise DeniedError(f"manifest invalid: {', '.join(missing) or manifest.digest} is not in the repository")
        pushes.put(attempt, manifest)
        headers = {
            "Location": f"/v2/{attempt.repository}/manifests/{manifest.digest}",
            "Docker-Content-Digest": manifest.digest,
        }
        return Response("", HTTPStatus.CREATED, headers)


def _existing(attempt: Attempt) -> None:
    if attempt.repository not in attempt.ecr.repositories:
        raise DeniedError(f"name unknown: {attempt.not_found}")


def _key(attempt: Attempt) -> Key:
    return attempt.account, attempt.region, attempt.repository


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    while chunk := file.read(CHUNK):
        yield chunk
