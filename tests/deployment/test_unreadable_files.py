"""Files that are not deployment files, or are too large: one problem, reported quickly."""

from pathlib import Path

import pytest

from pull_through_cache.deployment import load
from pull_through_cache.files.problems import InvalidFile
from tests.conftest import ProblemsOf


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        pytest.param(None, ": does not exist; set DEPLOYMENT to your deployment file", id="no such file"),
        pytest.param(b"", ": is empty; start from deployments/blog-post.yaml", id="empty"),
        pytest.param(b"# ...\n", ": is empty; start from deployments/blog-post.yaml", id="only comments"),
        pytest.param(b"\x7fELF\x02\xff\xfe", ": is not UTF-8 text; save it as UTF-8", id="binary file"),
        pytest.param(b"a: \x00\n", ":1: is not valid YAML: has the character #x00; correct this line", id="null byte"),
        pytest.param(
            b"registry:\n\tregions: []\n",
            ":2: is not valid YAML: has a tab character where YAML allows only spaces; correct this line",
            id="indented with a tab",
        ),
        pytest.param(
            b"a: @b\n",
            ":1: is not valid YAML: found character that cannot start any token; correct this line",
            id="a character that begins nothing",
        ),
        pytest.param(
            b"a: [\n", ":2: is not valid YAML: did not find expected node content; correct this line", id="open"
        ),
        pytest.param(
            b'a: "\\uD800"\n',
            ":1: is not valid YAML: found invalid Unicode character escape code; correct this line",
            id="half a character",
        ),
        pytest.param(
            b"--- {}\n--- {}\n",
            ":2: is not valid YAML: but found another document; correct this line",
            id="two documents",
        ),
        pytest.param(
            b"[" * 1_000_000, ": is not valid YAML: maximum recursion depth exceeded; correct this line", id="nesting"
        ),
        pytest.param(
            b"#" * 10_000_001, ": has more than 10,000,000 bytes; split it into several files", id="too large"
        ),
        pytest.param(
            b"registry: " + b"9" * 5_000,
            ":1: registry: is not of the YAML type '!!int'; write it in quotes, without a tag",
            id="a number of thousands of digits",
        ),
    ],
)
def test_the_problem_is_reported(tmp_path: Path, content: bytes | None, problem: str) -> None:
    file = tmp_path / "deployment.yaml"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(InvalidFile) as error:
        load(file)

    assert str(error.value) == f"{file}{problem}"


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        pytest.param("/", "cannot be read (Is a directory); name a file that you may read", id="folder"),
        pytest.param("/dev/zero", "has more than 10,000,000 bytes; split it into several files", id="endless"),
    ],
)
def test_what_is_not_a_file_is_reported(path: str, problem: str) -> None:
    with pytest.raises(InvalidFile) as error:
        load(Path(path))

    assert str(error.value) == f"{path}: {problem}"


def test_aliases_of_aliases_are_counted(problems_of: ProblemsOf) -> None:
    levels = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 30))

    assert problems_of(f"a0: &a0 [x]\n{levels}") == [
        "deployment.yaml: has more than 1,000,000 entries with its aliases; write less, or another file"
    ]
