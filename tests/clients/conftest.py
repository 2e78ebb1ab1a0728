"""Images for real clients, with the names that clients use in production."""

import pytest

from pull_through_cache.images.names import Caches, caches
from tests.conftest import Load
from tests.registries import EVERYTHING, Registries

DEPLOYMENT = """
    registry:
      account_id: "123456789012"
      regions: [us-east-1]
      upstreams:
        quay: {registry: quay}
        docker-hub: {registry: docker-hub, credentials: {}}
        public-ecr: {registry: ecr-public}
    """


@pytest.fixture
def node(registries: Registries) -> str:
    """The password of a node that may do everything; quay.io is cached, and has an image."""
    registries.app.add("1", {"etc/motd": b"hello"}, platforms=("amd64", "arm64"))
    registries.aws.cache_quay()
    return registries.token(registries.aws.role(EVERYTHING))


@pytest.fixture
def cached(registries: Registries, node: str, load_text: Load) -> Caches:
    """Caches of three registries. The files for a client are made for them."""
    assert node
    registries.cache_docker_hub()
    registries.aws.client("ecr").create_pull_through_cache_rule(
        ecrRepositoryPrefix="public-ecr", upstreamRegistryUrl="public.ecr.aws"
    )
    return caches(load_text(DEPLOYMENT).registry, account_id="123456789012", region="us-east-1")
