"""The rules by which the command line, the policies and the mirrors rename images."""

from hypothesis import given

import tests.hypothesis_profiles  # noqa: F401
from pull_through_cache.images.names import Caches, Image, InvalidImageName, parse
from tests.cluster.deployments import caches, names


def fetched(caches: Caches, image: Image) -> Image | None:
    """What ECR fetches for an image in the registry of the caches: the most specific prefix decides."""
    fits = [cache for cache in caches.caches if f"{image.repository}/".startswith(f"{cache.prefix}/".lstrip("/"))]
    fits = [cache for cache in fits if image.repository != cache.prefix]
    if not fits:
        return None
    cache = max(fits, key=lambda cache: len(cache.prefix))
    rest = image.repository.removeprefix(cache.prefix).lstrip("/")
    return Image(cache.registry, f"{cache.upstream_prefix}/{rest}".lstrip("/"), image.version)


@given(caches=caches, name=names)
def test_ecr_fetches_the_image_that_was_asked_for(caches: Caches, name: str) -> None:
    try:
        image, answer = parse(name), caches.cached(name)
    except InvalidImageName:
        return
    if answer.state == "cacheable":
        assert fetched(caches, parse(answer.name)) == image


@given(caches=caches, name=names)
def test_an_image_that_a_cache_could_fetch_is_covered(caches: Caches, name: str) -> None:
    try:
        image, answer = parse(name), caches.cached(name)
    except InvalidImageName:
        return
    if answer.state == "uncovered":
        for cache in caches.caches:
            upstream = f"{cache.upstream_prefix}/".lstrip("/")
            rest = image.repository.removeprefix(upstream)
            repository = f"{cache.prefix}/{rest}".lstrip("/")
            if cache.registry == image.registry and image.repository.startswith(upstream) and len(repository) <= 255:
                assert fetched(caches, Image(caches.host, repository, image.version)) != image


@given(caches=caches, name=names)
def test_names_in_the_registry_itself_stay(caches: Caches, name: str) -> None:
    try:
        image, answer = parse(name), caches.cached(name)
    except InvalidImageName:
        return
    if image.registry in caches.hosts:
        assert answer.name == name
