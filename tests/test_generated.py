"""Generated files are fresh."""

from pathlib import Path

import pytest

from tests.deployment.documents import MISTAKES
from tests.generated import DEPLOYMENTS, GOLDEN_CLUSTERS, GOLDEN_STACKS, MANIFESTS, PROJECT, generated

FILES = [
    DEPLOYMENTS / "deployment.schema.json",
    PROJECT / "docs" / "deployment-file.md",
    PROJECT / "docs" / "picture.svg",
    *sorted(GOLDEN_STACKS.rglob("*.tf.json")),
    *sorted(GOLDEN_CLUSTERS.glob("*/*")),
    *sorted(MISTAKES.glob("*.txt")),
    *sorted(MANIFESTS.glob("*.cached*")),
]


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(PROJECT)))
def test_it_is_fresh(file: Path) -> None:
    assert file.read_text() == generated().get(file), "run `make docs`"


def test_none_is_missing() -> None:
    assert set(generated()) == set(FILES), "run `make docs`"
