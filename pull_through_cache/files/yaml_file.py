"""Reads a YAML 1.2 file into plain data, and knows the line of everything in it."""

import re
from collections.abc import Generator
from pathlib import Path
from typing import Any

from yaml import YAMLError
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from pull_through_cache.files.literal import why_not_literal, why_number_is_not_literal
from pull_through_cache.files.problems import InvalidFile, Place, Problem, dotted, shown
from pull_through_cache.files.yaml_text import KINDS, PREFIX, TAGS, Loader, flaw

MAX_BYTES = 10_000_000
MAX_DEPTH = 50
MAX_ENTRIES = 1_000_000
"""Entries with all aliases written out."""
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f]")


class YamlFile:
    """The content of one YAML file.

    `data` is its plain data. Raises InvalidFile for a file that cannot be read, is empty, is over a limit, is not YAML, or
    has duplicate keys, with a problem for each such key.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        text = self._read()
        self._loader = Loader(text)
        try:
            self._root = self._loader.get_single_node()
        except (YAMLError, RecursionError) as error:
            raise InvalidFile([self._syntax_problem(error, text)]) from error
        if self._root is None:
            message = "is empty; start from deployments/blog-post.yaml"
            raise InvalidFile([Problem(self.path, 0, "", message)])
        self._entries: dict[int, int] = {}
        self._children: dict[int, dict[str, tuple[int, Node]]] = {}
        problems = list(self._check(self._root, (), frozenset()))
        if not problems and self._entries.get(id(self._root), 0) > MAX_ENTRIES:
            message = f"has more than {MAX_ENTRIES:,} entries with its aliases; write less, or another file"
            problems = [Problem(self.path, 0, "", message)]
        if problems:
            raise InvalidFile(problems)
        try:
            self.data: Any = self._loader.construct_document(self._root)
        except YAMLError as error:
            raise InvalidFile([self._syntax_problem(error, text)]) from error

    def line(self, place: Place) -> int:
        """The line of `place`, counted from 1; if the file does not have it, the line of the place around it."""
        node = self._root
        line: int = node.start_mark.line
        for part in place:
            found = self._child(node, part)
            if found is None:
                break
            line, node = found
        return line + 1

    def problem(self, place: Place, message: str, name: str | None = None) -> Problem:
        """A problem at `place`."""
        return Problem(self.path, self.line(place), dotted(place), message, name)

    def _read(self) -> str:
        try:
            with self.path.open("rb") as file:
                content = file.read(MAX_BYTES + 1)
            if len(content) > MAX_BYTES:
                message = f"has more than {MAX_BYTES:,} bytes; split it into several files"
                raise InvalidFile([Problem(self.path, 0, "", message)])
            return content.decode()
        except FileNotFoundError as error:
            message = "does not exist; set DEPLOYMENT to your deployment file"
            raise InvalidFile([Problem(self.path, 0, "", message)]) from error
        except OSError as error:
            message = f"cannot be read ({error.strerror}); name a file that you may read"
            raise InvalidFile([Problem(self.path, 0, "", message)]) from error
        except UnicodeDecodeError as error:
            message = "is not UTF-8 text; save it as UTF-8"
            raise InvalidFile([Problem(self.path, 0, "", message)]) from error

    def _syntax_problem(self, error: Exception, text: str) -> Problem:
        line, why = flaw(error, text)
        return Problem(self.path, line, "", f"is not valid YAML: {' '.join(why.split())}; correct this line")

    def _check(self, node: Node, place: Place, above: frozenset[int]) -> Generator[Problem, None, None]:
        """What YAML allows and a deployment file does not: duplicate keys, endless aliases, other types."""

        def wrong(message: str, node: Node = node, place: Place = place) -> Problem:
            return Problem(self.path, node.start_mark.line + 1, dotted(place), message)

        if id(node) in above:
            yield wrong("is an alias of a value that contains it; write the value instead")
        if len(above) > MAX_DEPTH:
            yield wrong(f"is nested more than {MAX_DEPTH} levels deep; remove levels")
        if id(node) in self._entries or len(above) > MAX_DEPTH:
            return
        self._entries[id(node)] = 1
        if node.tag not in TAGS:
            yield wrong(f"has the YAML tag {_shown_tag(node)}; delete the tag")
        if isinstance(node, ScalarNode):
            yield from map(wrong, self._problems_of_scalar(node))
            return
        above |= {id(node)}
        if isinstance(node, SequenceNode):
            for index, value in enumerate(node.value):
                yield from self._check(value, (*place, index), above)
                self._count(node, value)
        else:
            first: dict[str, int] = {}
            for key, value in node.value:
                if not isinstance(key, ScalarNode):
                    yield wrong("has a key that is not text; write a name", key)
                    continue
                name = str(key.value)
                yield from self._check(key, (*place, name), above)
                if name in first:
                    message = f"is already on line {first[name]}; delete one of the two"
                    yield wrong(message, key, (*place, name))
                first.setdefault(name, key.start_mark.line + 1)
                yield from self._check(value, (*place, name), above)
                self._count(node, value)

    def _problems_of_scalar(self, node: ScalarNode) -> Generator[str, None, None]:
        if node.tag in TAGS and not self._fits_its_tag(node):
            yield f"is not of the YAML type {_shown_tag(node)}; write it in quotes, without a tag"
        elif evaluated := _evaluated(node):
            yield evaluated
        if _UNPRINTABLE.search(str(node.value)):
            yield "holds a control character; delete it"

    def _child(self, node: Node, part: str | int) -> tuple[int, Node] | None:
        """The line of the entry `part` of a mapping or sequence, and its node."""
        if isinstance(node, MappingNode):
            if id(node) not in self._children:
                # Merged keys come first: a key of the mapping itself replaces them.
                self._children[id(node)] = {
                    str(key.value): (key.start_mark.line, value)
                    for key, value in node.value
                    if isinstance(key, ScalarNode)
                }
            return self._children[id(node)].get(str(part))
        if isinstance(node, SequenceNode) and isinstance(part, int) and part < len(node.value):
            return node.value[part].start_mark.line, node.value[part]
        return None

    def _fits_its_tag(self, node: ScalarNode) -> bool:
        form = KINDS.get(node.tag.removeprefix(PREFIX))
        if form and not re.fullmatch(form, node.value):  # PyYAML accepts more behind a tag, such as 1_0
            return False
        try:
            self._loader.construct_object(node)
        except (YAMLError, ValueError, LookupError):
            return False
        return True

    def _count(self, node: Node, part: Node) -> None:
        self._entries[id(node)] += self._entries.get(id(part), 0)


def _evaluated(node: ScalarNode) -> str | None:
    """What Terraform or cdktf would not take literally in a scalar; None if nothing."""
    if node.tag in (f"{PREFIX}int", f"{PREFIX}float") and re.fullmatch(r"[-+.0-9eE]+", node.value):
        return why_number_is_not_literal(node.value)
    return why_not_literal(str(node.value))


def _shown_tag(node: Node) -> str:
    return shown(str(node.tag).replace(PREFIX, "!!"))
