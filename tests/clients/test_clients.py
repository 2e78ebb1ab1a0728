"""Unmodified clients, under the names that they use in production."""

import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from emulator.organization import STRANGER
from tests.aws import REGISTRY
from tests.clients.programs import Containerd, Finished, docker_registry, run
from tests.registries import EVERYTHING, Registries

FILES = {"etc/motd": b"hello"}
IMAGE = f"{REGISTRY}/quay/team/app:1"


@pytest.fixture
def node(registries: Registries) -> str:
    """The password of a node that may do everything; quay.io is cached, and has an image."""
    registries.app.add("1", FILES, platforms=("amd64", "arm64"))
    registries.aws.cache_quay()
    return registries.token(registries.aws.role(EVERYTHING))


def skopeo(registries: Registries, *arguments: str) -> Finished:
    return run("skopeo", *arguments, environment=registries.internet.environment)


@pytest.mark.programs("skopeo")
def test_skopeo_copies_all_platforms(registries: Registries, node: str, tmp_path: Path) -> None:
    copied = skopeo(registries, "copy", "--all", f"--src-creds=AWS:{node}", f"docker://{IMAGE}", f"oci:{tmp_path}/copy")
    assert copied.returncode == 0, copied.stderr
    index = json.loads((tmp_path / "copy/index.json").read_text())
    assert registries.app.find(index["manifests"][0]["digest"]) == registries.app.find("1")


@pytest.mark.programs("skopeo")
def test_skopeo_shows_a_stranger_what_ecr_says(registries: Registries, node: str) -> None:
    registries.ask("quay/team/app/manifests/1", node)
    stranger = registries.token(registries.aws.role(EVERYTHING, account=STRANGER))
    refused = skopeo(registries, "inspect", f"--creds=AWS:{stranger}", f"docker://{IMAGE}")
    assert refused.returncode != 0
    assert "no resource-based policy allows the ecr:BatchGetImage action" in refused.stderr


@pytest.mark.programs("skopeo")
def test_skopeo_lists_tags(registries: Registries, node: str) -> None:
    registries.ask("quay/team/app/manifests/1", node)
    listed = skopeo(registries, "list-tags", f"--creds=AWS:{node}", f"docker://{REGISTRY}/quay/team/app")
    assert json.loads(listed.stdout)["Tags"] == ["1"]


@pytest.mark.programs("skopeo")
def test_skopeo_pushes_an_own_image(registries: Registries, node: str) -> None:
    registries.aws.client("ecr").create_repository(repositoryName="team/own")
    source, destination = f"docker://{IMAGE}", f"docker://{REGISTRY}/team/own:1"
    credentials = (f"--src-creds=AWS:{node}", f"--dest-creds=AWS:{node}")
    pushed = skopeo(registries, "copy", "--all", *credentials, source, destination)
    assert pushed.returncode == 0, pushed.stderr
    assert json.loads(registries.ask("team/own/tags/list", node)[2])["tags"] == ["1"]


@pytest.mark.programs("skopeo", "docker-registry")
def test_from_a_real_registry(registries: Registries, node: str, tmp_path: Path) -> None:
    layout = next(tmp_path.glob("app"))
    with docker_registry(tmp_path) as url:
        place = url.removeprefix("http://")
        copied = run("skopeo", "copy", "--all", "--dest-tls-verify=false", f"oci:{layout}:1", f"docker://{place}/a/b:1")
        assert copied.returncode == 0, copied.stderr
        registries.internet.play("public.ecr.aws", url)
        registries.aws.client("ecr").create_pull_through_cache_rule(
            ecrRepositoryPrefix="public", upstreamRegistryUrl="public.ecr.aws"
        )
        pulled = skopeo(registries, "inspect", "--raw", f"--creds=AWS:{node}", f"docker://{REGISTRY}/public/a/b:1")
    descriptor = registries.app.find("1")
    assert descriptor
    assert pulled.stdout.encode() == registries.app.file(descriptor["digest"]).read_bytes()


@pytest.fixture
def containerd(registries: Registries) -> Iterator[Containerd]:
    # Not tmp_path: the path of a socket must be short.
    with TemporaryDirectory() as folder, Containerd.start(Path(folder), registries.internet.environment) as containerd:
        yield containerd


@pytest.mark.programs("containerd", "ctr")
def test_containerd_pulls(registries: Registries, node: str, containerd: Containerd) -> None:
    pulled = containerd.pull(IMAGE, f"AWS:{node}")
    assert pulled.returncode == 0, pulled.stderr
    descriptor = registries.app.find("1")
    assert descriptor
    assert descriptor["digest"] in containerd.images()


@pytest.mark.programs("containerd", "ctr")
def test_containerd_shows_a_stranger_that_it_is_refused(
    registries: Registries, node: str, containerd: Containerd
) -> None:
    registries.ask("quay/team/app/manifests/1", node)
    stranger = registries.token(registries.aws.role(EVERYTHING, account=STRANGER))
    refused = containerd.pull(IMAGE, f"AWS:{stranger}")
    assert refused.returncode != 0
    assert "403 Forbidden" in refused.stderr


@pytest.mark.programs("podman")
def test_podman_pulls(registries: Registries, node: str) -> None:
    environment = registries.internet.environment
    # Not tmp_path: podman takes at most 50 characters.
    with TemporaryDirectory() as folder:
        storage = ("--root", f"{folder}/root", "--runroot", f"{folder}/run", "--storage-driver=vfs")
        pulled = run("podman", *storage, "pull", "-q", f"--creds=AWS:{node}", IMAGE, environment=environment)
        assert pulled.returncode == 0, pulled.stderr
        inspected = run("podman", *storage, "image", "inspect", IMAGE, "--format", "{{.Architecture}}")
    assert inspected.stdout.strip() in {"amd64", "arm64"}
