"""What Terraform does with a module registry, for looking at its answers."""

import io
import tarfile
from http.client import HTTPConnection, HTTPResponse
from urllib.parse import urljoin, urlsplit


def get(url: str) -> tuple[HTTPResponse, bytes]:
    """An answer and its body."""
    connection = HTTPConnection(urlsplit(url).netloc, timeout=10)
    connection.request("GET", urlsplit(url).path)
    answer = connection.getresponse()
    return answer, answer.read()


def download(modules: str, module: str, version: str) -> bytes:
    """The package that the registry at this URL has for the version."""
    url = f"{modules}{module}/{version}/download"
    answer, _ = get(url)
    _, package = get(urljoin(url, answer.headers["X-Terraform-Get"]))
    return package


def unpack(package: bytes) -> dict[str, str]:
    """The package's files: path and text."""
    files = {}
    with tarfile.open(fileobj=io.BytesIO(package)) as archive:
        for entry in archive:
            if file := archive.extractfile(entry):
                files[entry.name] = file.read().decode()
    return files
