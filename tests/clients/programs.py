"""Runs clients and registries that are on PATH, and ends them."""

import json
import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.request import ProxyHandler, build_opener

Finished = subprocess.CompletedProcess[str]
LONGEST = 300
"""Seconds after which a program counts as hanging."""


def run(*command: str, environment: Mapping[str, str] | None = None) -> Finished:
    variables = {**{name: os.environ[name] for name in ("HOME", "PATH")}, **(environment or {})}
    return subprocess.run(command, env=variables, capture_output=True, text=True, timeout=LONGEST, check=False)


@contextmanager
def running(*command: str, log: Path, environment: Mapping[str, str]) -> Iterator["subprocess.Popen[bytes]"]:
    with log.open("wb") as file:
        process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=file, stderr=file)
        try:
            yield process
        finally:
            process.kill()
            process.wait()


@contextmanager
def docker_registry(folder: Path) -> Iterator[str]:
    """Debian's docker-registry on a free port; yields its URL."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    configuration = {
        "version": 0.1,
        "storage": {"filesystem": {"rootdirectory": str(folder / "registry")}},
        "http": {"addr": f"127.0.0.1:{port}"},
    }
    (folder / "registry.json").write_text(json.dumps(configuration))
    command = ("docker-registry", "serve", str(folder / "registry.json"))
    with running(*command, log=folder / "registry.log", environment={}) as process:
        url = f"http://127.0.0.1:{port}"
        _wait(process, folder / "registry.log", lambda: build_opener(ProxyHandler({})).open(f"{url}/v2/", timeout=5))
        yield url


@dataclass
class Containerd:
    """A containerd of its own, with ``ctr`` to talk to it. ``certs`` is the folder of the mirrors."""

    socket: Path
    environment: Mapping[str, str]
    certs: Path | None = None

    @classmethod
    @contextmanager
    def start(cls, folder: Path, environment: Mapping[str, str]) -> Iterator[Self]:
        settings = f'version = 2\nroot = "{folder}/root"\nstate = "{folder}/state"\n'
        # What pulling does not need, and what needs privileges.
        settings += 'disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.internal.v1.opt"]\n'
        (folder / "config.toml").write_text(f'{settings}[grpc]\naddress = "{folder}/socket"\n')
        command = ("containerd", "--config", str(folder / "config.toml"))
        with running(*command, log=folder / "log", environment=environment) as process:
            # ctr asks the registry itself.
            containerd = cls(folder / "socket", environment)
            _wait(process, folder / "log", lambda: containerd._ctr("version").check_returncode())
            yield containerd

    def pull(self, image: str, login: str | None = None) -> Finished:
        """Fetch into the content store, as a pull does; nothing is unpacked, which takes mounts.

        ctr offers the login to every host that it asks.
        """
        mirrors = ("--hosts-dir", str(self.certs)) if self.certs else ()
        user = ("--user", login) if login else ()
        return self._ctr("content", "fetch", "--all-platforms", *mirrors, *user, image)

    def images(self) -> str:
        return self._ctr("images", "ls").stdout

    def _ctr(self, *arguments: str) -> Finished:
        return run("ctr", "--address", str(self.socket), *arguments, environment=self.environment)


def _wait(process: "subprocess.Popen[bytes]", log: Path, ready: Callable[[], object]) -> None:
    """Wait until it answers; raises what it printed when it ends before."""
    begun = time.monotonic()
    while process.poll() is None and time.monotonic() - begun < LONGEST:
        try:
            ready()
        except (OSError, subprocess.CalledProcessError):
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(log.read_text())
