"""Which files of a folder git ignores: https://git-scm.com/docs/gitignore."""

import os
import re
from collections.abc import Iterable
from pathlib import Path

_NOTHING = "(?!)"
_TRAILING_SPACES = re.compile(r"\A((?:\\.|[^\\])*?) +\Z", re.DOTALL)
# Source: git, wildmatch.c. Named sets such as [[:alpha:]] are left out.
_PARTS = re.compile(
    r"(?P<folders>(?:^|(?<=/))\*\*+/)"
    r"|(?P<everything>(?:^|(?<=/))\*\*+$)"
    r"|\*+"
    r"|(?P<set>\[(?P<negated>[!^]?)(?P<members>\]?(?:\\.|[^]\\])*)\])"
    r"|\\."
    r"|.",
    re.DOTALL,
)
_MEMBER = re.compile(r"\\(.)|([^-])", re.DOTALL)


class Ignored:
    """The patterns of a .gitignore file, or of options, for the paths below one folder."""

    def __init__(self, folder: Path, lines: Iterable[str], above: Path | None = None) -> None:
        self._folder = folder
        self._above = above or Path()
        """The path of `folder` below the folder that the patterns are for."""
        self._patterns = [pattern for line in lines if (pattern := _pattern(_bytes(line)))]

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
        relative = _bytes((self._above / path.relative_to(self._folder)).as_posix())
        decided = None
        for pattern, ignores, folders_only in self._patterns:
            if pattern.fullmatch(relative) and (is_folder or not folders_only):
                decided = ignores
        return decided


def decision(rules: Iterable[Ignored], path: Path, *, is_folder: bool) -> bool:
    """Whether a path is ignored by rules, of which the last that matches decides."""
    decided = [rule.decides(path, is_folder=is_folder) for rule in rules]
    return next((each for each in reversed(decided) if each is not None), False)


def _bytes(text: str) -> str:
    """The text with a character for each byte: git's `?` is one byte."""
    return os.fsencode(text).decode("latin-1")


def _lines(file: Path) -> list[str]:
    return os.fsdecode(file.read_bytes()).removeprefix("\ufeff").split("\n") if file.is_file() else []


def _pattern(line: str) -> tuple[re.Pattern[str], bool, bool] | None:
    text = _TRAILING_SPACES.sub(r"\1", line.removesuffix("\r"))
    if not text or text.startswith("#"):
        return None
    ignores = not text.startswith("!")
    text = text.removeprefix("!")
    folders_only = text.endswith("/")
    text = text.removesuffix("/")
    anywhere = "/" not in text
    text = text.removeprefix("/")
    plain = "" if anywhere else re.split(r"[*?\[\\]", text, maxsplit=1)[0]  # in a path, a**/b is a and **/b
    regex = re.escape(plain) + "".join(map(_part, _PARTS.finditer(text[len(plain) :])))
    try:
        return re.compile(("(?:.*/)?" if anywhere else "") + regex, re.DOTALL), ignores, folders_only
    except re.error:
        return None


def _part(match: re.Match[str]) -> str:
    part = match[0]
    if match["folders"]:
        return "(?:.*/)?"
    if match["everything"]:
        return ".*"
    if match["set"]:
        negated = "^" if match["negated"] else ""
        members = _MEMBER.sub(lambda found: re.escape(found[1] or found[2]), match["members"]).replace("--", r"\--")
        return f"(?!/)[{negated}{members}]"
    if part in ("[", "\\"):  # it has no end, and git matches nothing
        return _NOTHING
    return {"*": "[^/]*", "?": "[^/]"}.get(part[0]) or re.escape(part[-1])
