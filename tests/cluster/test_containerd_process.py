"""Which hosts a real containerd asks, with the mirrors and the password for ECR that a node has."""

import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from pull_through_cache.cluster.containerd import mirrors
from tests.cluster.node import set_up
from tests.images.conftest import HOST, Named

pytestmark = pytest.mark.slow
LONGEST = 60
"""Seconds after which a program is taken to hang."""


class Proxy(ThreadingHTTPServer):
    """Notes which hosts containerd wants to talk to, and lets it talk to none."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: set[str] = set()

    @property
    def environment(self) -> dict[str, str]:
        url = f"http://127.0.0.1:{self.server_port}"
        return {**os.environ, "HTTPS_PROXY": url, "HTTP_PROXY": url, "NO_PROXY": ""}


class _Handler(BaseHTTPRequestHandler):
    server: Proxy

    def do_CONNECT(self) -> None:
        self.server.asked.add(self.path)
        self.send_error(502)

    def log_message(self, format: str, *_arguments: object) -> None:
        """Prints nothing."""


@pytest.fixture(scope="module")
def proxy() -> Iterator[Proxy]:
    with Proxy() as proxy:
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        yield proxy
        proxy.shutdown()


@contextmanager
def containerd(folder: Path, environment: dict[str, str]) -> Iterator[Path]:
    """The socket of a containerd with all its files in a folder."""
    socket = folder / "containerd.sock"
    config = f'version = 2\nroot = "{folder}/root"\nstate = "{folder}/state"\n[grpc]\naddress = "{socket}"\n'
    (folder / "config.toml").write_text(config)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            ["containerd", "--config", folder / "config.toml"], env=environment, stdout=log, stderr=log
        )
    try:
        end = time.monotonic() + LONGEST
        while subprocess.run(["ctr", "--address", socket, "version"], capture_output=True, check=False).returncode:
            assert process.poll() is None, (folder / "log").read_text()
            assert time.monotonic() < end, (folder / "log").read_text()
            time.sleep(0.1)
        yield socket
    finally:
        process.terminate()
        process.wait()


@pytest.fixture(scope="module")
def socket(tmp_path_factory: pytest.TempPathFactory, proxy: Proxy) -> Iterator[Path]:
    with containerd(tmp_path_factory.mktemp("containerd"), proxy.environment) as socket:
        yield socket


def asked_for(image: str, certs: Path, socket: Path, proxy: Proxy) -> set[str]:
    """The hosts that containerd asks for an image with a password."""
    proxy.asked.clear()
    command = [
        "ctr",
        "--address",
        str(socket),
        "images",
        "pull",
        "--hosts-dir",
        str(certs),
        "--user",
        "AWS:password",
        image,
    ]
    pull = subprocess.run(command, env=proxy.environment, capture_output=True, timeout=LONGEST, check=False)
    assert pull.returncode != 0
    return proxy.asked


@pytest.mark.parametrize(
    "image",
    [
        "docker.io/library/nginx:1",
        "quay.io/cilium/cilium:v1",
        "registry.k8s.io/pause:3.10",
        "ghcr.io/fluxcd/source-controller:v1",
        "registry.gitlab.com/group/project:1",
        "contoso.azurecr.io/shop:1",
        "cgr.dev/chainguard/static:latest",
    ],
)
def test_the_cache_is_asked_and_no_other_host(
    named: Named, tmp_path: Path, socket: Path, proxy: Proxy, image: str
) -> None:
    registry = image.partition("/")[0]
    (tmp_path / registry).mkdir()
    (tmp_path / registry / "hosts.toml").write_text(mirrors(named("usual")).hosts[registry])

    assert asked_for(image, tmp_path, socket, proxy) == {f"{HOST}:443"}


def test_without_a_mirror_another_host_is_asked(tmp_path: Path, socket: Path, proxy: Proxy) -> None:
    assert asked_for("docker.io/library/nginx:1", tmp_path, socket, proxy) == {"registry-1.docker.io:443"}


@pytest.mark.parametrize("config_path", ["{}/etc/containerd/certs.d", "{}/etc/containerd/certs.d:/etc/docker/certs.d"])
def test_the_script_knows_a_containerd_that_reads_the_mirrors(named: Named, tmp_path: Path, config_path: str) -> None:
    config = f'[plugins."io.containerd.grpc.v1.cri".registry]\nconfig_path = "{config_path.format(tmp_path)}"\n'
    (tmp_path / "config.toml").write_text(f"version = 2\n{config}")

    result = set_up(named("usual"), tmp_path, f'exec {shutil.which("containerd")} --config {tmp_path}/config.toml "$@"')

    assert result.returncode == 0, result.stderr


def test_the_script_knows_a_containerd_that_reads_no_mirrors(named: Named, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("version = 2\n")

    result = set_up(named("usual"), tmp_path, f'exec {shutil.which("containerd")} --config {tmp_path}/config.toml "$@"')

    assert result.returncode == 1
