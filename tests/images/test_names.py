"""The cached names of images."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pull_through_cache.images.names import CachedName, InvalidImageName, parse
from tests.images.conftest import DIGEST, ELSEWHERE, HOST, Named
from tests.images.table import rows, written_out


def test_the_table_has_what_it_should() -> None:
    assert len(set(rows())) > 200


@pytest.mark.parametrize(("deployment", "name", "becomes"), rows(), ids=lambda part: part)
def test_a_name_becomes(named: Named, deployment: str, name: str, becomes: str) -> None:
    name = written_out(name)
    if becomes == "invalid":
        with pytest.raises(InvalidImageName):
            named(deployment).cached(name)
        return

    answer = named(deployment).cached(name)

    stays = becomes in ("cached", "own", "uncovered")
    assert answer.name == (name if stays else f"{HOST}/{written_out(becomes)}")
    assert answer.state == (becomes if stays else "cacheable")


@pytest.mark.parametrize(
    ("name", "upstream"),
    [
        pytest.param(f"{HOST}/docker-hub/library/nginx:1", "docker.io/library/nginx:1", id="official image"),
        pytest.param(f"{HOST}/docker-hub/bitnami/redis@{DIGEST}", f"docker.io/bitnami/redis@{DIGEST}", id="digest"),
        pytest.param(f"{HOST}/kubernetes/pause", "registry.k8s.io/pause", id="another upstream"),
        pytest.param(f"{ELSEWHERE}/quay/a/b:1", "quay.io/a/b:1", id="another Region"),
    ],
)
def test_the_upstream_name_of_a_cached_image(named: Named, name: str, upstream: str) -> None:
    assert named("usual").upstream(name).name == upstream


@pytest.mark.parametrize(
    ("name", "cached"),
    [
        pytest.param("QUAY.IO/a/b:1", "quay/a/b:1", id="upper case"),
        pytest.param("quay.io:443/a/b", "quay/a/b", id="HTTPS's port"),
        pytest.param(f"Quay.io:443/a/b@{DIGEST}", f"quay/a/b@{DIGEST}", id="both"),
        pytest.param("Docker.io/nginx", "docker-hub/library/nginx", id="Docker Hub"),
        pytest.param("registry.hub.docker.com/nginx", "docker-hub/library/nginx", id="Docker Hub's other host"),
        pytest.param("registry.hub.docker.com/bitnami/redis:7", "docker-hub/bitnami/redis:7", id="and its paths"),
    ],
)
def test_other_spellings_of_a_host(named: Named, name: str, cached: str) -> None:
    """These are not in the table: containers' own programs do not know them."""
    assert named("usual").cached(name).name == f"{HOST}/{cached}"


def test_another_port_is_another_registry(named: Named) -> None:
    assert named("usual").cached("quay.io:8443/a/b").state == "uncovered"


@pytest.mark.parametrize(
    ("address", "cached"),
    [
        pytest.param("oci://ghcr.io/stefanprodan/charts/podinfo:6", "github/stefanprodan/charts/podinfo:6", id="chart"),
        pytest.param("oci://GHCR.io:443/acme/charts", "github/acme/charts", id="folder of charts"),
        pytest.param("oci://registry-1.docker.io/bitnamicharts", "docker-hub/bitnamicharts", id="Docker Hub's folder"),
        pytest.param(
            "oci://registry-1.docker.io/bitnamicharts/redis", "docker-hub/bitnamicharts/redis", id="Docker Hub"
        ),
    ],
)
def test_the_cached_address_of_a_chart(named: Named, address: str, cached: str) -> None:
    answer = named("usual").cached(address)

    assert answer.name == f"oci://{HOST}/{cached}"
    assert named("usual").cached(answer.name).state == "cached"


def test_the_upstream_name_has_the_upstream_prefix(named: Named) -> None:
    name = named("prefixes").upstream(f"{HOST}/production/java:21").name

    assert name == "444455556666.dkr.ecr.us-east-1.amazonaws.com/base/prod/java:21"


@pytest.mark.parametrize("name", ["nginx", "quay.io/a/b:1", "gcr.io/a/b"])
def test_what_is_not_cached_has_no_upstream_name(named: Named, name: str) -> None:
    assert named("usual").upstream(name) == CachedName(name, "uncovered")


@pytest.mark.parametrize("name", [" nginx", "nginx ", "nginx\n", "\tnginx", "ng inx", ""])
def test_space_is_not_in_names(named: Named, name: str) -> None:
    with pytest.raises(InvalidImageName):
        named("usual").cached(name)


def test_the_longest_name_that_clients_accept(named: Named) -> None:
    prefix, longest = "docker-hub/", 255
    path = "a/" + "b" * (longest - len(prefix) - 2)

    assert named("usual").cached(path).name == f"{HOST}/{prefix}{path}"
    assert named("usual").cached(f"{path}b").state == "uncovered"


component = st.from_regex(r"[a-z0-9]{1,6}((\.|_|__|-{1,2})[a-z0-9]{1,4}){0,2}", fullmatch=True)
registries = st.sampled_from(
    """
    docker.io index.docker.io registry-1.docker.io public.ecr.aws registry.k8s.io quay.io ghcr.io registry.gitlab.com
    contoso.azurecr.io cgr.dev 444455556666.dkr.ecr.us-east-1.amazonaws.com gcr.io localhost:5000
    """.split()
)
paths = st.lists(
    st.one_of(component, st.sampled_from(["library", "mirror", "quay", "base", "prod", "acme.com"])),
    min_size=1,
    max_size=4,
).map("/".join)
tags = st.one_of(st.just(""), st.from_regex(r":[A-Za-z0-9_][A-Za-z0-9_.-]{0,10}", fullmatch=True))
here = st.one_of(component, paths.map("team/{}".format))  # a first part with a dot would be a registry
repositories = st.one_of(here, st.builds("{}/{}".format, st.one_of(registries, st.just(HOST)), paths))
names = st.builds("{}{}{}".format, repositories, tags, st.sampled_from(["", f"@{DIGEST}"]))
deployments = st.sampled_from(["usual", "root", "prefixes"])


@given(deployment=deployments, name=names)
def test_a_cached_name_stays(named: Named, deployment: str, name: str) -> None:
    once = named(deployment).cached(name).name

    assert named(deployment).cached(once).name == once


@given(deployment=deployments, name=names)
def test_reverse_undoes(named: Named, deployment: str, name: str) -> None:
    answer = named(deployment).cached(name)
    assume(answer.state == "cacheable")

    assert named(deployment).upstream(answer.name).name == str(parse(name))


@given(deployment=deployments, name=names)
def test_tag_and_digest_stay(named: Named, deployment: str, name: str) -> None:
    assert parse(named(deployment).cached(name).name).version == parse(name).version
