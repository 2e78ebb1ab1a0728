from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from textwrap import dedent

import pytest
from click.testing import CliRunner, Result

import tests.hypothesis_profiles  # noqa: F401
from pull_through_cache.commands import commands
from pull_through_cache.deployment import load
from pull_through_cache.files.yaml_stream import documents
from pull_through_cache.images import names
from pull_through_cache.images.names import Caches
from pull_through_cache.images.rewriting import Finding, rewrite

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

NGINX = f"{HOST}/docker-hub/library/nginx"
WORKLOADS = """\
    workloads:
      far: {account_id: "210987654321", region: us-west-2, node_roles: [nodes]}
      near: {account_id: "210987654321", node_roles: [others], policy_name: near}
    """

Named = Callable[[str], Caches]
Run = Callable[..., Result]


def deployment(folder: Path, upstreams: str = "usual", more: str = "") -> Path:
    """A deployment file with these upstreams."""
    file = folder / "deployment.yaml"
    lines = dedent(UPSTREAMS[upstreams]).splitlines(keepends=True)
    file.write_text(REGISTRY + "".join(f"    {line}" for line in lines) + dedent(more))
    return file


def caches_of(folder: Path, upstreams: str = "usual") -> Caches:
    """The caches of these upstreams, to be pulled from in the first Region; `folder` gets their deployment file."""
    return names.caches(load(deployment(folder, upstreams)).registry, account_id="111122223333", region="eu-central-1")


@pytest.fixture(scope="session")
def named(tmp_path_factory: pytest.TempPathFactory) -> Named:
    """The caches of the deployment of this name, to be pulled from in its first Region."""
    return {name: caches_of(tmp_path_factory.mktemp(name), name) for name in UPSTREAMS}.__getitem__


@pytest.fixture(scope="session")
def caches(named: Named) -> Caches:
    return named("usual")


def findings(content: str, caches: Caches, name: str = "values.yaml") -> list[Finding]:
    """What is known of the images of a file with this content and name."""
    stream = documents(BytesIO(content.encode()), Path(name))
    return [finding for document in stream for finding in rewrite(document, caches).findings]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command in a folder with a deployment file."""
    monkeypatch.setenv("DEPLOYMENT", str(deployment(tmp_path, more=WORKLOADS)))
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, stdin: str | None = None) -> Result:
        return CliRunner().invoke(commands, arguments, input=stdin, catch_exceptions=False)

    return run


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    """A file with an image that a cache covers, on line 2, and one that none does."""
    file = tmp_path / "pod.yaml"
    file.write_text("# pod\nimage: nginx\n---\nimage: gcr.io/a/b\n")
    return file


def outcome(result: Result) -> tuple[int, str, str]:
    return result.exit_code, result.stdout, result.stderr
