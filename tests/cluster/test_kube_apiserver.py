"""The policies in a real kube-apiserver, 1.36 or later.

KUBEBUILDER_ASSETS names the folder with kube-apiserver and etcd, as `setup-envtest use -p path 1.36` prints it.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from pull_through_cache.cluster.admission import mutating_admission_policy
from pull_through_cache.cluster.guard import Action, validating_admission_policy
from pull_through_cache.cluster.policies import Manifest, Scope
from pull_through_cache.images.names import Cache, Caches
from tests.cluster.kube_apiserver import KubeApiserver, Object, Rejected, running, until
from tests.images.conftest import HOST, NGINX, UPSTREAMS, Named
from tests.images.table import image_after, rows, written_out

USUAL = Scope()
PLURALS = {
    "MutatingAdmissionPolicy": "mutatingadmissionpolicies",
    "MutatingAdmissionPolicyBinding": "mutatingadmissionpolicybindings",
    "ValidatingAdmissionPolicy": "validatingadmissionpolicies",
    "ValidatingAdmissionPolicyBinding": "validatingadmissionpolicybindings",
}


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KubeApiserver]:
    with running(tmp_path_factory.mktemp("kube-apiserver")) as server:
        yield server


def path(manifest: Manifest) -> str:
    return f"/apis/admissionregistration.k8s.io/v1/{PLURALS[manifest['kind']]}"


class Policies:
    """Installs policies one after the other, and waits until they take effect."""

    def __init__(self, server: KubeApiserver) -> None:
        self._server = server
        self._installed: list[Manifest] = []

    def admit(self, caches: Caches, scope: Scope = USUAL) -> KubeApiserver:
        """A server with the MutatingAdmissionPolicy for these caches."""
        name = f"{caches.rules[0].source}a/marker"
        namespace = "shop" if scope.namespaces else "default"
        self._install(mutating_admission_policy(caches, scope))
        until(lambda: self._image(name, namespace) != name)
        return self._server

    def guard(self, caches: Caches, action: Action) -> KubeApiserver:
        """A server with the ValidatingAdmissionPolicy for these caches."""
        self._install(validating_admission_policy(caches, Scope(), "deny"))
        until(lambda: self._is_rejected("nginx"))
        if action != "deny":
            self._remove(self._installed.pop())
            self._install(validating_admission_policy(caches, Scope(), action)[1:])
            until(lambda: not self._is_rejected("nginx"))
        return self._server

    def remove(self) -> None:
        for manifest in reversed(self._installed):
            self._remove(manifest)
        until(lambda: not self._is_rejected("nginx") and self._image("nginx", "default") == "nginx")

    def _install(self, manifests: tuple[Manifest, ...]) -> None:
        for manifest in manifests:
            self._server.request("POST", path(manifest), manifest)
            self._installed.append(manifest)

    def _remove(self, manifest: Manifest) -> None:
        self._server.request("DELETE", f"{path(manifest)}/{manifest['metadata']['name']}")

    def _image(self, name: str, namespace: str) -> str:
        """The image after admission; the same image if a guard rejects it."""
        spec = {"containers": [{"name": "c", "image": name}]}
        try:
            return str(self._server.create_pod(spec, namespace=namespace)["spec"]["containers"][0]["image"])
        except Rejected:
            return name

    def _is_rejected(self, name: str) -> bool:
        try:
            self._server.images_of([name])
        except Rejected:
            return True
        return False


@pytest.fixture
def policies(server: KubeApiserver) -> Iterator[Policies]:
    policies = Policies(server)
    yield policies
    policies.remove()


@pytest.fixture(scope="session")
def shop(server: KubeApiserver) -> str:
    """A namespace with a label."""
    server.request("POST", "/api/v1/namespaces", {"metadata": {"name": "shop", "labels": {"team": "shop"}}})
    return "shop"


def pod(**lists: Any) -> Object:
    return {"containers": [{"name": "main", "image": "nginx"}], **lists}


@pytest.mark.parametrize("deployment", UPSTREAMS)
def test_the_table_of_names(policies: Policies, named: Named, deployment: str) -> None:
    table = [(name, becomes) for its_deployment, name, becomes in rows() if its_deployment == deployment]
    server = policies.admit(named(deployment))

    images = server.images_of([written_out(name) for name, _ in table])

    assert images == [image_after(name, becomes) for name, becomes in table]


def test_every_kind_of_image(policies: Policies, named: Named) -> None:
    server = policies.admit(named("usual"))
    volumes = [{"name": "v", "image": {"reference": "quay.io/a/b:1"}}, {"name": "w", "emptyDir": {}}]

    spec = server.create_pod(pod(initContainers=[{"name": "init", "image": "busybox"}], volumes=volumes))["spec"]

    assert spec["containers"][0]["image"] == NGINX
    assert spec["initContainers"][0]["image"] == f"{HOST}/docker-hub/library/busybox"
    assert spec["volumes"][0]["image"]["reference"] == f"{HOST}/quay/a/b:1"


def test_ephemeral_containers(policies: Policies, named: Named, server: KubeApiserver) -> None:
    server.create_pod(pod(), dry_run=False, name="debugged")
    ephemeral = "/api/v1/namespaces/default/pods/debugged/ephemeralcontainers"
    debugged = server.request("GET", ephemeral.rpartition("/")[0])
    debugged["spec"]["ephemeralContainers"] = [{"name": "before", "image": "busybox"}]
    debugged = server.request("PUT", ephemeral, debugged)
    policies.admit(named("usual"))
    debugged["spec"]["ephemeralContainers"].append({"name": "after", "image": "busybox"})

    debugged = server.request("PUT", ephemeral, debugged)

    images = [container["image"] for container in debugged["spec"]["ephemeralContainers"]]
    assert images == ["busybox", f"{HOST}/docker-hub/library/busybox"]
    assert debugged["spec"]["containers"][0]["image"] == "nginx"


@pytest.mark.parametrize(
    ("image", "metadata"),
    [
        pytest.param("auto", {}, id="Istio's auto"),
        pytest.param("nginx", {"labels": {"pull-through-cache": "disabled"}}, id="opted out"),
        pytest.param("nginx", {"labels": {"cnpg.io/cluster": "db"}}, id="CloudNativePG"),
        pytest.param("nginx", {"namespace": "kube-system"}, id="kube-system"),
        pytest.param("nginx", {"annotations": {"kubernetes.io/config.mirror": "0"}}, id="mirror pod"),
    ],
)
def test_pods_that_stay(policies: Policies, named: Named, image: str, metadata: Object) -> None:
    server = policies.admit(named("usual"))
    spec = {"nodeName": "node", "containers": [{"name": "main", "image": image}]}

    made = server.create_pod(spec, **metadata)

    assert made["spec"]["containers"][0]["image"] == image


def test_only_some_namespaces(policies: Policies, named: Named, shop: str) -> None:
    server = policies.admit(named("usual"), Scope(namespaces=("team", "shop")))

    assert server.create_pod(pod(), namespace=shop)["spec"]["containers"][0]["image"] == NGINX
    assert server.create_pod(pod())["spec"]["containers"][0]["image"] == "nginx"


def test_as_many_caches_and_containers_as_there_can_be(policies: Policies, server: KubeApiserver) -> None:
    caches = [Cache(f"c{n}", f"registry{n}.azurecr.io", f"prefix-{n}/{'x' * 20}") for n in range(49)]
    many = Caches(HOST, frozenset([HOST]), (*caches, Cache("last", "docker.io", "docker-hub")))
    images = [f"some-company/{'a' * 40}/image-{n}:v1.2.3@sha256:{'0' * 64}" for n in range(400)]
    policies.admit(many, Scope(fail=True))

    assert server.images_of(images) == [f"{HOST}/docker-hub/{image}" for image in images]


def test_the_guard_denies(policies: Policies, named: Named) -> None:
    server = policies.guard(named("usual"), "deny")

    with pytest.raises(Rejected) as rejected:
        server.images_of(["nginx", "gcr.io/a/b"])

    assert f"images that are not pulled through their cache: nginx (write {NGINX})" in str(rejected.value)
    assert "gcr.io/a/b" not in str(rejected.value)


def test_the_guard_warns(policies: Policies, named: Named) -> None:
    server = policies.guard(named("usual"), "warn")

    server.images_of(["nginx"])

    assert any(f"nginx (write {NGINX})" in warning for warning in server.warnings)


def test_the_guard_takes_what_admission_made(policies: Policies, named: Named) -> None:
    policies.guard(named("usual"), "deny")

    server = policies.admit(named("usual"))

    assert server.images_of(["nginx"]) == [NGINX]


@pytest.mark.parametrize("deployment", ["organization", "every-upstream"])
def test_the_golden_policies(server: KubeApiserver, deployment: str) -> None:
    golden = Path(__file__).with_name("golden")
    for output in ("admission", "guard"):
        for manifest in yaml.safe_load_all((golden / deployment / f"{output}.yaml").read_text()):
            server.request("POST", f"{path(manifest)}?dryRun=All", manifest)
