"""The patterns of .gitignore, compared with git."""

import os
import subprocess
from pathlib import Path

import pytest

from pull_through_cache.commands.files import Selection

TREE = ["a /c.yaml", "a b.yaml", "a\t/c.yaml", *"a.yaml b.yaml ab.yaml #a.yaml !a.yaml a/a.yaml a/b/c.yaml".split()]
TREE += "a/b/a/b.yaml [a]/a.yaml a*/b.yaml é/a.yaml -/a.yaml ]/a.yaml b/a.yaml b/b/a.yaml".split()


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("repository")
    subprocess.run(["git", "init", "--quiet", folder], check=True)
    for name in TREE:
        (folder / name).parent.mkdir(exist_ok=True, parents=True)
        (folder / name).write_text("")
    return folder


@pytest.mark.parametrize(
    "pattern",
    [
        *"a /a a/ /a/ a// a/b /a/b/ b/* * *.yaml a* ? ?? / ! #a.yaml */a/ */*/".split(),
        *"** **/a a/** a/**/b /** **/ **/b/** a**/*.yaml a** ***/b".split(),
        *"[a] [ab].yaml [!a] [^a] [a-b].yaml []a] [!]a] [a [ a[/]b [--a] [a-] [\\]a]".split(),
        *"\\a \\#a.yaml \\!a.yaml \\[a\\] a\\* a\\*/ a\\ \\ a/\\b".split(),
        *("", "a ", "a  ", "a\\ ", "a b.yaml", "a\\ b.yaml ", "a\t", "a\r", "b \r", "\u2028", "é", "\ufeffa"),
        *("*\n!a", "*\n!*/\n!a.yaml", "a/b\n!a/b/c.yaml"),
    ],
    ids=ascii,
)
def test_a_pattern_is_read_as_git_reads_it(repository: Path, pattern: str) -> None:
    (repository / ".gitignore").write_bytes(pattern.encode() + b"\n")
    listing = [
        "git",
        "-C",
        str(repository),
        "ls-files",
        "-z",
        "--others",
        "--exclude-per-directory=.gitignore",
        "*.yaml",
    ]
    names = [os.fsdecode(name) for name in subprocess.check_output(listing).split(b"\0") if name]

    read = [path.relative_to(repository).as_posix() for path in Selection([repository], []).files]

    assert sorted(read) == sorted(names)
