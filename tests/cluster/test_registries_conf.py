"""registries.conf, read as containers-registries.conf(5) describes."""

import tomllib

import pytest
from hypothesis import given

import tests.hypothesis_profiles  # noqa: F401
from pull_through_cache.cluster.registries_conf import registries_conf
from pull_through_cache.images.names import Caches, InvalidImageName, parse
from tests.cluster.deployments import caches, names
from tests.cluster.runtimes import podman
from tests.images.conftest import HOST, Named


@given(caches=caches, name=names)
def test_any_names_and_caches(caches: Caches, name: str) -> None:
    try:
        image, answer = parse(name), caches.cached(name)
    except InvalidImageName:
        return
    if ":" in image.registry:  # a prefix covers all ports, which test_agreement shows
        return
    location = podman(tomllib.loads(registries_conf(caches, "")), str(image))

    assert location in {answer.name if answer.state == "cacheable" else str(image), None}


def test_short_names_are_docker_hubs(named: Named) -> None:
    assert tomllib.loads(registries_conf(named("usual"), ""))["unqualified-search-registries"] == ["docker.io"]


def test_nothing_but_the_cache_is_tried(named: Named) -> None:
    tables = tomllib.loads(registries_conf(named("usual"), ""))["registry"]

    assert {key for table in tables for key in table} == {"prefix", "location"}
    assert {table["location"].partition("/")[0] for table in tables} == {HOST}


@pytest.mark.parametrize(
    ("name", "location"),
    [
        ("docker.io/library/nginx:1", f"{HOST}/library/nginx:1"),
        ("docker.io/quay/clair", "docker.io/quay/clair"),
        ("quay.io/quay/clair", f"{HOST}/quay/quay/clair"),
    ],
)
def test_names_that_another_cache_would_take(named: Named, name: str, location: str) -> None:
    assert podman(tomllib.loads(registries_conf(named("root"), "")), name) == location
