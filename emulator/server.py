"""moto's server, completed."""

import dataclasses
import json
from collections.abc import Callable, Iterable
from functools import cache
from io import BytesIO
from socket import socket
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any

from flask import Flask
from moto import backends
from moto.core import responses
from moto.core.utils import method_names_from_class
from moto.ecr import urls as ecr_urls
from moto.iam import urls as iam_urls
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.organizations import urls as organizations_urls
from moto.secretsmanager import urls as secretsmanager_urls
from waitress.server import create_server
from werkzeug import Request, Response

from emulator import layers, pulls, pushes, upstreams
from emulator.accounts import create_accounts, keep_managed_policies
from emulator.authorization import Authorization
from emulator.calls import Call, error_response
from emulator.clock import CLOCK
from emulator.corrections import Organizations, SecretsManager
from emulator.distribution import Content, Distribution
from emulator.ecr import Ecr
from emulator.faults import CallLog
from emulator.iam import Iam
from emulator.organization import KEY_PREFIX, Organization
from emulator.outcomes import CONTROL_HEADER
from emulator.snapshots import Snapshot

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication
    from waitress.channel import HTTPChannel


class Application:
    """WSGI: the emulator's own endpoints under /emulator/, registries by their host, AWS everywhere else."""

    def __init__(self, organization: Organization) -> None:
        ecr_urls.url_paths["{0}/$"] = Ecr.dispatch
        iam_urls.url_paths["{0}/$"] = Iam.dispatch
        organizations_urls.url_paths["{0}/$"] = Organizations.dispatch
        secretsmanager_urls.url_paths["{0}/$"] = SecretsManager.dispatch
        keep_managed_policies()
        create_accounts(organization)
        self._keys = {account.access_key_id for account in organization.accounts}
        # moto's backends are plain dictionaries: one request at a time.
        self._lock = Lock()
        self._distribution = Distribution(self._lock)
        self._snapshots = [self._content()]
        # At every request, moto searches its folder for its 170 services, and for the calls of a service.
        modules = frozenset(backends.list_of_moto_modules())
        backends.list_of_moto_modules = lambda: modules
        vars(responses)["method_names_from_class"] = cache(method_names_from_class)
        self._moto = DomainDispatcherApplication(_service)
        self._calls = CallLog()
        self._authorization = Authorization()
        self._endpoints: dict[str, Callable[[dict[str, Any]], object]] = {
            "/emulator/pull": lambda body: dataclasses.asdict(pulls.pull(**body, fetch=self._distribution.imports)),
            "/emulator/push": lambda body: dataclasses.asdict(pushes.push(**body)),
            "/emulator/secret": lambda body: upstreams.add_secret(**body),
            "/emulator/internet": lambda body: self._distribution.imports.connect(**body),
            "/emulator/clock": lambda body: CLOCK.advance(**body),
            "/emulator/faults": self._calls.expect,
            "/emulator/authorize": lambda _: self._authorization.enforce(),
            "/emulator/permissions": lambda _: self._authorization.permissions,
            "/emulator/calls": lambda _: self._calls.received,
            "/emulator/snapshot": lambda _: self._snapshot(),
            "/emulator/reset": lambda body: self._reset(**body),
        }

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        request = Request(environ)
        if layers.HOST.fullmatch(request.headers.get("Host", "")):
            return self._distribution.layers(environ, start_response)
        if request.path.startswith("/v2/") or request.path == "/v2":
            return self._distribution(environ, start_response)
        environ["wsgi.input"] = BytesIO(request.get_data())
        if request.path.startswith(("/emulator/", "/moto-api")):
            return self._control(request)(environ, start_response)
        failure = self._unknown_account(request) or self._calls.receive(request)
        if failure:
            return failure(environ, start_response)
        with self._lock:
            answer: WSGIApplication = self._authorization.denial(request) or self._moto
            return answer(environ, start_response)

    def _unknown_account(self, request: Request) -> Response | None:
        """The error for the access key of an account that does not exist; moto would take another account's."""
        call = Call.of(request)
        if not call.access_key.startswith(KEY_PREFIX) or call.access_key in self._keys:
            return None
        # AWS: CommonErrors. The JSON protocols have another code.
        code, status = ("UnrecognizedClientException", 400) if call.json else ("InvalidClientTokenId", 403)
        reason = f"there is no account {call.access_key.removeprefix(KEY_PREFIX)}"
        return error_response(request, code, f"The security token included in the request is invalid: {reason}", status)

    def _control(self, request: Request) -> Response:
        """Answer only the emulator's own client: a web page in a browser cannot send the header."""
        if request.path not in self._endpoints:
            return Response(status=404)
        if request.method != "POST":
            return Response(status=405, headers={"Allow": "POST"})
        if CONTROL_HEADER not in request.headers:
            return _message(403, f"The header {CONTROL_HEADER} is missing.")
        try:
            with self._lock:
                answer = self._endpoints[request.path](request.get_json(silent=True) or {})
        except (TypeError, ValueError) as error:
            return _message(400, str(error))
        return Response(json.dumps(answer), content_type="application/json")

    def _content(self) -> tuple[Snapshot, Content]:
        return Snapshot(), self._distribution.content()

    def _snapshot(self) -> int:
        self._snapshots.append(self._content())
        return len(self._snapshots) - 1

    def _reset(self, snapshot: int = 0) -> None:
        if snapshot not in range(len(self._snapshots)):
            raise ValueError(f"snapshot {snapshot} does not exist")
        accounts, content = self._snapshots[snapshot]
        accounts.restore()
        self._distribution.restore(content)
        self._calls.clear()
        self._authorization.clear()
        CLOCK.reset()


def _message(status: int, text: str) -> Response:
    return Response(json.dumps({"message": text}), status, content_type="application/json")


def _service(name: Any) -> Flask:
    service = create_backend_app(name)
    service.debug = False  # Flask keeps more of each request than moto needs
    return service


class _ThreadPerRequest:
    """A dispatcher for waitress. A pull from another account's registry waits for a second request to this server.

    With a fixed number of threads, that many such pulls would wait forever.
    """

    def add_task(self, channel: "HTTPChannel") -> None:
        Thread(target=channel.service, daemon=True).start()


def serve(descriptor: int, organization: Organization) -> None:
    """Serve on the listening socket with this file descriptor, until the process ends."""
    server = create_server(
        Application(organization),
        sockets=[socket(fileno=descriptor)],
        ident=None,
        _dispatcher=_ThreadPerRequest(),
        connection_limit=1000,
        asyncore_use_poll=True,
        # Send an answer in one piece. The AWS SDK for Go closes a request's body as soon as the answer's headers are
        # there; if Go's transport has not noticed the body's end by then, it closes the connection, and what has not
        # arrived is lost. The SDK then sends the call again, and a second CreateRole or DeleteSecret fails.
        send_bytes=1 << 20,
    )
    server.run()
