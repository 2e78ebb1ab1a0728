"""Finds the images in Dockerfiles: https://docs.docker.com/reference/dockerfile/."""

import re
from collections.abc import Iterator
from pathlib import Path

from pull_through_cache.files.problems import InvalidFile, Problem
from pull_through_cache.files.yaml_stream import MARK, Document
from pull_through_cache.images.comments import IGNORED, Comments
from pull_through_cache.images.conventions import What, kept
from pull_through_cache.images.embedded import images_in_text
from pull_through_cache.images.positions import FIXED_TEXT, positions
from pull_through_cache.images.requests import LEFT_AS_ASKED, Requests, covers
from pull_through_cache.images.tree import Scalar
from pull_through_cache.images.uses import ImageUse, around, unofficial

_FILE = re.compile(r"(?i)(.*[.-])?(docker|container)file([.-].*)?")
_WITH_NAMES = frozenset({"CMD", "ENTRYPOINT", "ENV", "RUN"})
_DIRECTIVE = re.compile(r"#[ \t]*(\w+)[ \t]*=[ \t]*(\S+)[ \t\r]*")
# BuildKit, frontend/dockerfile/parser: a heredoc is a whole word of the shell. A quote that is not closed goes on to the end.
_SHELL_WORD = re.compile(r"""(?:[^\s"']|"(?:\\.|[^"\\])*(?:"|\\?\Z)|'[^']*(?:'|\Z))+""")
_HEREDOC = re.compile(r"""[0-9]*<<(-?)(["']?)([^\s<"']+)\2""")
_INSTRUCTIONS = frozenset(
    "ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL MAINTAINER ONBUILD RUN SHELL STOPSIGNAL USER VOLUME "
    "WORKDIR".split()
)
_VARIABLE = re.compile(r"\$\{?(\w+)")
# A variable that is an image's name, and its tag or digest in the same word.
_NAME = re.compile(r"\$(?:\{(\w+)\}|(\w+))([:@][^/]*)?")
_KINDS = ("Dockerfile",)
INLINE_DOCKERFILES = frozenset({"dockerfile", "dockerfile_inline", "dockerfile-inline"})
"""Keys of Dockerfiles in Compose files, in those of docker buildx bake, and in OpenShift's BuildConfigs."""


def is_dockerfile(file: Path) -> bool:
    """Whether a file's name is that of a Dockerfile: `Dockerfile`, `Dockerfile.dev`, `web.Dockerfile`, `Containerfile`."""
    return bool(_FILE.fullmatch(file.name)) and file.suffix not in (
        ".dockerignore",
        ".json",
        ".md",
        ".yaml",
        ".yml",
    )


class DockerfileImages:
    """The images of a Dockerfile, in its order. Raises InvalidFile if it is not a Dockerfile."""

    encrypted = False

    def __init__(self, document: Document, requests: Requests) -> None:
        self.aliases: list[Scalar] = []
        self.uses: list[ImageUse] = []
        self._document = document
        self._comments = Comments(document)
        self._requests = requests
        self._stages: set[str] = {"scratch"}
        self._defaults: dict[str, Scalar] = {}
        self._names: set[str] = set()
        """The variables that are the name of an image, with or without its version."""
        self._in_parts: set[str] = set()
        self._syntax()
        for words in _instructions(document):
            self._instruction(words)
        for name, default in self._defaults.items():
            if name not in self._names:
                self._report(f"ARG {name}", default)
            else:
                why = "is also a part of another name" if name in self._in_parts else ""
                self._add(f"ARG {name}", default, why)
        self.uses.sort(key=lambda use: use.repository.start)

    def _instruction(self, words: list[Scalar]) -> None:
        name, *rest = words
        instruction = name.value.upper()
        if instruction == "ONBUILD" and rest:
            self._instruction(rest)
        elif instruction == "ARG" and len(self._stages) == 1:
            for word in rest:
                key, equals, value = word.value.partition("=")
                if equals and value.strip("\"'"):
                    self._defaults[key] = _part(word, len(key) + 1, value)
        elif instruction == "FROM":
            self._from([word for word in rest if not word.value.startswith("--")])
        if instruction in _WITH_NAMES or (instruction == "ARG" and len(self._stages) > 1):
            for word in rest:
                self._report(instruction, word)
        if instruction in ("COPY", "RUN"):
            for word in rest:
                if not word.value.startswith("--"):
                    break
                if match := re.fullmatch(r"--from=(.+)|--mount=(?:.*,)?from=([^,]+)(?:,.*)?", word.value):
                    self._add(instruction, _part(word, match.start(match.lastindex or 0), match[match.lastindex or 0]))

    def _from(self, words: list[Scalar]) -> None:
        if not words:
            return
        first, *rest = words
        image = _part(first, 0, first.value)
        match = _NAME.fullmatch(image.value)
        if match and (name := match[1] or match[2]) in self._defaults:
            self._names.add(name)
            self._in_parts.update(_VARIABLE.findall(match[3] or ""))
        else:
            self._in_parts.update(_VARIABLE.findall(image.value))
            self._add("FROM", image)
        if len(rest) == 2 and rest[0].value.upper() == "AS":
            self._stages.add(rest[1].value.lower())
        else:
            self._stages.add(f"{len(self._stages)}. stage")

    def _report(self, place: str, word: Scalar) -> None:
        """Reports the images in a word that is no image to pull for the build."""
        for image in images_in_text(word) if not word.value.startswith("--mount=") else ():
            use = ImageUse(place, None, image, what=What.LEFT, guess=True)
            if why := self._asked(use):
                use.what, use.why = What.KEPT, why
            elif covers(self._requests.also, _KINDS, (place,)):
                use.what = What.IMAGE
            self.uses.append(use)

    def _add(self, place: str, image: Scalar, why: str = "") -> None:
        if image.value.lower() in self._stages or image.value.isdigit():
            return
        use = ImageUse(place, None, image, around=around(image.value))
        right = kept(use.name) or self._asked(use)
        doubt = why or unofficial(use.name)
        if right or doubt:
            use.what, use.why = (What.KEPT if right else What.LEFT), right or doubt
        self.uses.append(use)

    def _asked(self, use: ImageUse) -> str:
        if self._comments.ignores(use.repository):
            return IGNORED
        return LEFT_AS_ASKED if covers(self._requests.leave, _KINDS, (use.place,)) else ""

    def _syntax(self) -> None:
        """`# syntax=docker/dockerfile:1` names the image of the builder's frontend."""
        start = len(MARK) if self._document.text.startswith(MARK) else 0
        for number, line in enumerate(self._document.text[start:].splitlines(keepends=True)):
            match = _DIRECTIVE.fullmatch(line.rstrip("\n"))
            if not match:
                return
            if match[1].lower() == "syntax":
                at = start + match.start(2)
                image = Scalar(match[2], at, start + match.end(2), number + 1)
                self._add("syntax", image)
            start += len(line)


