"""Rewriting a piece that is repeated four times as often takes at most about four times the work."""

import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from textwrap import indent

import pytest
from hypothesis import example, given

from pull_through_cache.files.problems import InvalidFile
from pull_through_cache.files.yaml_stream import documents
from pull_through_cache.images.kustomize import Kustomizations
from pull_through_cache.images.names import InvalidImageName, parse
from pull_through_cache.images.rewriting import rewrite
from tests.growth import PIECES, assert_linear
from tests.images.conftest import Named

MAX_MESSAGE = 1_500
READERS: dict[str, tuple[str, Callable[[str], str]]] = {
    "manifest": ("pod.yaml", str),
    "value": ("pod.yaml", lambda text: "image: " + re.sub(r"\s", "", text)),
    "list": ("pod.yaml", lambda text: f"a: [{text}]"),
    "text in a ConfigMap": (
        "map.yaml",
        lambda text: f"apiVersion: v1\nkind: ConfigMap\ndata:\n  a.yaml: |\n    image: a\n{indent(text, '    ')}",
    ),
    "script": ("job.yaml", lambda text: f"script: |\n  docker pull quay.io/a/b\n{indent(text, '  ')}"),
    "JSON": ("pod.json", lambda text: f'{{"image": "{text}"}}'),
    "Dockerfile": ("Dockerfile", lambda text: f"{text}\nFROM a\n"),
    "instruction": ("Dockerfile", lambda text: "FROM a\nRUN " + text.replace("\n", "")),
    "kustomization": ("kustomization.yaml", lambda text: f"images:\n- name: a\n{text}"),
}


@pytest.mark.parametrize("reader", READERS)
@given(piece=PIECES)
@example(piece="#\r\n")
@example(piece='\\"')
@example(piece="{{")
@example(piece="a.")
@example(piece=", }@sha256:, FROM a image: ")
def test_work_is_linear(named: Named, reader: str, piece: str) -> None:
    name, around = READERS[reader]
    caches = named("usual")

    def work(number: int) -> Callable[[], None]:
        content = around(piece * number).encode()

        def read() -> None:
            try:
                for document in documents(BytesIO(content), Path(name)):
                    rewrite(document, caches)
            except InvalidFile as error:
                assert len(str(error)) < MAX_MESSAGE  # noqa: PT017 - not every piece is a problem

        return read

    assert_linear(work, 200)


@given(piece=PIECES)
def test_work_is_linear_for_a_name(piece: str) -> None:
    def work(number: int) -> Callable[[], None]:
        def read() -> None:
            try:
                parse(piece * number)
            except InvalidImageName as error:
                assert len(str(error)) < MAX_MESSAGE  # noqa: PT017 - not every piece is a problem

        return read

    assert_linear(work, 100)


@pytest.mark.parametrize(
    "pattern", ["(a*)*b", "(a|a)" * 30 + "b", ".*" * 20 + "b", "a{99999999999}", "(" * 5_000 + "a" + ")" * 5_000]
)
def test_a_complex_pattern_of_kustomize_ends(tmp_path: Path, pattern: str) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "kustomization.yaml").write_text(f"resources: [pod.yaml]\nimages: [{{name: '{pattern}', newTag: x}}]\n")
    file = tmp_path / "pod.yaml"
    file.write_text("image: a\n")

    Kustomizations(file).why(file, "a" * 40)


def test_a_quote_that_is_not_closed_is_read_once(named: Named) -> None:
    def work(number: int) -> Callable[[], object]:
        document = next(documents(BytesIO(b"FROM a\nRUN " + b'\\"' * number), Path("Dockerfile")))
        return lambda: str(rewrite(document, named("usual")))

    assert_linear(work, 2_000)
