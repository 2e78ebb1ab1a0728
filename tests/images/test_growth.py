"""Rewriting a piece that is repeated four times as often takes at most about four times the work."""

import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from textwrap import indent

import pytest
from hypothesis import example, given, strategies

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
# Each has its number, and that of the one before it.
ENTRIES = (
    "a{i}: &a{i} {{repository: acme/a{i}, tag: '{i}'}}",
    "b{i}: {{<<: *a{p}, registry: quay.io}}",
    "c{i}: &c{i} {{<<: *c{p}, image: 'quay.io/a/{i}'}}",
    "d{i}: {{<<: [*a0, *a{p}, *c{p}], tag: x}}",
    "e{i}: *a{p}",
    "f{i}: &f{i} [*f{p}, *c{p}]",
    "g{i}: &g{i} quay.io/a/g{i}",
    "h{i}: {{image: *g{p}}}",
    "j{i}: {{build: {{tags: [quay.io/a/{p}]}}, image: quay.io/a/{i}}}",
    "k{i}: docker push quay.io/a/{p}",
    "l{i}: {{name: l{i}, default: quay.io/a/{i}, image: $(params.l{p})}}",
    "m{i}: {{global: {{registry: quay.io}}, imagePrefix: m{p}/, image: {{repository: m{i}}}}}",
    "n{i}: {{apiVersion: v1, kind: Pod, spec: {{containers: [{{image: n{i}}}, *a{p}]}}}}",
    "o{i}: 'image: quay.io/a/{i}\\n\\nb: {{image: a}}'",
    "p{i}: {{name: quay.io/a/{p}, newTag: '1'}}  # pull-through-cache: ignore",
    'services{i}: {{image: nginx, dockerfile_inline: "FROM a{p} AS a{i}\\nFROM a{p}\\n"}}',
)
ANCHORS = "a0: &a0 {}\nc0: &c0 {}\nf0: &f0 []\ng0: &g0 x\n"
STAGES = (
    "ARG A{i}=quay.io/a/{i}:$A{p}",
    "FROM $A{p} AS s{i}",
    "FROM s{p} AS s{i}",
    "COPY --from=s{p} a b",
    "RUN --mount=from=s{p} a <<E{i}\nFROM a\nE{i}",
    "RUN a{i} \\\n  # a comment\n  b",
)


def numbered(entries: list[str], number: int) -> str:
    """Each entry this often, in turn. Where nothing makes an anchor again and again, aliases are of the first."""
    for letter in "acfg":
        if not any(entry.startswith(f"{letter}{{i}}") for entry in entries):
            entries = [entry.replace(f"*{letter}{{p}}", f"*{letter}0") for entry in entries]
    return "".join(entry.format(i=i, p=i - 1) + "\n" for i in range(1, number + 1) for entry in entries)


@pytest.mark.parametrize(
    ("name", "possible", "first"),
    [
        ("values.yaml", ENTRIES, ANCHORS),
        ("compose.yaml", ENTRIES, f"services: {{}}\n{ANCHORS}"),
        ("kustomization.yaml", ENTRIES, ANCHORS),
        ("Dockerfile", STAGES, "FROM a AS s0\n"),
    ],
    ids=["values", "Compose", "kustomization", "Dockerfile"],
)
@given(data=strategies.data())
def test_work_is_linear_for_parts_that_refer_to_each_other(
    named: Named, name: str, possible: tuple[str, ...], first: str, data: strategies.DataObject
) -> None:
    entries = data.draw(strategies.lists(strategies.sampled_from(possible), min_size=1, max_size=4, unique=True))
    caches = named("usual")

    def work(number: int) -> Callable[[], object]:
        content = (first + numbered(entries, number)).encode()
        [document] = documents(BytesIO(content), Path(name))
        return lambda: rewrite(document, caches)

    assert_linear(work, 25)


@pytest.mark.parametrize("reader", READERS)
@given(piece=PIECES)
@example(piece="#\r\n")
@example(piece='\\"')
@example(piece="{{")
@example(piece="a.")
@example(piece=" push -push")
@example(piece=" docker push -a")
@example(piece=" crane copy --a=b")
@example(piece=" build -t a")
@example(piece=" docker run -a b")
@example(piece=" $A=$A/$B push")
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

    Kustomizations(file).judge(file, "a" * 40)


def test_a_quote_that_is_not_closed_is_read_once(named: Named) -> None:
    def work(number: int) -> Callable[[], object]:
        document = next(documents(BytesIO(b"FROM a\nRUN " + b'\\"' * number), Path("Dockerfile")))
        return lambda: str(rewrite(document, named("usual")))

    assert_linear(work, 2_000)
