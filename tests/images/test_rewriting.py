"""Image names in YAML change, and every other byte stays the same."""

import tracemalloc
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pull_through_cache.files.problems import InvalidFile
from pull_through_cache.files.yaml_stream import documents
from pull_through_cache.images.names import Caches
from pull_through_cache.images.rewriting import rewrite
from tests.images.conftest import HOST, NGINX, Named, findings

MANIFESTS = Path(__file__).with_name("manifests")


def rewritten(content: str | bytes, caches: Caches, name: str = "file.yaml", *, reverse: bool = False) -> bytes:
    stream = BytesIO(content.encode() if isinstance(content, str) else content)
    read = documents(stream, Path(name), split=name != "Dockerfile")
    return b"".join(rewrite(document, caches, reverse=reverse).text.encode() for document in read)


def reasons(content: str, caches: Caches) -> list[str]:
    return [finding.stays for finding in findings(content, caches)]


FILES = sorted(file for file in MANIFESTS.iterdir() if ".cached" not in file.name)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_file_with_windows_line_ends(caches: Caches, file: Path) -> None:
    """What the files become, test_generated.py compares."""
    before, after = (each.read_bytes() for each in (file, file.with_name(f"{file.stem}.cached{file.suffix}")))

    assert rewritten(before.replace(b"\n", b"\r\n"), caches, file.name) == after.replace(b"\n", b"\r\n")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_file_that_is_rewritten_twice(caches: Caches, file: Path) -> None:
    after = file.with_name(f"{file.stem}.cached{file.suffix}").read_bytes()

    assert rewritten(after, caches, file.name) == after


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_file_in_reverse(caches: Caches, file: Path) -> None:
    """The upstream's names are written out, so they differ from those in the file; rewriting them gives the same."""
    after = file.with_name(f"{file.stem}.cached{file.suffix}").read_bytes()

    upstream = rewritten(after, caches, file.name, reverse=True)

    assert HOST.encode() not in upstream.replace(f"{HOST}/shop".encode(), b"")
    assert rewritten(upstream, caches, file.name) == after


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("image: {}", id="no end of line"),
        pytest.param("image: {}\n", id="plain"),
        pytest.param("image: '{}'\n", id="single quotes"),
        pytest.param('image: "{}"\n', id="double quotes"),
        pytest.param("image:   {}   # nginx\n", id="comment"),
        pytest.param("image:\n  {}\n", id="on the next line"),
        pytest.param("image: |-\n  {}\n# nginx\n", id="literal block"),
        pytest.param("image: >-\n     {}\n\n", id="folded block"),
        pytest.param("image: !!str {}\n", id="tag"),
        pytest.param("image: &nginx {}\n", id="anchor of the same name"),
        pytest.param("'image': {}\n", id="quoted key"),
        pytest.param("? image\n: {}\n", id="explicit key"),
        pytest.param("? [a, {{b: c}}]\n: {{image: {}}}\n", id="complex key"),
        pytest.param('{{"image":"{}"}}', id="JSON on a line"),
        pytest.param('{{\n\t"a": [\n\t\t{{"image": "{}"}}\n\t]\n}}\n', id="JSON with tabs"),
        pytest.param("\ufeffimage: {}\n", id="byte order mark"),
        pytest.param("%YAML 1.1\n%TAG ! !\n--- # x\nimage: {}\n...\n# end\n", id="directives"),
        pytest.param("--- {{image: {}}}\n", id="on the line of the marker"),
        pytest.param("---\n---\n\n--- \nimage: {}\n---\n", id="empty documents"),
        pytest.param("a: b\n---\nimage: {}\n...\n---\na: b\n", id="several documents"),
        pytest.param("a: b\n\ufeff---\nimage: {}\n", id="byte order mark of a later document"),
        pytest.param("ä𝄞: é𝄞\nimage: {} # 𝄞\n", id="beyond ASCII"),
        pytest.param("a: 'b\n\n  c'\nd: \"e\\\n  f\"\nimage: {}\n", id="text over several lines"),
        pytest.param("a: |\n  {{{{ b }}}}\n  image: nginx\nimage: {}\n", id="template in a block"),
        pytest.param("a: b\rimage: {}\r", id="old line ends"),
        pytest.param("a: b\n\n\n  # c\n\nimage: {}\n\n\n", id="blank lines"),
        pytest.param("image: {}\u2028\u0085\x0c"[:-1], id="line ends that only YAML 1.1 knows"),
    ],
)
def test_only_the_name_changes(caches: Caches, content: str) -> None:
    assert rewritten(content.format("nginx"), caches).decode() == content.format(NGINX)


