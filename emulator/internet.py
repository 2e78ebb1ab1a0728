"""A loopback internet: clients keep the names they use in production, and no packet leaves the machine.

It is an HTTP proxy that answers ``CONNECT`` itself, with a certificate of its own authority, and hands the requests to a
server on loopback. It rejects a host that no server answers for. It records every request and every rejected host.
"""

import base64
import re
import ssl
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BufferedIOBase
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Self, cast
from urllib.parse import urlsplit
from urllib.request import HTTPSHandler, OpenerDirector, ProxyHandler, build_opener

from emulator.certificates import Authority

TIMEOUT = 60
CHUNK = 1 << 20
# Source: RFC 9110, 7.6.1: what belongs to one connection is not forwarded.
CONNECTION_HEADERS = {"connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"}


@dataclass(frozen=True)
class Asked:
    """A request that reached a host. ``authorization`` is the header's value, empty without one."""

    host: str
    method: str
    path: str
    authorization: str

    def offers(self, password: str) -> bool:
        """Whether the request has this password, in the clear or as Basic authorization."""
        _, _, credentials = self.authorization.partition("Basic ")
        decoded = base64.b64decode(credentials, validate=False).decode(errors="replace")
        return password in f"{self.path} {self.authorization} {decoded}"


class Internet:
    """The hosts that servers answer for, and the requests that they received.

    Example::

        with Emulator.start() as emulator, Internet() as internet:
            internet.play("quay.io", "http://127.0.0.1:5000")
            emulator.connect(internet)
            subprocess.run(["skopeo", "inspect", f"docker://{registry}/quay/x"], env=os.environ | internet.environment)
    """

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.refused: list[str] = []
        self._hosts: dict[str, str] = {}

    def __enter__(self) -> Self:
        self._folder = TemporaryDirectory()
        self.authority = Authority(Path(self._folder.name))
        self._server = _Server(self)
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._folder.cleanup()

    @property
    def port(self) -> int:
        return self._server.server_port

    @property
    def proxy(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def tls(self) -> ssl.SSLContext:
        """Trusts this authority and no other."""
        return ssl.create_default_context(cafile=self.authority.certificate)

    @property
    def environment(self) -> dict[str, str]:
        """Environment variables for skopeo, podman, containerd, and other clients in Go."""
        return {
            "HTTPS_PROXY": self.proxy,
            "HTTP_PROXY": self.proxy,
            "NO_PROXY": "127.0.0.1,localhost",
            "SSL_CERT_FILE": str(self.authority.certificate),
        }

    @property
    def opener(self) -> OpenerDirector:
        """The same settings for urllib."""
        return build_opener(ProxyHandler({"https": self.proxy}), HTTPSHandler(context=self.tls))

    def play(self, host: str, url: str) -> None:
        """From now on, a server on loopback answers for a host: a name or a regular expression. The last call wins."""
        self._hosts[host] = url

    def stop_playing(self, host: str) -> None:
        """From now on, the host is out of reach."""
        del self._hosts[host]

    def backend(self, host: str) -> str | None:
        matching = [url for pattern, url in self._hosts.items() if re.fullmatch(pattern, host)]
        return matching[-1] if matching else None


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, internet: Internet) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.internet = internet

    def handle_error(self, *_: object) -> None:
        """Ignores clients that disconnect: they are not worth a traceback."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = TIMEOUT
    host = ""

    def do_CONNECT(self) -> None:
        internet = cast("_Server", self.server).internet
        host = self.path.rpartition(":")[0]
        if internet.backend(host) is None:
            internet.refused.append(host)
            self._fail("No server answers for this host")
            return
        self.send_response_only(HTTPStatus.OK)
        self.end_headers()
        self.host, self.close_connection = host, False
        self.connection = internet.authority.context(host).wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb")

    def do_GET(self) -> None:
        internet = cast("_Server", self.server).internet
        backend = internet.backend(self.host)
        if not self.host or backend is None:
            internet.refused.append(self.host or self.path)
            self._fail("No server answers for this host")
            return
        internet.asked.append(Asked(self.host, self.command, self.path, self.headers.get("Authorization", "")))
        connection = HTTPConnection(urlsplit(backend).netloc, timeout=TIMEOUT)
        try:
            response = self._ask(connection)
        except (OSError, HTTPException):
            self._fail("The server for this host is down")
        else:
            self._answer(response)
        finally:
            connection.close()

    do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815

    def _ask(self, connection: HTTPConnection) -> HTTPResponse:
        headers = _forwarded(self.headers.items()) | {"X-Forwarded-Proto": "https"}
        chunked = self.headers.get("Transfer-Encoding", "").lower() == "chunked"
        if chunked:
            headers["Transfer-Encoding"] = "chunked"
        size = int(self.headers.get("Content-Length", 0))
        body = self._chunks() if chunked else _pieces(self.rfile, size) if size else None
        connection.request(self.command, self.path, body, headers, encode_chunked=chunked)
        return connection.getresponse()

    def _answer(self, response: HTTPResponse) -> None:
        self.send_response_only(response.status)
        for name, value in _forwarded(response.getheaders()).items():
            self.send_header(name, value)
        if response.length is None:
            self.close_connection = True
            self.send_header("Connection", "close")
        self.end_headers()
        while chunk := response.read(CHUNK):
            self.wfile.write(chunk)
        if response.length:  # the server broke off, and so must this answer
            self.close_connection = True

    def _chunks(self) -> Iterator[bytes]:
        """The body of a chunked request (RFC 9112, 7.1)."""
        while size := int(self.rfile.readline(100).split(b";")[0], 16):
            yield from _pieces(self.rfile, size)
            self.rfile.readline(100)
        while self.rfile.readline(1000).strip():
            pass

    def _fail(self, text: str) -> None:
        self.close_connection = True
        self.send_response_only(HTTPStatus.BAD_GATEWAY, text)
        self.send_header("Content-Length", "0")
        self.send_header("Connection", "close")
        self.end_headers()

    def finish(self) -> None:
        with suppress(OSError):
            super().finish()
            self.connection.close()


def _forwarded(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    return {name: value for name, value in headers if name.lower() not in CONNECTION_HEADERS}


def _pieces(file: BufferedIOBase, size: int) -> Iterator[bytes]:
    while size and (piece := file.read(min(CHUNK, size))):
        size -= len(piece)
        yield piece
