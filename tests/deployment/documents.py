"""Deployment files with mistakes, in `mistakes/`. Each file has documents between lines `---`."""

import re
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from pull_through_cache.deployment import read
from pull_through_cache.files.problems import InvalidFile, Problem

MISTAKES = Path(__file__).parent / "mistakes"


def problems_in(file: Path) -> list[Problem]:
    """The errors and warnings of each document in `file`, read as a deployment file. Lines are those of `file`."""
    problems: list[Problem] = []
    before = 0
    with TemporaryDirectory() as folder:
        document = Path(folder) / file.name
        for text in re.split(r"^---\n", file.read_text(), flags=re.MULTILINE):
            document.write_text("\n" * before + text)
            before += text.count("\n") + 1
            try:
                problems += read(document)[1]
            except InvalidFile as error:
                problems += error.problems
    return [replace(problem, file=Path(file.name)) for problem in problems]
