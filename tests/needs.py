"""Files of tests that need a program which not every machine has. Without it, pytest leaves them out and prints why."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parent


def missing(*programs: str) -> list[str]:
    return [program for program in programs if not shutil.which(program)]


def left_out() -> Iterator[tuple[str, str]]:
    """The files to leave out here, each with what it needs."""
    assets = Path(os.environ.get("KUBEBUILDER_ASSETS", "none"))
    if not all((assets / program).exists() for program in ("etcd", "kube-apiserver")):
        yield "cluster/test_kube_apiserver.py", "etcd and kube-apiserver in the folder that KUBEBUILDER_ASSETS names"
    if missing("skopeo"):
        yield "cluster/test_skopeo.py", "skopeo on PATH"
        yield "clients/test_skopeo.py", "skopeo on PATH"
        yield "clients/test_registries_conf.py", "skopeo on PATH"
    if missing("skopeo", "docker-registry"):
        yield "clients/test_docker_registry.py", "skopeo and docker-registry on PATH"
    if missing("containerd", "ctr") or os.geteuid() != 0:
        yield "cluster/test_containerd_process.py", "containerd and ctr on PATH, and root"
        yield "clients/test_containerd.py", "containerd and ctr on PATH, and root"
        yield "clients/test_hosts_toml.py", "containerd and ctr on PATH, and root"
    if missing("podman"):
        yield "clients/test_podman.py", "podman on PATH"
