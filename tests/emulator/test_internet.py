"""The loopback internet: hosts that are played, and all others."""

import ssl
from http.client import HTTPSConnection
from urllib.error import HTTPError
from urllib.request import ProxyHandler, build_opener

import pytest

from emulator.oci import Registry, RegistryError
from tests.registries import Registries


def test_a_host_that_is_not_played_is_refused_and_recorded(registries: Registries) -> None:
    with pytest.raises(RegistryError):
        Registry("ghcr.io", registries.internet.opener).manifest("team/app", "1")
    assert (registries.internet.refused, registries.internet.asked) == (["ghcr.io"], [])


def test_a_request_is_recorded_with_what_it_authorizes_itself_by(registries: Registries) -> None:
    registries.ask("team/app/tags/list", "a password")
    (asked,) = registries.internet.asked
    assert (asked.method, asked.path) == ("GET", "/v2/team/app/tags/list?")
    assert asked.authorization.startswith("Basic ")


def test_without_tls_nothing_is_forwarded(registries: Registries) -> None:
    opener = build_opener(ProxyHandler({"http": registries.internet.proxy}))
    with pytest.raises(HTTPError, match="502"):
        opener.open("http://quay.io/v2/", timeout=60)
    assert registries.internet.refused == ["http://quay.io/v2/"]


def test_the_certificate_authority_is_not_the_machine_s(registries: Registries) -> None:
    connection = HTTPSConnection(
        "127.0.0.1", registries.internet.port, context=ssl.create_default_context(), timeout=60
    )
    connection.set_tunnel("quay.io")
    with pytest.raises(ssl.SSLCertVerificationError):
        connection.request("GET", "/v2/")
