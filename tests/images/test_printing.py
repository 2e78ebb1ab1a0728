"""Text from outside never reaches a terminal or a log unescaped: one record is one line."""

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tests.hypothesis_profiles  # noqa: F401
from pull_through_cache.files.printing import visible
from pull_through_cache.files.problems import MAX_PROBLEMS, InvalidFile, Problem
from tests.images.conftest import Run

HOSTILE = [
    r"\e]0;PWNED\a\e[31mnginx\e[0m",
    r"nginx\n::error file=app.js,line=1::Forged",
    r"x\tcacheable\tdocker-hub\tforged.yaml:1",
    r"quay.io/\x9b31mfoo",
    r"quay.io/\u202egnp.foo",
    r"nginx:1\u2028x",
    r"nginx\U000e0041",
]


def is_plain(text: str) -> bool:
    return not {unicodedata.category(each) for each in text} & {"Cc", "Cf", "Cs", "Zl", "Zp"}


@given(st.text())
def test_text_is_on_one_line_and_plain(text: str) -> None:
    assert is_plain(visible(text))


@pytest.mark.parametrize("text", ["nginx:1", "é中🎉", "[bold]x[/]", "C:\\a"])
def test_plain_text_stays(text: str) -> None:
    assert visible(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("::error ::x", r"\x3a:error ::x"),
        ("a ##[error]x", r"a \x23#[error]x"),
        ("##vso[task.x]", r"\x23#vso[task.x]"),
        ("\x1b[0m", r"\x1b[0m"),
        ("\n\t\r", r"\n\t\r"),
        ("\u202e", r"\u202e"),
        ("\U000e0041", r"\U000e0041"),
    ],
)
def test_what_is_shown(text: str, shown: str) -> None:
    assert visible(text) == shown


@pytest.mark.parametrize(
    "command", [["images"], ["rewrite", "--check"], ["rewrite", "--strict", "--diff"]], ids=" ".join
)
def test_images_of_a_hostile_file(run: Run, command: list[str]) -> None:
    Path("pods.yaml").write_text("".join(f'- image: "{image}"\n' for image in HOSTILE))

    result = run(*command, "pods.yaml")

    lines = result.output.splitlines()
    assert len(lines) >= len(HOSTILE)
    assert not [line for line in lines if not is_plain(line.replace("\t", ""))]
    assert not [line for line in lines if line.startswith("::")]


@pytest.mark.parametrize(
    "arguments",
    [["image", "a\x1b[0m\nb"], ["rewrite", "no\x1bfile\n.yaml"], ["image", "--region", "a\nb\x1b", "x"], ["a\x1b\nb"]],
)
def test_arguments(run: Run, arguments: list[str]) -> None:
    assert all(is_plain(line) for line in run(*arguments).output.splitlines())


def test_the_name_of_a_file(run: Run) -> None:
    file = Path("a\nb\x1b.yaml")
    file.write_text("image: gcr.io/a/b\n")

    assert (
        run("rewrite", "--check", str(file)).stderr.splitlines()[0]
        == r"a\nb\x1b.yaml:1: image: gcr.io/a/b: no cache covers it"
    )


def test_the_line_about_more_problems_has_the_name_of_the_file_plain() -> None:
    file = Path("a\n::error ::Forged.yaml")
    error = InvalidFile(Problem(file, line, "", "is wrong") for line in range(MAX_PROBLEMS + 1))
    assert all(is_plain(line) for line in str(error).split("\n"))
    assert len(str(error).split("\n")) == MAX_PROBLEMS + 1


def test_the_line_about_more_problems_counts_the_files() -> None:
    error = InvalidFile(Problem(Path(f"{number:03}.yaml"), 1, "", "is wrong") for number in range(MAX_PROBLEMS + 3))

    assert str(error).split("\n")[-1] == "3 files have 3 more problems; correct these first"
