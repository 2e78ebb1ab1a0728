"""A Terraform module registry on loopback, with the modules this project uses.

The modules, in `modules/`, have the interface and the behavior of the modules with the same names. One thing is missing:
random passwords, which need another provider. With `create_random_password`, a plan fails.

It answers what `terraform init` asks for a module, `GET /v1/modules/<namespace>/<name>/<provider>/versions` and
`…/<version>/download`. Source: developer.hashicorp.com/terraform/internals/module-registry-protocol.
"""

import gzip
import io
import json
import re
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple

MODULES = Path(__file__).parent / "modules"
Packages = Mapping[tuple[str, str], bytes]
"""A .tar.gz for each module, as `<namespace>/<name>/<provider>`, and version."""


class Release(NamedTuple):
    """A version of a module of terraform-aws-modules, and the versions of Terraform and the AWS provider it needs."""

    name: str
    version: str
    terraform: str
    aws: str
    path: str
    """The module's folder in the package."""


RELEASES = (
    Release("ecr", "2.3.1", ">= 1.0", ">= 5.61", "modules/repository-template/"),
    Release("ecr", "2.4.0", ">= 1.0", ">= 5.93", "modules/repository-template/"),
    Release("ecr", "3.2.0", ">= 1.5.7", ">= 6.28", "modules/repository-template/"),
    Release("secrets-manager", "1.3.1", ">= 1.0", ">= 5.0", ""),
    Release("secrets-manager", "2.0.1", ">= 1.11", ">= 6.0", ""),
)


@contextmanager
def module_registry(modules_dir: Path | None = None) -> Iterator[str]:
    """Serve on a free port; yields the URL of the module API, which ends in `/v1/modules/`.

    - `modules_dir`: a folder with real checkouts to serve instead of the emulator's modules. The root of each checkout is
      `<namespace>/<name>/<provider>/<version>`, say `terraform-aws-modules/ecr/aws/2.3.1`.

    Raises FileNotFoundError when nothing is found there.
    """
    packages = _packages_in(modules_dir) if modules_dir else _own_packages()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, packages)) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/v1/modules/"
        finally:
            server.shutdown()


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, packages: Packages, *connection: Any) -> None:
        self._packages = packages
        super().__init__(*connection)

    def do_GET(self) -> None:
        request = re.fullmatch(r"/v1/modules/([^/]+/[^/]+/[^/]+)/(?:([^/]+)/)?([^/]+)", self.path)
        module, version, what = request.groups() if request else ("", "", "")
        versions = [{"version": version} for name, version in self._packages if name == module]
        package = self._packages.get((module, version))
        if versions and not version and what == "versions":
            self._answer(json.dumps({"modules": [{"versions": versions}]}).encode())
        elif package and what == "download":
            self.send_response(HTTPStatus.NO_CONTENT)
            self.send_header("X-Terraform-Get", "./package.tar.gz")
            self.end_headers()
        elif package and what == "package.tar.gz":
            self._answer(package)
        else:
            self.send_error(HTTPStatus.NOT_FOUND)

    def _answer(self, body: bytes) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing: the terminal is for Terraform."""


def _own_packages() -> Packages:
    """The emulator's modules: files common to a module's versions, files of its major version, and versions.tf."""
    packages = {}
    for release in RELEASES:
        major = release.version.split(".")[0]
        files = {
            f"{release.path}{folder}-{file.name}": file.read_bytes()
            for folder in ("common", major)
            for file in (MODULES / release.name / folder).glob("*.tf")
        }
        files[f"{release.path}versions.tf"] = _VERSIONS.format(**release._asdict()).encode()
        packages[f"terraform-aws-modules/{release.name}/aws", release.version] = _packed(files)
    return packages


def _packages_in(modules_dir: Path) -> Packages:
    packages = {}
    for root in sorted(modules_dir.glob("*/*/*/[0-9]*/")):
        paths = (path.relative_to(root) for path in root.rglob("*") if path.is_file())
        files = {
            path.as_posix(): (root / path).read_bytes()
            for path in paths
            if not any(part.startswith(".") for part in path.parts)
        }
        packages[root.parent.relative_to(modules_dir).as_posix(), root.name] = _packed(files)
    if not packages:
        raise FileNotFoundError(
            f"No module in {modules_dir}: put checkouts at <namespace>/<name>/<provider>/<version> below it, "
            "such as terraform-aws-modules/ecr/aws/2.3.1."
        )
    return packages


def _packed(files: Mapping[str, bytes]) -> bytes:
    """The files as a .tar.gz, the same bytes at any time."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for path in sorted(files):
            entry = tarfile.TarInfo(path)
            entry.size = len(files[path])
            archive.addfile(entry, io.BytesIO(files[path]))
    return gzip.compress(packed.getvalue(), mtime=0)


_VERSIONS = """\
terraform {{
  required_version = "{terraform}"

  required_providers {{
    aws = {{
      source  = "hashicorp/aws"
      version = "{aws}"
    }}
  }}
}}
"""