def inline_dockerfile(document: Document, scalar: Scalar, requests: Requests) -> list[ImageUse] | None:
    """The images of a Dockerfile that is text in a document; None if the text is no Dockerfile."""
    try:
        uses = DockerfileImages(Document(document.file, scalar.line, scalar.value), requests).uses
    except InvalidFile:
        return None
    outer = positions(document.text, scalar)
    for use in uses:
        image = use.repository
        if outer is None:
            image.start, image.end, image.line = scalar.start, scalar.end, scalar.line
            if use.what is What.IMAGE:
                use.what, use.why = What.LEFT, FIXED_TEXT
        else:
            image.start, image.end = outer(image.start), outer(image.end - 1) + 1
            image.line = scalar.line + document.text.count("\n", scalar.start, image.start)
    return uses


def _instructions(document: Document) -> Iterator[list[Scalar]]:
    """The words of each instruction; a heredoc's lines are left out."""
    escape = "`" if re.match(r"(?i)(#.*\n)*#[ \t]*escape[ \t]*=[ \t]*`", document.text.removeprefix(MARK)) else "\\"
    words: list[Scalar] = []
    heredocs: list[tuple[bool, str]] = []
    position, mark = 0, int(document.text.startswith(MARK))
    for number, line in enumerate(document.text.split("\n"), 1):
        content = line[mark:] if position == 0 else line
        start = position + len(line) - len(content)
        position += len(line) + 1
        if heredocs and not words:
            strip, end = heredocs[0]
            if (content.lstrip("\t") if strip else content).rstrip("\r") == end:
                heredocs.pop(0)
            continue
        if not content.strip() or content.lstrip().startswith("#"):
            continue  # also within an instruction
        continues = content.rstrip().endswith(escape)
        text = content.rstrip()[:-1] if continues else content
        words += (
            Scalar(match[0], start + match.start(), start + match.end(), number) for match in re.finditer(r"\S+", text)
        )
        if not continues and words:
            yield _checked(document, words)
            if words[0].value.upper() in ("RUN", "COPY", "ADD"):
                found = map(_HEREDOC.fullmatch, _SHELL_WORD.findall(" ".join(word.value for word in words)))
                heredocs = [(bool(match[1]), match[3]) for match in found if match]
            words = []
    if words:
        yield _checked(document, words)


def _checked(document: Document, words: list[Scalar]) -> list[Scalar]:
    if words[0].value.upper() not in _INSTRUCTIONS:
        message = "is not a Dockerfile instruction; correct it, or give the file another name"
        raise InvalidFile([Problem(document.file, words[0].line, "", f"{words[0].value[:60]!r} {message}")])
    return words


def _part(word: Scalar, at: int, value: str) -> Scalar:
    """A part of a word, without quotes."""
    inner = value.strip("\"'")
    start = word.start + at + value.index(inner)
    return Scalar(inner, start, start + len(inner), word.line)
