"""Time grows with the size of the input, and no faster."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pull_through_cache.images.names import MAX_NAME, InvalidImageName, parse
from tests.images.conftest import Run, outcome

MORE = 8
GROWTH = {
    "registries beside images": (
        "values.yaml",
        "",
        lambda number: f"k{number}: {{registry: r{number}, image: {{repository: a/b, tag: x}}}}\n",
    ),
    "a script in a ConfigMap": (
        "map.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata:\n  x: |\n",
        lambda number: f"    image: quay.io/a/b{number}\n",
    ),
    "values in an Argo CD application": (
        "application.yaml",
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: x}\n"
        "spec:\n  source:\n    chart: shop\n    helm:\n      values: |\n",
        lambda number: f"        k{number}: {{image: quay.io/a/b{number}}}\n",
    ),
    "a list of names that only look like images": (
        "list.yaml",
        "a:\n",
        lambda number: f"- quay.io/a/b{number}\n",
    ),
    "stages of a Dockerfile": (
        "Dockerfile",
        "",
        lambda number: f"# pull-through-cache: ignore\nFROM quay.io/a/b{number} AS x{number}\n",
    ),
}


def seconds(run: Run, file: Path) -> float:
    """CPU time of a rewrite, which a busy machine does not change."""
    start = time.process_time()
    assert outcome(run("rewrite", "--check", str(file)))[0] in (0, 1)
    return time.process_time() - start


@pytest.mark.slow
@pytest.mark.parametrize(("name", "head", "line"), GROWTH.values(), ids=GROWTH)
def test_time_is_linear(run: Run, tmp_path: Path, name: str, head: str, line: Callable[[int], str]) -> None:
    few, many = tmp_path / "few" / name, tmp_path / "many" / name
    for file, lines in ((few, 1_000), (many, 1_000 * MORE)):
        file.parent.mkdir()
        file.write_text(head + "".join(map(line, range(lines))))
    seconds(run, few)

    assert seconds(run, many) < 3 * MORE * seconds(run, few)


def test_an_image_name_has_a_limit() -> None:
    with pytest.raises(InvalidImageName, match="characters"):
        parse("a/" * MAX_NAME)
