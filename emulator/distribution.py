"""Every account's registry, ``<account>.dkr.ecr.<region>.amazonaws.com``, by the OCI distribution API.

``emulator.pulls`` decides about permissions, for these requests and for ``Emulator.pull``.
Texts of errors: Guide (Amazon ECR User Guide), common-errors-docker.html and error-pullthroughcache.html, and reports
that users published.
"""

import json
import re
from collections.abc import Callable, Iterable
from http import HTTPStatus
from threading import Lock
from typing import Any, NamedTuple

from moto.core.exceptions import ServiceException
from moto.core.utils import get_service_model
from moto.ecr.models import Repository
from werkzeug import Request, Response

from emulator import images, pulls, tokens
from emulator.blobs import DIGEST, Blobs, Place
from emulator.imports import Imports
from emulator.layers import Layers
from emulator.oci import INDEX, Manifest
from emulator.parameters import check
from emulator.pulls import Attempt, DeniedError
from emulator.roles import principal
from emulator.uploads import Uploaded, Uploads

HOST = re.compile(r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(:\d+)?")
PATH = re.compile(
    r"/v2/(?P<repository>.+)/((?P<kind>manifests|blobs|referrers)/(?P<reference>[^/]+)"
    r"|(?P<tags>tags/list)|blobs/uploads/(?P<upload>[^/]*))"
)
# Source: OCI distribution specification, "Pulling manifests"
TAG = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}")
VERSION = {"Docker-Distribution-Api-Version": "registry/2.0"}
# Errors with a code in front of their text, as Docker shows them.
STATUS = {
    "denied": HTTPStatus.FORBIDDEN,
    "name unknown": HTTPStatus.NOT_FOUND,
    "manifest unknown": HTTPStatus.NOT_FOUND,
    "blob unknown": HTTPStatus.NOT_FOUND,
    "blob upload unknown": HTTPStatus.NOT_FOUND,
    "name invalid": HTTPStatus.BAD_REQUEST,
    "tag invalid": HTTPStatus.BAD_REQUEST,
    "digest invalid": HTTPStatus.BAD_REQUEST,
    "manifest invalid": HTTPStatus.BAD_REQUEST,
    "unsupported": HTTPStatus.METHOD_NOT_ALLOWED,
    "toomanyrequests": HTTPStatus.TOO_MANY_REQUESTS,
    "loop detected": HTTPStatus.LOOP_DETECTED,
}


class Content(NamedTuple):
    """What the registries hold beside moto's backends."""

    places: dict[str, Place]
    uploaded: set[Uploaded]