def test_escapes_are_read(caches: Caches) -> None:
    content = r'[{"image": "quay.io\/a\/b"}, {"image": "ngin\x78"}]'

    assert rewritten(content, caches).decode() == f'[{{"image": "{HOST}/quay/a/b"}}, {{"image": "{NGINX}"}}]'


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("", id="nothing"),
        pytest.param("# only a comment\n", id="comment"),
        pytest.param("---\n", id="empty document"),
        pytest.param("- nginx\n- image\n", id="list"),
        pytest.param("image: [nginx]\n", id="list of images"),
        pytest.param("image: ~\n", id="null"),
        pytest.param("image: yes\n", id="true"),
        pytest.param("image: 2024-01-01\n", id="date"),
        pytest.param("image: ''\n", id="empty text"),
        pytest.param("image: !Ref nginx\n", id="tag of another program"),
        pytest.param("image: |\n  nginx\n", id="with a line end"),
        pytest.param("? {image: [nginx]}\n: nginx\n", id="key with an image"),
        pytest.param("repository: nginx\n", id="a repository of something"),
        pytest.param("image: ${IMAGE}\n", id="variable"),
        pytest.param("image: ${REGISTRY}/nginx:1\n", id="variable registry"),
        pytest.param("image: 'quay.io/a/${NAME}:1'\n", id="variable name"),
        pytest.param("image: '{{ image }}'\n", id="placeholder"),
    ],
)
def test_what_is_not_an_image_stays(caches: Caches, content: str) -> None:
    assert rewritten(content, caches).decode() == content


def test_why_images_stay(caches: Caches) -> None:
    content = """\
        - image: gcr.io/a/b
        - image: $IMAGE
        - image: ng inx
        - image: "quay.io/\\
            a/b"
        """

    assert reasons(content, caches) == [
        "no cache covers it",
        "is filled in later",
        "is not an image's name: invalid reference format",
        "has several lines or escapes; write it plainly, on one line",
    ]


def test_a_registry_that_images_share_stays_if_no_cache_covers_one_of_them(named: Named) -> None:
    content = """\
        a: {image: &a {registry: 444455556666.dkr.ecr.us-east-1.amazonaws.com, repository: base/java, tag: 1}}
        b: {image: {<<: *a, repository: java}}
        """

    assert rewritten(content, named("prefixes")).decode() == content
    assert reasons(content, named("prefixes")) == [
        "shares a part of its name with an image that needs another; write both out",
        "no cache covers it",
    ]


def test_what_is_known_of_an_image(caches: Caches) -> None:
    content = "a: b\n---\nspec:\n- {}\n- image: {registry: quay.io, repository: a/b, tag: 1}\n"
    (found,) = findings(content, caches)
    (_, document) = documents(BytesIO(content.encode()), Path("file.yaml"))

    assert found.where(document) == "file.yaml:5: spec[1].image.repository"
    assert found.image == "quay.io/a/b:1"
    assert found.cached == f"{HOST}/quay/a/b:1"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        pytest.param(b"a: b\n{{- if .Values.x }}\nimage: nginx\n{{- end }}\n", "2: is not YAML", id="template: if"),
        pytest.param(
            b"a: 1\nimage: {{ .Values.image }}\n", "2: is not YAML: {{ … }} is template syntax", id="template"
        ),
        pytest.param(b"image: {{ .a }}:{{ .b }}\n", "1: is not YAML: {{ … }} is template syntax", id="template: two"),
        pytest.param(b"a: b\n---\nc:\n{{ toYaml .Values.c | indent 2 }}\n", "4: is not YAML", id="template: indent"),
        pytest.param(b"image: nginx\n---\na: [\n", "4: is not YAML", id="open bracket"),
        pytest.param(b"image: nginx\n---\na: b\n c: d\n", "4: is not YAML", id="indentation"),
        pytest.param(b"a:\n\timage: nginx\n", "2: is not YAML", id="tab"),
        pytest.param(b"a: b\nimage: *nginx\n", "2: is not YAML: nothing has the anchor &nginx", id="alias"),
        pytest.param(b"a: &a b\n---\nb: *a\n", "3: is not YAML: nothing has the anchor &a", id="alias of before"),
        pytest.param(b"image: nginx\n\x7fELF\x02\xff\xfe", "2: is not UTF-8 text", id="binary"),
        pytest.param(b"image: nginx\na: \x00\n", "2: is not YAML: has the character #x00", id="control character"),
        pytest.param("image: nginx\n".encode("utf-16"), "1: is not UTF-8 text", id="UTF-16"),
        pytest.param("é: b\nimage: \ud800\n".encode("utf-8", "surrogatepass"), "2: is not UTF-8 text", id="surrogate"),
    ],
)
def test_what_is_not_yaml_is_rejected_with_its_line(caches: Caches, content: bytes, problem: str) -> None:
    with pytest.raises(InvalidFile) as refused:
        rewritten(content, caches)

    assert str(refused.value).startswith(f"file.yaml:{problem}")


