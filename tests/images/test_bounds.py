"""Time grows with the size of the input, and no faster."""

import time
from collections.abc import Callable
from pathlib import Path
from textwrap import indent

import pytest

from pull_through_cache.images import tree
from pull_through_cache.images.embedded import MAX_TEXTS
from pull_through_cache.images.names import MAX_NAME, InvalidImageName, parse
from tests.images.conftest import HOST, Run, outcome

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


def nested_objects(depth: int) -> str:
    text = "{image: quay.io/a/b, b: [1, 2, 3]}"
    for _ in range(depth):
        text = f"{{apiVersion: v1, kind: List, items: [{text}]}}"
    return text


@pytest.mark.slow
def test_time_is_linear_in_nesting(run: Run, tmp_path: Path) -> None:
    few, many = tmp_path / "few.yaml", tmp_path / "many.yaml"
    few.write_text(f"---\n{nested_objects(20)}\n" * 10 * MORE)
    many.write_text(f"---\n{nested_objects(20 * MORE)}\n" * 10)
    seconds(run, few)

    assert seconds(run, many) < 3 * seconds(run, few)


def test_texts_in_texts_have_a_limit(run: Run) -> None:
    text = "image: quay.io/a/b\n"
    for _ in range(MAX_TEXTS + 2):
        text = f"x:\n  values.yaml: |\n{indent(text, '    ')}"

    assert "quay.io/a/b: looks like an image of quay.io, left" in run("rewrite", stdin=text).stderr


def test_aliases_of_aliases_take_no_time(run: Run) -> None:
    lines = "".join(f"k{number}: &k{number} [{', '.join([f'*k{number - 1}'] * 9)}]\n" for number in range(1, 40))

    assert f"{HOST}/quay/a/b" in run("rewrite", stdin=f"k0: &k0 {{image: quay.io/a/b}}\n{lines}").stdout


def test_a_document_has_a_limit_of_values(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree, "MAX_VALUES", 3)

    assert outcome(run("rewrite", stdin="a: 1\n---\na: [1, 2, 3]\n")) == (
        2,
        "",
        "<stdin>:2: has a document of more than 3 values; split it with lines of ---\n",
    )


def test_an_image_name_has_a_limit() -> None:
    with pytest.raises(InvalidImageName, match="characters"):
        parse("a/" * MAX_NAME)