class Distribution:
    """WSGI. ``lock`` guards moto's backends: a request holds it, except while it transfers bytes."""

    def __init__(self, lock: Lock) -> None:
        self._lock = lock
        self.blobs = Blobs()
        # Of images without layers, which `Emulator.push` makes.
        self.blobs.add(images.EMPTY, len(b"{}"), [b"{}"])
        self._uploads = Uploads(self.blobs)
        self.imports = Imports(lock, self.blobs)
        self.layers = Layers(self.blobs)

    def content(self) -> Content:
        """For a snapshot."""
        return Content(self.blobs.places.copy(), self._uploads.complete.copy())

    def restore(self, content: Content) -> None:
        """Replace the content, and cancel unfinished uploads."""
        self.blobs.places = content.places.copy()
        self._uploads.restore(content.uploaded)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        request = Request(environ)
        try:
            response = self._respond(request)
        except DeniedError as denied:
            response = _error_response(str(denied))
        return response(environ, start_response)

    def _respond(self, request: Request) -> Response:
        host = HOST.fullmatch(request.headers.get("Host", ""))
        if not host:
            raise DeniedError("name unknown: There is no registry at this host")
        login = request.authorization
        try:
            arn = tokens.principal_of(login.password or "") if login and login.username == tokens.USER else None
        except tokens.ExpiredError:
            raise DeniedError("denied: Your authorization token has expired. Reauthenticate and try again.") from None
        if arn is None:
            challenge = {"WWW-Authenticate": f'Basic realm="https://{host[0]}/",service="ecr.amazonaws.com"'}
            return Response("Not Authorized\n", HTTPStatus.UNAUTHORIZED, VERSION | challenge)
        if request.path.rstrip("/") == "/v2":
            return Response("", headers=VERSION)
        path = PATH.fullmatch(request.path)
        if not path:
            raise DeniedError("unsupported: Invalid parameter")
        _check_name(path["repository"])
        reference = path["reference"] or ""
        if path["kind"] == "manifests" and not DIGEST.fullmatch(reference) and not TAG.fullmatch(reference):
            raise DeniedError(f"tag invalid: Invalid parameter at 'imageTag': '{reference}' is not a tag")
        if path["kind"] in {"blobs", "referrers"} and not DIGEST.fullmatch(reference):
            raise DeniedError(f"digest invalid: Invalid parameter at 'imageDigest': '{reference}' is not a digest")
        with self._lock:
            try:
                attempt = Attempt(host["account"], host["region"], path["repository"], reference, principal(arn))
                attempt.via = request.headers.get("Via", "")
            except ValueError:
                raise DeniedError("denied: The principal of the authorization token does not exist.") from None
            if path["upload"] is not None:
                return self._uploads.blob(request, attempt, path["upload"])
            return self._answer(request, attempt, path["kind"] or "tags")

    def _answer(self, request: Request, attempt: Attempt, kind: str) -> Response:
        if kind == "manifests" and request.method == "PUT":
            return self._uploads.manifest(request, attempt)
        if request.method not in {"GET", "HEAD"}:
            raise DeniedError("unsupported: Invalid parameter")
        answer: dict[str, Callable[[Request, Attempt], Response]] = {
            "manifests": self._manifest,
            "blobs": self._blob,
            "referrers": self._referrers,
            "tags": _tags,
        }
        return answer[kind](request, attempt)

    def _manifest(self, _: Request, attempt: Attempt) -> Response:
        image = pulls.manifest(attempt, self.imports)
        headers = VERSION | {"Docker-Content-Digest": image.image_digest}
        return Response(image.image_manifest.encode(), headers=headers, content_type=image.image_manifest_media_type)

    def _blob(self, request: Request, attempt: Attempt) -> Response:
        attempt.require("ecr:BatchCheckLayerAvailability" if request.method == "HEAD" else "ecr:GetDownloadUrlForLayer")
        repository, digest = _repository(attempt), attempt.tag
        known = images.refers_to(repository, digest) or self._uploads.has(attempt, digest)
        if digest not in self.blobs or not known:
            raise DeniedError(f"blob unknown: Layer {digest} was not found")
        if request.method == "HEAD":
            headers = VERSION | {"Docker-Content-Digest": digest, "Content-Length": str(self.blobs.size(digest))}
            return Response((), headers=headers, content_type="application/octet-stream")
        location = {"Location": self.layers.address(attempt.region, digest)}
        return Response("", HTTPStatus.TEMPORARY_REDIRECT, VERSION | location)

    def _referrers(self, request: Request, attempt: Attempt) -> Response:
        attempt.require("ecr:ListImageReferrers")
        repository, rule = _repository(attempt), attempt.registry.rule_for(attempt.repository)
        if rule and attempt.may("ecr:BatchImportUpstreamImage"):
            self.imports.referrers(attempt, rule)
        manifests = [
            Manifest(image.image_manifest.encode(), str(image.image_manifest_media_type))
            for image in repository.images
            if attempt.tag in image.image_manifest
        ]
        kind = request.args.get("artifactType")
        found = [_descriptor(each) for each in manifests if each.subject == attempt.tag]
        found = [each for each in found if kind in {None, each["artifactType"]}]
        headers = {"OCI-Filters-Applied": "artifactType"} if kind else {}
        index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": found}
        return Response(json.dumps(index), headers=VERSION | headers, content_type=INDEX)


def _descriptor(manifest: Manifest) -> dict[str, Any]:
    """Source: OCI distribution specification, "Listing Referrers"."""
    document = manifest.document
    return {
        "mediaType": manifest.media_type,
        "digest": manifest.digest,
        "size": len(manifest.body),
        "artifactType": document.get("artifactType") or document.get("config", {}).get("mediaType"),
        "annotations": document.get("annotations", {}),
    }


def _tags(request: Request, attempt: Attempt) -> Response:
    attempt.require("ecr:ListImages")
    names = sorted(tag for image in _repository(attempt).images for tag in image.image_tags)
    after = [name for name in names if name > request.args.get("last", "")]
    page = after[: request.args.get("n", len(after), type=int)]
    headers = dict(VERSION)
    if page and len(page) < len(after):
        headers["Link"] = f'</v2/{attempt.repository}/tags/list?n={len(page)}&last={page[-1]}>; rel="next"'
    body = json.dumps({"name": attempt.repository, "tags": page})
    return Response(body, headers=headers, content_type="application/json")


def _repository(attempt: Attempt) -> Repository:
    try:
        return attempt.ecr.repositories[attempt.repository]
    except KeyError:
        raise DeniedError(f"name unknown: {attempt.not_found}") from None


def _check_name(repository: str) -> None:
    try:
        check(get_service_model("ecr").shape_for("RepositoryName"), repository, "repositoryName")
    except ServiceException as error:
        raise DeniedError(f"name invalid: {error.message}") from None


def _error_response(text: str) -> Response:
    word, _, message = text.partition(": ")
    if word not in STATUS:
        word, message = "denied", text
    errors = {"errors": [{"code": word.upper().replace(" ", "_"), "message": message}]}
    return Response(json.dumps(errors), STATUS[word], VERSION, content_type="application/json")