def test_memory_does_not_grow_with_the_number_of_documents(caches: Caches) -> None:
    document_of_4_kb = b"---\nimage: nginx\n#" + b" " * 4_000 + b"\n"

    def peak(number: int) -> int:
        stream = BytesIO(document_of_4_kb * number)
        tracemalloc.start()
        for document in documents(stream, Path("file.yaml")):
            rewrite(document, caches)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return peak

    peak(10)

    assert peak(510) < peak(10) + 1_000_000  # 500 documents more are 2,000,000 bytes


images = st.sampled_from(
    [
        "nginx",
        "nginx:1",
        "a/b",
        "quay.io/a/b:1",
        "gcr.io/a/b",
        f"{HOST}/quay/a/b",
        "${A}",
        "a:$B",
        "{{ c }}",
        "true",
        "no one",
    ]
)
leaves = st.one_of(images, st.sampled_from([None, True, 7, "", "two\nlines\n", " x", "# y", "ä"]))
keys = st.sampled_from(
    ["image", "containers", "labels", "registry", "repository", "tag", "digest", "reference", "build", "other", "a b"]
)
registry_hosts = st.sampled_from(["docker.io", "quay.io", "gcr.io", ""])
triples = st.fixed_dictionaries(
    {"registry": registry_hosts, "repository": st.sampled_from(["nginx", "a/b"]), "tag": leaves}
)
contents = st.recursive(
    st.one_of(leaves, triples),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(keys, inner, max_size=4)),
    max_leaves=12,
)


@st.composite
def streams(draw: st.DrawFn) -> str:
    """YAML in a style that people could write, with anchors for repeated parts."""
    data = draw(st.lists(contents.filter(lambda data: isinstance(data, dict | list)), min_size=1, max_size=3))
    if draw(st.booleans()):
        data.append([data[0], data[0]])
    text: str = yaml.dump_all(
        data,
        default_flow_style=draw(st.sampled_from([True, False, None])),
        default_style=draw(st.sampled_from([None, None, "'", '"', "|"])),
        explicit_start=draw(st.booleans()),
        allow_unicode=draw(st.booleans()),
        width=draw(st.sampled_from([20, 1000])),
        line_break=draw(st.sampled_from(["\n", "\r\n"])),
        sort_keys=False,
    )
    return text if draw(st.booleans()) else text.rstrip()


@given(content=streams())
def test_rewriting_twice_changes_nothing_more(caches: Caches, content: str) -> None:
    once = rewritten(content, caches)

    assert rewritten(once, caches) == once


@given(content=streams())
def test_what_is_read_of_a_rewritten_file_differs_only_at_images(caches: Caches, content: str) -> None:
    before, after = yaml.safe_load_all(content), yaml.safe_load_all(rewritten(content, caches))

    assert set(_differences(list(before), list(after))) <= {"image", "registry", "repository", "reference"}


@given(content=streams())
def test_no_image_is_left_that_could_come_from_a_cache(caches: Caches, content: str) -> None:
    left = findings(rewritten(content, caches).decode(), caches)

    assert not [finding for finding in left if finding.outcome == "rewritten"]


def _differences(before: Any, after: Any, key: str = "") -> Iterator[str]:
    """The keys under which two trees have different leaves."""
    if isinstance(before, dict) and isinstance(after, dict):
        assert list(before) == list(after)
        for name in before:
            yield from _differences(before[name], after[name], name)
    elif isinstance(before, list) and isinstance(after, list):
        for left, right in zip(before, after, strict=True):
            yield from _differences(left, right)
    elif (type(before), before) != (type(after), after):
        yield key
