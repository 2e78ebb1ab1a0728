"""A client of registries: the part of the OCI distribution API that pulls need.

The emulated ECR fetches from upstream registries with it. Tests and the demo use it as a minimal client.
Source: the OCI distribution specification 1.1; its token service: distribution.github.io/distribution/spec/auth/token.
"""

import base64
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from http.client import HTTPException, HTTPResponse
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import OpenerDirector, Request, parse_http_list, parse_keqv_list

from emulator.blobs import CHUNK, DIGEST, Blobs, WrongBlobError

INDEX = "application/vnd.oci.image.index.v1+json"
IMAGE = "application/vnd.oci.image.manifest.v1+json"
INDEXES = (INDEX, "application/vnd.docker.distribution.manifest.list.v2+json")
MANIFESTS = (*INDEXES, IMAGE, "application/vnd.docker.distribution.manifest.v2+json")
# Source: OCI distribution specification, "Pushing Manifests": a registry should accept this much.
LONGEST_MANIFEST = 4 << 20
TIMEOUT = 60
Login = tuple[str, str]


class RegistryError(Exception):
    """A registry did not answer as it should. ``status`` is its HTTP status, or 0 if there is none."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


@dataclass(frozen=True)
class Manifest:
    """The bytes of a manifest or an index. Raises RegistryError when they are not one."""

    body: bytes
    media_type: str

    def __post_init__(self) -> None:
        try:
            parts = [*self.children, *self.blobs]
            valid = all(DIGEST.fullmatch(part["digest"]) and int(part["size"]) >= 0 for part in parts)
        except (ValueError, TypeError, KeyError, AttributeError):
            valid = False
        if not valid or self.media_type not in MANIFESTS:
            raise RegistryError(0, f"not a manifest: {self.body[:80]!r} of type {self.media_type}")

    @cached_property
    def digest(self) -> str:
        return f"sha256:{hashlib.sha256(self.body).hexdigest()}"

    @cached_property
    def document(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.body.decode())
        return document

    @property
    def children(self) -> list[dict[str, Any]]:
        """The manifests that an index lists, as descriptors: one for each platform."""
        return list(self.document["manifests"]) if self.media_type in INDEXES else []

    @property
    def blobs(self) -> list[dict[str, Any]]:
        """Configuration and layers of an image, as descriptors."""
        return [] if self.media_type in INDEXES else [self.document["config"], *self.document["layers"]]

    @property
    def subject(self) -> str | None:
        """The digest of the manifest that this one refers to, for example as a signature."""
        digest: str | None = (self.document.get("subject") or {}).get("digest")
        return digest


class Registry:
    """One registry, as one user: ``login`` is a user name and a password, None to stay anonymous.

    The password goes to the registry, or to the token service that the registry names, and never along a redirect.

    - ``via``: the Via header of the requests; none if it is empty.
    """

    def __init__(self, host: str, opener: OpenerDirector, login: Login | None = None, via: str = "") -> None:
        self._host = host
        self._opener = opener
        self._login = login
        self._headers = {"Via": via} if via else {}
        self._authorization: str | None = None

    def pull(self, repository: str, reference: str, blobs: Blobs) -> list[Manifest]:
        """Store all layers of an image, of every platform; returns its manifests, the one asked for last.

        Raises RegistryError or WrongBlobError. What is in ``blobs`` already is not fetched again.
        """
        manifest = self.manifest(repository, reference)
        children = [each for child in manifest.children for each in self.pull(repository, child["digest"], blobs)]
        for part in manifest.blobs:
            if part["digest"] not in blobs:
                with self.blob(repository, part["digest"]) as response:
                    blobs.add(part["digest"], part["size"], _chunks(response))
        return [*children, manifest]

    def manifest(self, repository: str, reference: str) -> Manifest:
        """The manifest of a tag or a digest; with a digest, its bytes have that digest."""
        with self._get(f"{repository}/manifests/{reference}", accept=", ".join(MANIFESTS)) as response:
            manifest = Manifest(_document(response), response.headers.get_content_type())
        if DIGEST.fullmatch(reference) and manifest.digest != reference:
            raise WrongBlobError(f"{manifest.digest} arrived instead of {reference}")
        return manifest

    def blob(self, repository: str, digest: str) -> HTTPResponse:
        """A layer or a configuration, to read in chunks. Its bytes are not verified."""
        return self._get(f"{repository}/blobs/{digest}")

    def referrers(self, repository: str, digest: str) -> list[str]:
        """The digests of the manifests that refer to this one: signatures, SBOMs, attestations."""
        with self._get(f"{repository}/referrers/{digest}", accept=INDEX) as response:
            index = Manifest(_document(response), INDEX)
        return [descriptor["digest"] for descriptor in index.children]

    def _get(self, path: str, accept: str = "*/*") -> HTTPResponse:
        url, headers = f"https://{self._host}/v2/{path}", self._headers | {"Accept": accept}
        try:
            return self._open(url, headers, self._authorization)
        except _UnauthorizedError as unauthorized:
            self._authorization = self._answer(unauthorized)
        return self._open(url, headers, self._authorization)

    def _answer(self, unauthorized: "_UnauthorizedError") -> str:
        """The Authorization header that a challenge asks for."""
        scheme, _, rest = unauthorized.challenge.partition(" ")
        if scheme.lower() == "basic" and self._login:
            return _basic(self._login)
        if scheme.lower() != "bearer":
            raise unauthorized
        parameters = parse_keqv_list(parse_http_list(rest))
        realm = parameters.pop("realm", "")
        query = urlencode([(key, value) for key, value in parameters.items() if key in {"service", "scope"}])
        with self._open(f"{realm}?{query}", {}, _basic(self._login) if self._login else None) as response:
            answer = json.loads(_document(response))
        return f"Bearer {answer.get('token') or answer['access_token']}"

    def _open(self, url: str, headers: dict[str, str], authorization: str | None) -> HTTPResponse:
        if not url.startswith("https://"):
            raise RegistryError(0, f"not an https address: {url}")
        request = Request(url, headers=headers)  # noqa: S310 - checked above
        if authorization:
            request.add_unredirected_header("Authorization", authorization)
        try:
            response: HTTPResponse = self._opener.open(request, timeout=TIMEOUT)
        except HTTPError as error:
            with error:
                challenge = error.headers.get("WWW-Authenticate", "")
                text = error.read(1000).decode(errors="replace")
                raise (
                    _UnauthorizedError(challenge) if error.code == 401 else RegistryError(error.code, text)
                ) from None
        except (OSError, HTTPException) as error:
            raise RegistryError(0, f"{url}: {error}") from error
        return response


class _UnauthorizedError(RegistryError):
    def __init__(self, challenge: str) -> None:
        super().__init__(401, "401 Unauthorized")
        self.challenge = challenge


def _basic(login: Login) -> str:
    return f"Basic {base64.b64encode(':'.join(login).encode()).decode()}"


def _document(response: HTTPResponse) -> bytes:
    body = b"".join(_chunks(response, LONGEST_MANIFEST + 1))
    if len(body) > LONGEST_MANIFEST:
        raise RegistryError(0, f"longer than {LONGEST_MANIFEST} bytes")
    return body


def _chunks(response: HTTPResponse, longest: int | None = None) -> Iterator[bytes]:
    try:
        while longest != 0 and (chunk := response.read(min(CHUNK, longest or CHUNK))):
            longest = None if longest is None else longest - len(chunk)
            yield chunk
    except (OSError, HTTPException) as error:
        raise RegistryError(0, f"the registry broke off: {error}") from error
