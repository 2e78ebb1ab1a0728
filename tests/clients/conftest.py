"""Images for real clients, with the names that clients use in production."""

import pytest

from tests.registries import EVERYTHING, Registries


@pytest.fixture
def node(registries: Registries) -> str:
    """The password of a node that may do everything; quay.io is cached, and has an image."""
    registries.app.add("1", {"etc/motd": b"hello"}, platforms=("amd64", "arm64"))
    registries.aws.cache_quay()
    return registries.token(registries.aws.role(EVERYTHING))
