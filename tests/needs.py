"""Files of tests that need a program which not every machine has. Without it they are left out, and pytest says so."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parent


def left_out() -> Iterator[tuple[str, str]]:
    """The files to leave out here, each with what it needs."""
    assets = Path(os.environ.get("KUBEBUILDER_ASSETS", "none"))
    if not all((assets / program).exists() for program in ("etcd", "kube-apiserver")):
        yield "cluster/test_kube_apiserver.py", "etcd and kube-apiserver in the folder that KUBEBUILDER_ASSETS names"
    if not shutil.which("skopeo"):
        yield "cluster/test_skopeo.py", "skopeo on PATH"
    if not shutil.which("containerd") or not shutil.which("ctr") or os.geteuid() != 0:
        yield "cluster/test_containerd_process.py", "containerd and ctr on PATH, and root"
