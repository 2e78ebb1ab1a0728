"""Calls of AWS's APIs as they arrive: the caller, the action, and the format of errors."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from werkzeug import Request, Response


@dataclass(frozen=True)
class Call:
    """A signed call: its action as IAM names it (``ecr:CreateRepository``), the caller's key, Region, and parameters.

    The action of a service without action names is its method and path. ``json`` is true for the JSON protocols, and
    false for the query protocol of IAM and STS.
    """

    action: str
    access_key: str
    region: str
    parameters: Mapping[str, Any]
    json: bool

    @classmethod
    def of(cls, request: Request) -> Self:
        """The call in a request."""
        credential = request.headers.get("Authorization", "").partition("Credential=")[2]
        key, _, region, service, *_ = [*credential.split("/"), *[""] * 4]
        target = request.headers.get("X-Amz-Target", "").rpartition(".")[2]
        name = target or request.form.get("Action") or f"{request.method} {request.path}"
        parameters = (request.get_json(silent=True, force=True) or {}) if target else request.form
        return cls(f"{service or 'unsigned'}:{name}", key, region, parameters, bool(target))


def error_response(request: Request, code: str, message: str, status: int) -> Response:
    """An error in the protocol of the request's service."""
    if "X-Amz-Target" in request.headers:
        body = json.dumps({"__type": code, "message": message})
        return Response(body, status, {"x-amzn-ErrorType": code}, content_type="application/x-amz-json-1.1")
    text = message.replace("&", "&amp;").replace("<", "&lt;")
    body = f"<ErrorResponse><Error><Code>{code}</Code><Message>{text}</Message></Error></ErrorResponse>"
    return Response(body, status, content_type="text/xml")
