"""The reference of deployment files."""

import pytest

from pull_through_cache.deployment.reference import reference

REFERENCE = reference()


@pytest.mark.parametrize("cell", [1, 4, 5], ids=["type", "meaning", "example"])
def test_every_key_has_its(cell: int) -> None:
    rows = [
        line.replace("\\|", "¦").split(" | ") for line in REFERENCE.splitlines() if line.startswith(("| `", "| **"))
    ]

    assert len(rows) > 60
    # The key that ECR does not support has no example.
    assert [row[0] for row in rows if not row[cell - (cell > 3)].strip(" |")] == (
        ["| `kms_key_id`"] if cell == 5 else []
    )


def test_no_row_has_more_cells_than_the_table() -> None:
    rows = [line.replace("\\|", "") for line in REFERENCE.splitlines() if line.startswith("|")]

    assert {row.count("|") for row in rows} == {6}
