"""containerd pulls upstream names through the caches, by the files that the script for nodes writes."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from emulator.organization import STRANGER
from pull_through_cache.images.names import Caches
from tests.aws import REGISTRY
from tests.clients.programs import Containerd
from tests.cluster.node import set_up
from tests.registries import EVERYTHING, Registries

pytestmark = pytest.mark.slow
READS_MIRRORS = (
    """echo '[plugins."io.containerd.grpc.v1.cri".registry]'; echo "config_path = '{}/etc/containerd/certs.d'" """
)


@pytest.fixture
def containerd(registries: Registries, cached: Caches) -> Iterator[Containerd]:
    # Not tmp_path: the path of a socket must be short.
    with TemporaryDirectory() as folder, Containerd.start(Path(folder), registries.internet.environment) as containerd:
        node = Path(folder) / "node"
        written = set_up(cached, node, READS_MIRRORS.format(node))
        assert written.returncode == 0, written.stderr
        containerd.certs = node / "etc/containerd/certs.d"
        yield containerd


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
    ],
)
def test_an_image_comes_through_its_cache(
    registries: Registries, node: str, containerd: Containerd, name: str, repository: str
) -> None:
    digest = digest_of(registries)

    pulled = containerd.pull(name.replace("DIGEST", digest), f"AWS:{node}")

    assert pulled.returncode == 0, pulled.stderr
    assert digest in containerd.images()
    [made] = registries.aws.client("ecr").describe_repositories()["repositories"]
    assert made["repositoryName"] == repository
    assert {each.host for each in registries.internet.asked if each.offers(node)} == {REGISTRY}


def test_with_the_upstream_down_the_cached_image_is_pulled(
    registries: Registries, node: str, containerd: Containerd
) -> None:
    registries.pull("docker-hub/library/nginx", "1", registries.aws.role(EVERYTHING, name="another"))
    registries.without_upstream()

    assert containerd.pull("docker.io/library/nginx:1", f"AWS:{node}").returncode == 0
    assert digest_of(registries) in containerd.images()


def test_when_the_cache_rejects_a_pull_no_other_host_is_asked(registries: Registries, containerd: Containerd) -> None:
    stranger = registries.token(registries.aws.role(EVERYTHING, account=STRANGER))

    assert containerd.pull("docker.io/library/nginx:1", f"AWS:{stranger}").returncode != 0
    assert {each.host for each in registries.internet.asked} == {REGISTRY}


def test_a_registry_that_is_left_out_is_asked_itself(registries: Registries, containerd: Containerd) -> None:
    pulled = containerd.pull("public.ecr.aws/team/app:1")

    assert pulled.returncode == 0, pulled.stderr
    assert {each.host for each in registries.internet.asked} == {"public.ecr.aws"}
