"""Which files of a folder git ignores: https://git-scm.com/docs/gitignore."""

import re
from collections.abc import Iterable
from pathlib import Path


class Ignored:
    """The patterns of a .gitignore file, or of options, for the paths below one folder."""

    def __init__(self, folder: Path, lines: Iterable[str], above: Path | None = None) -> None:
        self._folder = folder
        self._above = above or Path()
        """The path of `folder` below the folder that the patterns are for."""
        self._patterns = [pattern for line in lines if (pattern := _pattern(line))]

    @classmethod
    def of_folder(cls, folder: Path) -> "Ignored":
        """The patterns of the folder's .gitignore; none if it has no such file."""
        return cls(folder, _lines(folder / ".gitignore"))

    @classmethod
    def above_folder(cls, folder: Path) -> "list[Ignored]":
        """The patterns of the folders above, as far as the root of the git repository; the root's first."""
        root = folder.resolve()
        parents = [root, *root.parents]
        depth = next((number for number, each in enumerate(parents) if (each / ".git").exists()), 0)
        return [
            cls(folder, _lines(each / ".gitignore"), root.relative_to(each))
            for each in reversed(parents[1 : depth + 1])
        ]

    def decides(self, path: Path, *, is_folder: bool) -> bool | None:
        """Whether a path is ignored; None if no pattern matches it. The last pattern that matches decides."""
        relative = (self._above / path.relative_to(self._folder)).as_posix()
        decided = None
        for pattern, ignores, folders_only in self._patterns:
            if pattern.fullmatch(relative) and (is_folder or not folders_only):
                decided = ignores
        return decided


def decision(rules: Iterable[Ignored], path: Path, *, is_folder: bool) -> bool:
    """Whether a path is ignored by rules, of which the last that matches decides."""
    decided = [rule.decides(path, is_folder=is_folder) for rule in rules]
    return next((each for each in reversed(decided) if each is not None), False)


def _lines(file: Path) -> list[str]:
    return file.read_text(errors="replace").splitlines() if file.is_file() else []


def _pattern(line: str) -> tuple[re.Pattern[str], bool, bool] | None:
    text = line.rstrip()
    if not text or text.startswith("#"):
        return None
    ignores = not text.startswith("!")
    text = text.removeprefix("!").removeprefix("\\")
    folders_only = text.endswith("/")
    text = text.rstrip("/")
    anywhere = "/" not in text
    regex = "".join(map(_part, re.findall(r"\*\*/|/\*\*$|\*|\?|\[[^\]]+\]|.", text.lstrip("/"), re.DOTALL)))
    try:
        return re.compile(("(?:.*/)?" if anywhere else "") + regex, re.DOTALL), ignores, folders_only
    except re.error:
        return None


def _part(part: str) -> str:
    known = {"**/": "(?:.*/)?", "/**": "/.*", "*": "[^/]*", "?": "[^/]"}
    if part in known:
        return known[part]
    return part.replace("[!", "[^", 1) if len(part) > 1 else re.escape(part)
