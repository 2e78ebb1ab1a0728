from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from pull_through_cache.deployment import load
from pull_through_cache.images import Caches, caches

HOST = "111122223333.dkr.ecr.eu-central-1.amazonaws.com"
ELSEWHERE = "111122223333.dkr.ecr.us-west-2.amazonaws.com"
DIGEST = f"sha256:{'0123456789abcdef' * 4}"

UPSTREAMS = {
    "usual": """\
        docker-hub: {registry: docker-hub, credentials: {}}
        public-ecr: {registry: ecr-public, prefix: ecr-public}
        kubernetes: {registry: k8s}
        quay: {url: quay.io}
        github: {url: ghcr.io, credentials: {}}
        gitlab: {url: registry.gitlab.com, credentials: {}}
        azure: {registry: azure-container-registry, name: contoso, credentials: {}}
        chainguard: {registry: chainguard, credentials: {}}
        ecr: {registry: ecr, account_id: "444455556666", region: us-east-1}
        """,
    "root": """\
        docker-hub: {registry: docker-hub, prefix: ROOT, credentials: {}}
        quay: {registry: quay}
        quay-team: {registry: quay, prefix: team/quay}
        """,
    "prefixes": """\
        docker-hub: {registry: docker-hub, prefix: mirror, credentials: {}}
        quay: {registry: quay, prefix: mirror/quay/}
        k8s: {registry: k8s, prefix: mirror/k8s}
        github: {url: ghcr.io, prefix: g.h_c-r, credentials: {}}
        base: {registry: ecr, account_id: "444455556666", region: us-east-1, upstream_prefix: base}
        production: {registry: ecr, account_id: "444455556666", region: us-east-1, upstream_prefix: base/prod/}
        chainguard: {registry: chainguard, credentials: {}}
        acme: {registry: chainguard, upstream_prefix: acme.com, credentials: {}}
        """,
}
REGISTRY = """\
registry:
  account_id: "111122223333"
  regions: [eu-central-1, us-west-2]
  upstreams:
"""

Named = Callable[[str], Caches]


def deployment(folder: Path, upstreams: str = "usual", more: str = "") -> Path:
    """A deployment file with these upstreams."""
    file = folder / "deployment.yaml"
    lines = dedent(UPSTREAMS[upstreams]).splitlines(keepends=True)
    file.write_text(REGISTRY + "".join(f"    {line}" for line in lines) + dedent(more))
    return file


@pytest.fixture(scope="session")
def named(tmp_path_factory: pytest.TempPathFactory) -> Named:
    """The caches of the deployment of this name, to be pulled from in its first Region."""
    made = {}
    for name in UPSTREAMS:
        registry = load(deployment(tmp_path_factory.mktemp(name), name)).registry
        made[name] = caches(registry, account_id="111122223333", region="eu-central-1")
    return made.__getitem__
