"""The emulator's own endpoints: a web page that is open in a browser cannot use them."""

from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from tests.aws import Aws

HEADER = {"X-Emulator-Control": "1"}


def status(aws: Aws, method: str, path: str, headers: dict[str, str]) -> int:
    connection = HTTPConnection(urlsplit(aws.emulator.url).netloc, timeout=10)
    connection.request(method, path, body="{}", headers=headers)
    return connection.getresponse().status


@pytest.mark.parametrize(
    ("method", "path", "headers", "expected"),
    [
        pytest.param("POST", "/emulator/reset", HEADER, 200, id="the emulator's client"),
        pytest.param("POST", "/emulator/reset", {}, 403, id="a form of a web page"),
        pytest.param("POST", "/emulator/reset", {"Content-Type": "text/plain"}, 403, id="a script of a web page"),
        pytest.param(
            "OPTIONS", "/emulator/reset", {"Origin": "https://example.com"}, 405, id="a browser that asks first"
        ),
        pytest.param("GET", "/emulator/reset", HEADER, 405, id="GET"),
        pytest.param("POST", "/moto-api/reset", HEADER, 404, id="moto's own reset"),
    ],
)
def test_who_may_reset(aws: Aws, method: str, path: str, headers: dict[str, str], expected: int) -> None:
    aws.secret()
    assert status(aws, method, path, headers) == expected
    secrets = aws.client("secretsmanager").list_secrets()["SecretList"]
    assert (secrets == []) == (expected == 200)
