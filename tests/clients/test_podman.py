"""podman, as root or not."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from pull_through_cache.cluster.registries_conf import registries_conf
from pull_through_cache.images.names import Caches
from tests.aws import REGISTRY
from tests.clients.programs import run
from tests.registries import Registries

IMAGE = f"{REGISTRY}/quay/team/app:1"


def test_podman_pulls(registries: Registries, node: str) -> None:
    environment = registries.internet.environment
    # Not tmp_path: podman takes at most 50 characters.
    with TemporaryDirectory() as folder:
        storage = ("--root", f"{folder}/root", "--runroot", f"{folder}/run", "--storage-driver=vfs")
        pulled = run("podman", *storage, "pull", "-q", f"--creds=AWS:{node}", IMAGE, environment=environment)
        assert pulled.returncode == 0, pulled.stderr
        inspected = run("podman", *storage, "image", "inspect", IMAGE, "--format", "{{.Architecture}}")
    assert inspected.stdout.strip() in {"amd64", "arm64"}


def test_podman_pulls_a_short_name_through_its_cache(
    registries: Registries, node: str, cached: Caches, tmp_path: Path
) -> None:
    (tmp_path / "registries.conf").write_text(registries_conf(cached, "For a test."))
    environment = registries.internet.environment | {
        "CONTAINERS_REGISTRIES_CONF": str(tmp_path / "registries.conf"),
        "REGISTRY_AUTH_FILE": str(tmp_path / "auth.json"),
    }
    login = run("podman", "login", "--username=AWS", f"--password={node}", REGISTRY, environment=environment)
    assert login.returncode == 0, login.stderr
    registries.internet.asked.clear()
    with TemporaryDirectory() as folder:
        storage = ("--root", f"{folder}/root", "--runroot", f"{folder}/run", "--storage-driver=vfs")
        pulled = run("podman", *storage, "pull", "-q", "nginx:1", environment=environment)
        assert pulled.returncode == 0, pulled.stderr
        [image] = json.loads(run("podman", *storage, "image", "inspect", "nginx:1").stdout)

    assert image["RepoTags"] == ["docker.io/library/nginx:1"]
    assert {each.host for each in registries.internet.asked if each.offers(node)} == {REGISTRY}
