"""skopeo pulls upstream names through the caches, by the registries.conf that `cluster` prints."""

import json
from pathlib import Path

import pytest

from emulator.organization import STRANGER
from emulator.upstream_registry import DockerHub, UpstreamRegistry
from pull_through_cache.cluster.registries_conf import registries_conf
from pull_through_cache.images.names import Cache, Caches
from tests.aws import REGISTRY
from tests.clients.programs import Finished, run
from tests.registries import EVERYTHING, LOGIN, UPSTREAMS, Registries

pytestmark = pytest.mark.slow


class Skopeo:
    """skopeo with a registries.conf, and logged in to the registry of the caches as docs/clusters.md says."""

    def __init__(self, registries: Registries, caches: Caches, password: str, folder: Path) -> None:
        self._folder = folder
        self._environment = registries.internet.environment
        (folder / "registries.conf").write_text(registries_conf(caches, "For a test."))
        login = self._run("login", "--username=AWS", f"--password={password}", REGISTRY)
        assert login.returncode == 0, login.stderr
        registries.internet.asked.clear()

    def copy(self, name: str) -> Finished:
        return self._run("copy", "--all", f"docker://{name}", f"oci:{self._folder}/copy")

    def _run(self, command: str, *arguments: str) -> Finished:
        environment = self._environment | {"REGISTRY_AUTH_FILE": str(self._folder / "auth.json")}
        configuration = f"{self._folder}/registries.conf"
        return run("skopeo", "--registries-conf", configuration, command, *arguments, environment=environment)

    def copied(self, name: str) -> str:
        """The digest of the image that was copied, with all its bytes."""
        finished = self.copy(name)
        assert finished.returncode == 0, finished.stderr
        index = json.loads((self._folder / "copy" / "index.json").read_text())
        return str(index["manifests"][-1]["digest"])


def hosts_that_got(password: str, registries: Registries) -> set[str]:
    """The hosts that clients offered the node's password to."""
    return {each.host for each in registries.internet.asked if each.offers(password)}


def digest_of(registries: Registries) -> str:
    descriptor = registries.app.find("1")
    assert descriptor
    return str(descriptor["digest"])


@pytest.mark.parametrize(
    ("name", "repository"),
    [
        ("quay.io/team/app:1", "quay/team/app"),
        ("quay.io/team/app@DIGEST", "quay/team/app"),
        ("docker.io/library/nginx:1", "docker-hub/library/nginx"),
        ("docker.io/team/app:1", "docker-hub/team/app"),
        ("nginx:1", "docker-hub/library/nginx"),
        ("public.ecr.aws/team/app:1", "public-ecr/team/app"),
    ],
)
def test_an_image_comes_through_its_cache(
    registries: Registries, node: str, cached: Caches, tmp_path: Path, name: str, repository: str
) -> None:
    digest = digest_of(registries)
    skopeo = Skopeo(registries, cached, node, tmp_path)

    assert skopeo.copied(name.replace("DIGEST", digest)) == digest

    [made] = registries.aws.client("ecr").describe_repositories()["repositories"]
    assert made["repositoryName"] == repository
    assert hosts_that_got(node, registries) == {REGISTRY}


def test_with_the_upstream_down_the_cached_image_is_pulled(
    registries: Registries, node: str, cached: Caches, tmp_path: Path
) -> None:
    skopeo = Skopeo(registries, cached, node, tmp_path)
    skopeo.copied("docker.io/library/nginx:1")
    registries.without_upstream()

    assert skopeo.copied("docker.io/library/nginx:1") == digest_of(registries)


def test_when_the_cache_rejects_a_pull_no_other_host_is_asked(
    registries: Registries, cached: Caches, tmp_path: Path
) -> None:
    stranger = registries.token(registries.aws.role(EVERYTHING, account=STRANGER))
    skopeo = Skopeo(registries, cached, stranger, tmp_path)

    assert "does not exist in the registry with id" in skopeo.copy("docker.io/library/nginx:1").stderr
    assert {each.host for each in registries.internet.asked} == {REGISTRY}


def test_an_image_that_another_cache_would_take_comes_from_the_upstream_without_the_password(
    registries: Registries, node: str, tmp_path: Path
) -> None:
    caches = (Cache("docker-hub", "docker.io", ""), Cache("quay", "quay.io", "quay"))
    skopeo = Skopeo(registries, Caches(REGISTRY, frozenset([REGISTRY]), caches), node, tmp_path)
    hub = DockerHub(UpstreamRegistry({"quay/clair": registries.app}), LOGIN)

    with registries.playing(hub, "registry-1.docker.io"), registries.playing(hub, "auth.docker.io"):
        assert skopeo.copied("quay/clair:1") == digest_of(registries)

    assert {each.host for each in registries.internet.asked} == set(DockerHub.HOSTS)
    assert hosts_that_got(node, registries) == set()


def test_a_registry_without_a_cache_is_asked_itself(
    registries: Registries, node: str, cached: Caches, tmp_path: Path
) -> None:
    skopeo = Skopeo(registries, cached, node, tmp_path)

    assert skopeo.copied("registry.k8s.io/team/app:1") == digest_of(registries)
    assert {each.host for each in registries.internet.asked} & {REGISTRY, *UPSTREAMS} == {"registry.k8s.io"}
