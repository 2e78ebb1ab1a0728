"""Which files of a folder git ignores: https://git-scm.com/docs/gitignore."""

import re
from collections.abc import Iterable
from pathlib import Path


class Ignored:
    """The patterns of a .gitignore file, or of options, for the paths below one folder."""

    def __init__(self, folder: Path, lines: Iterable[str]) -> None:
        self._folder = folder
        self._patterns = [pattern for line in lines if (pattern := _pattern(line))]

    @classmethod
    def of_folder(cls, folder: Path) -> "Ignored":
        """The patterns of the folder's .gitignore; none if it has no such file."""
        file = folder / ".gitignore"
        return cls(folder, file.read_text(errors="replace").splitlines() if file.is_file() else ())

    def decides(self, path: Path, *, is_folder: bool) -> bool | None:
        """Whether a path is ignored; None if no pattern matches it. The last pattern that matches decides."""
        relative = path.relative_to(self._folder).as_posix()
        decided = None
        for pattern, ignores, folders_only in self._patterns:
            if pattern.fullmatch(relative) and (is_folder or not folders_only):
                decided = ignores
        return decided


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
