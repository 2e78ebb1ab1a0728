"""A real kube-apiserver with its etcd, on loopback, from the folder that KUBEBUILDER_ASSETS names."""

import json
import os
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.client import HTTPSConnection
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

LONGEST = 120
"""Seconds after which a program is taken to hang."""
TOKEN = "administrator"

Object = dict[str, Any]


class Rejected(Exception):  # noqa: N818 - named after what happened
    """A request that kube-apiserver rejects."""


class KubeApiserver:
    """The requests that the tests send. `warnings` has what the last one was answered with besides its result."""

    def __init__(self, port: int, certificate: Path) -> None:
        self._port = port
        self._certificate = certificate
        self.warnings: list[str] = []

    def request(self, method: str, path: str, body: Object | None = None) -> Object:
        """What kube-apiserver answers. Raises Rejected."""
        context = ssl.create_default_context(cafile=str(self._certificate))
        connection = HTTPSConnection("127.0.0.1", self._port, context=context, timeout=LONGEST)
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
        with closing(connection):
            connection.request(method, path, json.dumps(body) if body else None, headers)
            response = connection.getresponse()
            answer = response.read().decode()
            self.warnings = response.headers.get_all("Warning") or []
        if response.status >= 400:
            raise Rejected(answer)
        return dict(json.loads(answer)) if answer.startswith("{") else {}

    def is_ready(self) -> bool:
        """Whether kube-apiserver answers, and has made the namespace `default`."""
        if not self._certificate.exists():
            return False
        try:
            self.request("GET", "/readyz")
            self.request("GET", "/api/v1/namespaces/default")
        except (Rejected, OSError):
            return False
        return True

    def create_pod(self, spec: Object, *, namespace: str = "default", dry_run: bool = True, **metadata: Any) -> Object:
        """A pod as it is after admission."""
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "pod", **metadata}, "spec": spec}
        query = "?dryRun=All" if dry_run else ""
        return self.request("POST", f"/api/v1/namespaces/{namespace}/pods{query}", pod)

    def images_of(self, images: list[str]) -> list[str]:
        """The images of a new pod with a container for each of these."""
        containers = [{"name": f"c{number}", "image": image} for number, image in enumerate(images)]
        return [container["image"] for container in self.create_pod({"containers": containers})["spec"]["containers"]]


def until(happened: Callable[[], bool]) -> None:
    """Waits for something that takes kube-apiserver a moment."""
    end = time.monotonic() + LONGEST
    while not happened():
        assert time.monotonic() < end, f"{happened} did not happen"
        time.sleep(0.1)


@contextmanager
def running(folder: Path) -> Iterator[KubeApiserver]:
    """A server with its files in `folder`, which is gone afterwards."""
    port = _free_port()
    _write_key(folder)
    (folder / "tokens.csv").write_text(f"{TOKEN},administrator,1,system:masters\n")
    processes: list[subprocess.Popen[bytes]] = []
    try:
        for command in _commands(Path(os.environ["KUBEBUILDER_ASSETS"]), folder, port):
            with (folder / f"{Path(command[0]).name}.log").open("wb") as log:
                processes.append(subprocess.Popen(command, stdout=log, stderr=log))
        server = KubeApiserver(port, folder / "apiserver.crt")
        until(server.is_ready)
        yield server
    finally:
        for process in reversed(processes):
            process.kill()
            process.wait()


def _commands(programs: Path, folder: Path, port: int) -> list[list[str]]:
    """The commands of etcd and of a kube-apiserver on `port`."""
    etcd, peer = _free_port(), _free_port()
    return [
        [
            f"{programs}/etcd",
            f"--data-dir={folder}/etcd",
            f"--listen-client-urls=http://127.0.0.1:{etcd}",
            f"--advertise-client-urls=http://127.0.0.1:{etcd}",
            f"--listen-peer-urls=http://127.0.0.1:{peer}",
            f"--initial-advertise-peer-urls=http://127.0.0.1:{peer}",
            f"--initial-cluster=default=http://127.0.0.1:{peer}",
        ],
        [
            f"{programs}/kube-apiserver",
            f"--etcd-servers=http://127.0.0.1:{etcd}",
            "--bind-address=127.0.0.1",
            f"--secure-port={port}",
            f"--cert-dir={folder}",
            f"--token-auth-file={folder}/tokens.csv",
            "--authorization-mode=AlwaysAllow",
            "--disable-admission-plugins=ServiceAccount",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-key-file={folder}/key.pub",
            f"--service-account-signing-key-file={folder}/key",
            "--service-cluster-ip-range=10.0.0.0/24",
        ],
    ]


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _write_key(folder: Path) -> None:
    """The key that kube-apiserver signs tokens of service accounts with, which it wants to start."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    (folder / "key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (folder / "key.pub").write_bytes(public)
