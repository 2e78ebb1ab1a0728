"""Read-only upstream registries on loopback, from folders in OCI image layout, and Docker Hub's token service."""

import base64
import json
import re
import secrets
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from threading import Thread
from typing import Any

from werkzeug import Request, Response
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wsgi import wrap_file

from emulator.blobs import CHUNK, DIGEST
from emulator.layout import Descriptor, Layout

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
PATH = re.compile(r"/v2/(?P<repository>.+)/(?P<kind>manifests|blobs|referrers)/(?P<reference>[^/]+)")


class UpstreamRegistry:
    """WSGI: images by their repository's name. ``asked`` is every request, as ``GET /v2/…``."""

    def __init__(self, repositories: Mapping[str, Layout]) -> None:
        self._repositories = repositories
        self.asked: list[str] = []

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        request = Request(environ)
        self.asked.append(f"{request.method} {request.path}")
        return self._respond(request)(environ, start_response)

    def _respond(self, request: Request) -> Response:
        if request.path.rstrip("/") == "/v2":
            return Response("{}", content_type="application/json")
        path = PATH.fullmatch(request.path)
        try:
            layout = self._repositories[path["repository"] if path else ""]
        except KeyError:
            layout = None
        if not path or not layout:
            return error(HTTPStatus.NOT_FOUND, "NAME_UNKNOWN", "repository name not known to registry")
        if path["kind"] == "referrers":
            return Response(layout.referrers(path["reference"]), content_type="application/vnd.oci.image.index.v1+json")
        descriptor = layout.find(path["reference"])
        if descriptor is None:
            return error(HTTPStatus.NOT_FOUND, f"{path['kind'][:-1].upper()}_UNKNOWN", "unknown to registry")
        return _file(request, layout.file(descriptor["digest"]), descriptor)


def _file(request: Request, file: Path, descriptor: Mapping[str, Any]) -> Response:
    headers = {"Docker-Content-Digest": descriptor["digest"], "Content-Length": str(file.stat().st_size)}
    body = wrap_file(request.environ, file.open("rb"), CHUNK)
    return Response(body, headers=headers, content_type=descriptor["mediaType"], direct_passthrough=True)


def error(status: HTTPStatus, code: str, message: str, headers: Mapping[str, str] | None = None) -> Response:
    """Source: OCI distribution specification, "Error Codes"."""
    body = json.dumps({"errors": [{"code": code, "message": message}]})
    return Response(body, status, headers, content_type="application/json")


class SampleRegistry(UpstreamRegistry):
    """WSGI: every repository has every tag, and each is the same small image. ``digest`` is that image's."""

    def __init__(self, folder: Path) -> None:
        layout = _Sample(folder)
        self.digest = layout.add(_Sample.TAG, {"etc/motd": b"An image of the emulator's.\n"}, ("amd64", "arm64"))
        super().__init__(defaultdict(lambda: layout))


class _Sample(Layout):
    TAG = "latest"

    def find(self, reference: str) -> Descriptor | None:
        return super().find(reference if DIGEST.fullmatch(reference) else self.TAG)


class DockerHub:
    """WSGI, for registry-1.docker.io and auth.docker.io: a registry behind a token service and a rate limit.

    ``login`` is the only user name and password that it knows; without one a client is anonymous. After ``limit``
    manifests it answers 429. Source: docs.docker.com/docker-hub/download-rate-limit, and the token specification.
    """

    HOSTS = ("registry-1.docker.io", "auth.docker.io")

    def __init__(self, registry: Application, login: tuple[str, str], limit: int = 1000) -> None:
        self._registry = registry
        self._login = "Basic " + base64.b64encode(":".join(login).encode()).decode()
        self._tokens: set[str] = set()
        self.remaining = limit

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        request = Request(environ)
        response = self._token(request) if request.path == "/token" else self._error(request)
        return response(environ, start_response) if response else self._registry(environ, start_response)

    def _token(self, request: Request) -> Response:
        if request.headers.get("Authorization", self._login) != self._login:
            return Response('{"details": "incorrect username or password"}', HTTPStatus.UNAUTHORIZED)
        token = secrets.token_urlsafe()
        self._tokens.add(token)
        return Response(json.dumps({"token": token, "expires_in": 300}), content_type="application/json")

    def _error(self, request: Request) -> Response | None:
        if request.headers.get("Authorization", "").removeprefix("Bearer ") not in self._tokens:
            path = PATH.fullmatch(request.path)
            scope = f',scope="repository:{path["repository"]}:pull"' if path else ""
            challenge = f'Bearer realm="https://auth.docker.io/token",service="registry.docker.io"{scope}'
            headers = {"WWW-Authenticate": challenge}
            return error(HTTPStatus.UNAUTHORIZED, "UNAUTHORIZED", "authentication required", headers)
        if request.method == "GET" and "/manifests/" in request.path:
            if self.remaining <= 0:
                text = "You have reached your pull rate limit."
                return error(HTTPStatus.TOO_MANY_REQUESTS, "TOOMANYREQUESTS", text)
            self.remaining -= 1
        return None


class _Quiet(WSGIRequestHandler):
    def log(self, *_: object) -> None:
        """Requests are in ``asked``; a log would only mix with what a test prints."""


@contextmanager
def serve(application: Application) -> Iterator[str]:
    """Serve on a free port of loopback until the context ends; yields the URL."""
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=_Quiet)
    server.daemon_threads = True  # type: ignore[attr-defined]
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
