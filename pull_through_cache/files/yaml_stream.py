"""Splits a stream into YAML documents, and tells why one is refused."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from yaml import YAMLError
from yaml.cyaml import CParser
from yaml.events import Event, MappingStartEvent

from pull_through_cache.files.problems import InvalidFile, Problem
from pull_through_cache.files.yaml_text import flaw

MARK = "\ufeff"  # the byte order mark that some editors put first


class Document(NamedTuple):
    """One YAML document: its file, the number of lines before it, and all of its text."""

    file: Path
    before: int
    text: str

    def events(self) -> Iterator[Event]:
        """What libyaml reads; marks count from the start of the text without its byte order mark.

        Raises InvalidFile for what is not YAML, or is a Go template that happens to be.
        """
        text = self.text.removeprefix(MARK)
        parser = CParser(text)
        try:
            while (event := parser.get_event()) is not None:
                start = event.start_mark.index
                if type(event) is MappingStartEvent and event.flow_style and text.startswith("{{", start):
                    raise self.refusal(event.start_mark.line, "{{ … }} is a template's")
                yield event
        except YAMLError as error:
            line, why = flaw(error, text)
            raise self.refusal(max(line - 1, 0), why) from error

    def span(self, event: Event) -> tuple[int, int, int]:
        """Start and end of an event in the text, and its line in the file."""
        start, end, mark = event.start_mark, event.end_mark, int(self.text.startswith(MARK))
        return start.index + mark, end.index + mark, self.before + start.line + 1

    def refusal(self, line: int, why: str) -> InvalidFile:
        """The document is not YAML at `line`, counted from 0."""
        advice = "mend it; render templates first, with `helm template` or as a post-renderer"
        return InvalidFile([Problem(self.file, self.before + line + 1, "", f"is not YAML: {why}; {advice}")])


def documents(stream: BinaryIO, file: Path) -> Iterator[Document]:
    """The documents of a stream, one in memory at a time; together they are the stream to the byte.

    Raises InvalidFile for what is not UTF-8.
    """
    before, lines, begun = 0, list[bytes](), False
    for line in stream:
        marks_start = line.removeprefix(MARK.encode())[:4].rstrip() == b"---"
        if begun and (marks_start or lines[-1][:4].rstrip() == b"..."):
            yield _document(file, before, lines)
            before, lines, begun = before + len(lines), [], False
        lines.append(line)
        # Comments and directives before `---` belong to the document that it starts.
        begun = begun or marks_start or (line[:1] not in (b"#", b"%") and bool(line.strip()))
    if lines:
        yield _document(file, before, lines)


def _document(file: Path, before: int, lines: list[bytes]) -> Document:
    content = b"".join(lines)
    try:
        return Document(file, before, content.decode())
    except UnicodeDecodeError as error:
        line = before + content.count(b"\n", 0, error.start) + 1
        message = "is not UTF-8 text; name a YAML file that is"
        raise InvalidFile([Problem(file, line, "", message)]) from error
