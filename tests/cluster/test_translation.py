"""The policies' translation gives every image the name that `image` gives it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tests.hypothesis_profiles  # noqa: F401
from pull_through_cache.images.names import Caches, InvalidImageName
from tests.cluster.cel import images_after
from tests.cluster.deployments import caches, names
from tests.images.conftest import Named


def cached(caches: Caches, name: str) -> str:
    try:
        return caches.cached(name).name
    except InvalidImageName:
        return name


@given(caches=caches, images=st.lists(names, min_size=1, max_size=20))
def test_any_names_and_caches(caches: Caches, images: list[str]) -> None:
    assert images_after(caches, images) == [cached(caches, name) for name in images]


@pytest.mark.parametrize("length", [244, 245], ids=["longest", "too long"])
def test_a_name_that_clients_take(named: Named, length: int) -> None:
    name = "a/" + "b" * (length - 2)

    assert images_after(named("usual"), [name]) == [named("usual").cached(name).name]
