"""Starts jsii's Node early, and without the second Node that jsii puts in between.

jsii starts Node when Python imports the first library, and waits while Node loads each library. Here Node starts at
once and loads cdktf while Python imports its half. jsii's Node starts another Node and passes every message on to it;
here Python talks to the second one directly. Everything else is as in jsii's own process.
"""

import atexit
import contextlib
import json
import os
import platform
import shutil
import socket
import subprocess
import sys
import warnings
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

import jsii
from jsii._embedded.jsii import EMBEDDED_FILES
from jsii._kernel.providers.process import ProcessProvider, _NodeProcess
from jsii._kernel.types import LoadRequest
from jsii._reference_map import _assembly_to_module

from lazy_bindings.node_faults import NodeError, check_machine, fault_of

if "lib/program.js" not in EMBEDDED_FILES.values():
    raise ImportError(f"jsii {jsii.__jsii_runtime_version__} starts another program")

_HOOK = Path(__file__).with_name("lazy_modules.cjs")
# jsii's program reads and writes file descriptor 3. Python can hand over only 0, 1 and 2 under the numbers it wants.
_SHELL = ("/bin/sh", "-c", 'exec "$@" 3<&0 </dev/null', "sh")

_STARTS = 60
"""Seconds within which Node greets Python after its start."""

_LEFT: list[Any] = []
"""The Node of a forked process's parent. If it were garbage-collected, it would delete the parent's temporary files."""


def install() -> None:
    """Starts Node, or replaces the one that an earlier import of cdktf has started."""
    earlier = bool(_assembly_to_module)
    if earlier:
        warnings.warn(
            "cdktf was imported before lazy_bindings, so loading takes longer; "
            "write `import lazy_bindings  # isort: skip` above the first import of cdktf",
            stacklevel=3,  # the line that imports lazy_bindings
        )
        if jsii.kernel.stats().object_count:  # type: ignore[no-untyped-call]
            return  # the objects are in that Node
        stop()
    jsii.kernel.provider = _Provider(_Node(_imported() if earlier else _imported_soon()))


def in_a_fork() -> None:
    """Gives a forked process a Node of its own, with the libraries of its parent's Node but none of its objects."""
    left = cast("_Provider", jsii.kernel.provider)._node
    atexit.unregister(left.stop)
    left.close()
    _LEFT.append(left)
    jsii.kernel.provider = _Provider(_Node(_imported()))


def stop() -> None:
    """Ends Node."""
    cast("ProcessProvider", jsii.kernel.provider)._process.stop()


def can_fork() -> bool:
    """Whether this module started Node, so that a forked process can have its own."""
    return isinstance(jsii.kernel.provider, _Provider)


def _imported_soon() -> Iterator[LoadRequest]:
    for package in ("constructs", "cdktf"):
        spec = find_spec(package)
        for file in Path(spec.origin).parent.glob("_jsii/*.jsii.tgz") if spec and spec.origin else ():
            yield LoadRequest(package, file.name.rpartition("@")[2].removesuffix(".jsii.tgz"), str(file))


def _imported() -> Iterator[LoadRequest]:
    for module in _assembly_to_module.values():
        package = sys.modules[f"{module}._jsii"]
        assembly = package.__jsii_assembly__
        yield LoadRequest(
            assembly.name, assembly.version, str(Path(str(package.__file__)).with_name(assembly.filename))
        )


class _Provider(ProcessProvider):
    """What jsii's kernel talks to Node through."""

    def __init__(self, node: "_Node") -> None:
        self._node = node

    @property
    def _process(self) -> "_Node":
        return self._node

    def load(self, request: LoadRequest) -> Any:
        """Makes Node load a library without waiting for it: meanwhile Python imports its half."""
        self._node.load(request)


class _Node(_NodeProcess):
    """jsii's Node. An error while it starts or loads a library is raised with the first request to it."""

    def __init__(self, loads: Iterator[LoadRequest]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._unread = 0
        self._greeted = False
        self._fault: OSError | None = None
        self._socket: socket.socket | None = None
        try:
            self.start()
            for request in loads:
                self.load(request)
        except OSError as error:
            self._fault = error

    def start(self) -> None:
        node = os.environ.get("JSII_NODE") or "node"
        if not shutil.which(node):
            raise NodeError(f"{node} cannot be run; unset JSII_NODE, or set it to the path of a Node")
        check_machine()
        program = Path(self._jsii_runtime()).parents[1] / "lib" / "program.js"
        options = ("--max-old-space-size=4069", "--no-deprecation", "--preserve-symlinks", "--require", str(_HOOK))
        self._socket, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [*_SHELL, node, *options, str(program)],
                stdin=theirs.fileno(),
                env={**os.environ, "JSII_AGENT": f"Python/{platform.python_version()}"},
            )
        self._process.stdin, self._process.stdout = self._socket.makefile("wb"), self._socket.makefile("rb")
        atexit.register(self.stop)

    def load(self, request: LoadRequest) -> None:
        if self._socket:
            with contextlib.suppress(OSError):  # Node has ended: its next answer will be missing
                self._socket.sendall(json.dumps(self._serializer.unstructure(request)).encode() + b"\n")
            self._unread += 1

    def send(self, request: Any, response_type: Any) -> Any:
        if self._fault:
            raise self._fault
        try:
            self._await_loads()
            return super().send(request, response_type)
        except (json.JSONDecodeError, ConnectionError, TimeoutError) as error:
            self._kill()
            raise NodeError("Node gives no answer; unset JSII_NODE, or set it to the path of another Node") from error
        except RuntimeError as error:
            if fault := fault_of(error):
                raise fault from error
            raise
        except (KeyboardInterrupt, SystemExit):
            self._kill()
            raise

    def _await_loads(self) -> None:
        if not self._greeted and self._socket:
            self._greeted = True
            self._socket.settimeout(_STARTS)
            self.handshake()
            self._socket.settimeout(None)
        while self._unread:
            self._unread -= 1
            answer = self._next_message()
            if "error" in answer:
                raise RuntimeError(answer["error"])

    def _kill(self) -> None:
        """Ends Node while it works on a request: nothing reads the answer, and Node must not write files any more."""
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout, self._socket) if self._socket else ():
            with contextlib.suppress(OSError):
                pipe.close()  # type: ignore[union-attr]
        self._socket = None

    def stop(self) -> None:
        """Ends Node when Python exits. This may take a while: the first time, Node writes an index of each library."""
        atexit.unregister(self.stop)
        if self._socket:
            with contextlib.suppress(OSError):
                self._socket.settimeout(60)
                self._socket.shutdown(socket.SHUT_WR)
                while self._socket.recv(65536):
                    pass  # an answer that Python did not wait for: Node would print that it cannot write it
            self.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=60)
        self._ctx_stack.close()
