"""Splits a stream into YAML documents, and explains why a document cannot be read."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from yaml import YAMLError
from yaml.cyaml import CParser
from yaml.events import Event, MappingEndEvent, MappingStartEvent, SequenceEndEvent, SequenceStartEvent

from pull_through_cache.files.problems import InvalidFile, Problem
from pull_through_cache.files.yaml_text import flaw

MARK = "\ufeff"  # the byte order mark that some editors put first
# Far above what people write; libyaml's time grows with the square of the depth of flow collections.
MAX_DEPTH = 500
MAX_DOCUMENT = 64 << 20  # bytes
_LITERAL_IMAGE = re.compile(r"""^[ \t-]*image:[ \t]*["']?([^\s"'{}]{1,300})["']?[ \t]*\r?$""", re.MULTILINE)
_TEMPLATE = re.compile(r"\{\{-?[ \t]*([.$(]|/\*|(if|with|range|include|template|define|block|end|else|tpl|toYaml)\b)")
_BRACES = "{{ … }} is template syntax"
_FIRST_BYTES = (b"-", MARK.encode()[:1])
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")
# kubectl reads this as a document separator, libyaml as text.
_MARKER_COMMENT = re.compile(r"^---#[^\r\n]*", re.MULTILINE)


class Document(NamedTuple):
    """One YAML document: its file, the number of lines before it, and all of its text."""

    file: Path
    before: int
    text: str

    def events(self) -> Iterator[Event]:
        """The events that libyaml reads. Marks count from the start of the text without its byte order mark.

        Raises InvalidFile for text that is not YAML, is nested deeper than MAX_DEPTH, or is a Go template that happens
        to be YAML.
        """
        text = self._for_libyaml()
        parser, depth = CParser(text), 0
        try:
            while (event := parser.get_event()) is not None:
                kind = type(event)
                if kind is MappingStartEvent or kind is SequenceStartEvent:
                    depth += 1
                    if depth > MAX_DEPTH:
                        raise self.not_yaml(event.start_mark.line, f"is nested more than {MAX_DEPTH} levels deep")
                    is_flow_mapping = kind is MappingStartEvent and event.flow_style
                    if is_flow_mapping and text.startswith("{{", event.start_mark.index):
                        raise self.not_yaml(event.start_mark.line, _BRACES)
                elif kind is MappingEndEvent or kind is SequenceEndEvent:
                    depth -= 1
                yield event
        except YAMLError as error:
            line, why = flaw(error, text)
            raise self.not_yaml(max(line - 1, 0), why) from error

    def _for_libyaml(self) -> str:
        """The text, with replacements of the same length for what libyaml cannot read.

        JSON writes characters beyond the basic plane as two surrogates; libyaml accepts no surrogates.
        """
        text = self.text.removeprefix(MARK)
        text = _MARKER_COMMENT.sub(lambda marker: "---".ljust(len(marker[0])), text, count=1)
        return _SURROGATE.sub(r"\\ufffd", text) if "\\u" in text else text

    def span(self, event: Event) -> tuple[int, int, int]:
        """Start and end of an event in the text, and its line in the file."""
        start, end, mark = event.start_mark, event.end_mark, int(self.text.startswith(MARK))
        return start.index + mark, end.index + mark, self.before + start.line + 1

    def not_yaml(self, line: int, why: str) -> InvalidFile:
        """The document is not YAML at `line`, counted from 0."""
        advice = "correct it"
        if _TEMPLATE.search(self.text):
            advice = "it is a template; rewrite what `helm template` prints for its chart"
        elif "{%" in self.text:
            advice = "it is a template; render it first"
        elif why == _BRACES:
            advice = "put it in quotes"
        images = dict.fromkeys(_LITERAL_IMAGE.findall(self.text)) if "{{" in self.text else {}
        named = f"; it names {', '.join(list(images)[:10])}" if images else ""
        return InvalidFile([Problem(self.file, self.before + line + 1, "", f"is not YAML: {why}; {advice}{named}")])


def documents(stream: BinaryIO, file: Path, *, split: bool = True) -> Iterator[Document]:
    """The documents of a stream, one in memory at a time. Their concatenation is the stream, byte for byte.

    Without `split`, the stream is one document.

    Raises InvalidFile for text that is not UTF-8, and for a document of more than MAX_DOCUMENT bytes.
    """
    before, lines, begun, ended, size = 0, list[bytes](), False, False, 0
    while line := stream.readline(MAX_DOCUMENT + 1):
        starts = line[:1] in _FIRST_BYTES and _starts_document(line)
        if split and begun and (starts or ended):
            yield _document(file, before, lines)
            before, lines, begun, size = before + len(lines), [], False, 0
        ended = line[:1] == b"." and line[:4].rstrip() == b"..."
        lines.append(line)
        size += len(line)
        if size > MAX_DOCUMENT:
            message = f"has a document of more than {MAX_DOCUMENT >> 20} MiB; split it with lines of ---"
            raise InvalidFile([Problem(file, before + 1, "", message)])
        # Comments and directives before `---` belong to the document that it starts.
        begun = begun or starts or (line[:1] not in (b"#", b"%") and bool(line.strip()))
    if lines:
        yield _document(file, before, lines)


def _starts_document(line: bytes) -> bool:
    line = line.removeprefix(MARK.encode())
    return line[:4].rstrip() == b"---" or line[:4] == b"---#"


def _document(file: Path, before: int, lines: list[bytes]) -> Document:
    content = b"".join(lines)
    try:
        return Document(file, before, content.decode())
    except UnicodeDecodeError as error:
        line = before + content.count(b"\n", 0, error.start) + 1
        message = "is not UTF-8 text; save it as UTF-8"
        raise InvalidFile([Problem(file, line, "", message)]) from error
