"""podman, as root or not."""

from tempfile import TemporaryDirectory

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
