"""Starts jsii's Node before it is needed, and sends it ahead what will be asked first: to load the libraries.

jsii starts Node when Python imports the first of them, and waits, then and for each library. Here Node loads them while
Python reads the deployment file and imports its half of them. In all else it is jsii's own process. This module cannot be
imported with a jsii that it was not made for.
"""

import contextlib
import json
import subprocess
from collections import deque
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any, cast

import jsii
from jsii._kernel.providers.process import ProcessProvider, _NodeProcess
from jsii._kernel.types import LoadRequest
from jsii._reference_map import _assembly_to_module

if jsii.__jsii_runtime_version__ != "1.142.0":
    raise ImportError(f"jsii is {jsii.__jsii_runtime_version__}")


_LIBRARIES = {"constructs": "constructs", "cdktf": "cdktf", "cdktf_cdktf_provider_aws": "@cdktf/provider-aws"}
"""The Python packages, in the order in which they are imported, with their names in JavaScript."""


def start_node(site_packages: Path) -> None:
    """Starts Node with the environment of this moment, and lets it load the libraries of this folder's packages.

    Does nothing where another library has started Node already.
    """
    if _assembly_to_module:
        return
    loads = [
        LoadRequest(name=name, version=file.name.rpartition("@")[2].removesuffix(".jsii.tgz"), tarball=str(file))
        for package, name in _LIBRARIES.items()
        for file in (site_packages / package / "_jsii").glob("*.jsii.tgz")
    ]
    jsii.kernel.provider = _Provider(_Node(loads))


class _Provider(ProcessProvider):
    """What jsii's kernel talks to Node through."""

    def __init__(self, node: "_Node") -> None:
        self._node = node

    @property
    def _process(self) -> "_Node":
        return self._node


class _Node(_NodeProcess):
    """jsii's Node, whose greeting is awaited when it is first asked for something."""

    def __init__(self, loads: Iterable[LoadRequest]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._loads = loads
        self._greeted = False
        self.start()  # type: ignore[no-untyped-call]

    def handshake(self) -> None:
        """What `start` ends with, and would wait in."""
        lines = [json.dumps(self._serializer.unstructure(load)).encode() + b"\n" for load in self._loads]
        self._process.stdin = cast("IO[bytes]", _Input(self._process, lines))

    def stop(self) -> None:
        """What Python ends with. jsii gives Node five seconds, in which a slow machine cannot write its index."""
        pipe = self._process.stdin
        if pipe and not pipe.closed:
            with contextlib.suppress(BrokenPipeError):
                pipe.write(b'{"exit":0}\n')
                pipe.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=60)
        super().stop()

    def send(self, request: Any, response_type: Any) -> Any:
        if not self._greeted:
            self._greeted = True
            super().handshake()
        return super().send(request, response_type)


class _Input:
    """Node's standard input. Lines that were sent ahead are not sent again when their turn comes."""

    def __init__(self, process: Any, ahead: Iterable[bytes]) -> None:
        self._input, self._answers, self._ahead = process.stdin, process.stdout, deque(ahead)
        with contextlib.suppress(BrokenPipeError):  # whoever asks first is told that Node has ended
            self._input.write(b"".join(self._ahead))
            self._input.flush()

    def write(self, line: bytes) -> None:
        if self._ahead and line == self._ahead[0]:
            self._ahead.popleft()
            return
        while self._ahead:  # something else comes first: what was sent ahead is asked for again later
            self._ahead.popleft()
            self._answers.readline()
        self._input.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._input, name)
