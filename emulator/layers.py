"""The bucket that ECR keeps layers in. ECR redirects clients there with a signed URL.

Like S3, it rejects a request with additional credentials (S3 API, ErrorResponses: InvalidArgument).
"""

import os
import re
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug import Request, Response
from werkzeug.wsgi import wrap_file

from emulator.blobs import CHUNK, Blobs
from emulator.clock import CLOCK

HOST = re.compile(r"prod-[a-z0-9-]+-starport-layer-bucket\.s3\.[a-z0-9-]+\.amazonaws\.com(:\d+)?")
LIFETIME = 60 * 60


class Layers:
    """WSGI: serves blobs to everyone with a signed URL."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs
        self._signed = URLSafeSerializer(os.urandom(32))

    def address(self, region: str, digest: str) -> str:
        """A URL that is valid for an hour."""
        host = f"prod-{region}-starport-layer-bucket.s3.{region}.amazonaws.com"
        signature = self._signed.dumps([digest, CLOCK.now() + LIFETIME])
        return f"https://{host}/{digest}?X-Amz-Signature={signature}"

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        return self._respond(Request(environ))(environ, start_response)

    def _respond(self, request: Request) -> Response:
        if "Authorization" in request.headers:
            return _error(HTTPStatus.BAD_REQUEST, "InvalidArgument", "Only one auth mechanism allowed")
        try:
            digest, expires = self._signed.loads(request.args.get("X-Amz-Signature", ""))
        except BadSignature:
            return _error(HTTPStatus.FORBIDDEN, "SignatureDoesNotMatch", "The signature does not match")
        if request.path != f"/{digest}" or CLOCK.now() >= expires:
            return _error(HTTPStatus.FORBIDDEN, "AccessDenied", "Request has expired")
        body = wrap_file(request.environ, self._blobs.open(digest), CHUNK)  # type: ignore[arg-type]
        headers = {"Content-Length": str(self._blobs.size(digest))}
        return Response(body, headers=headers, content_type="application/octet-stream", direct_passthrough=True)


def _error(status: HTTPStatus, code: str, message: str) -> Response:
    body = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    return Response(body, status, content_type="application/xml")
