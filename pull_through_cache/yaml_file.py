"""Reads a YAML 1.2 file into plain data and remembers on which line everything stands."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from pull_through_cache.problems import InvalidFile, Place, Problem, dotted


class YamlFile:
    """The content of one YAML file.

    `data` is its plain data. Raises InvalidFile for a file that cannot be read, is empty, is not YAML,
    or gives a key twice; every such key is told.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        yaml = YAML(typ="safe", pure=True)
        self._root = self._compose(yaml)
        problems = list(self._duplicate_keys(self._root, (), frozenset(), set()))
        if problems:
            raise InvalidFile(problems)
        try:
            self.data: Any = yaml.constructor.construct_document(self._root)
        except (YAMLError, ValueError) as error:
            raise InvalidFile([self._syntax_problem(error)]) from error

    def line(self, place: Place) -> int:
        """The line, counted from 1, on which `place` stands, or the nearest thing around it that does."""
        node = self._root
        line: int = node.start_mark.line
        for part in place:
            found = _child(node, part)
            if found is None:
                break
            line, node = found
        return line + 1

    def problem(self, place: Place, message: str) -> Problem:
        """A problem with what stands at `place`."""
        return Problem(self.path, self.line(place), dotted(place), message)

    def _compose(self, yaml: YAML) -> Node:
        try:
            root: Node | None = yaml.compose(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            message = "there is no such file; name a deployment file that exists"
            raise InvalidFile([Problem(self.path, 0, "", message)]) from error
        except OSError as error:
            message = f"cannot be read ({error.strerror}); name a file that you may read"
            raise InvalidFile([Problem(self.path, 0, "", message)]) from error
        except UnicodeDecodeError as error:
            message = "is not UTF-8 text; save it as UTF-8"
            raise InvalidFile([Problem(self.path, 0, "", message)]) from error
        except (YAMLError, RecursionError) as error:
            raise InvalidFile([self._syntax_problem(error)]) from error
        if root is None:
            message = "is empty; start from deployments/blog-post.yaml"
            raise InvalidFile([Problem(self.path, 0, "", message)])
        return root

    def _syntax_problem(self, error: Exception) -> Problem:
        line, what = 0, str(error)
        if isinstance(error, MarkedYAMLError):
            mark = error.problem_mark or error.context_mark
            line = mark.line + 1 if mark else 0
            what = error.problem or error.context or what
        return Problem(self.path, line, "", f"is not valid YAML: {' '.join(what.split())}; mend it there")

    def _duplicate_keys(self, node: Node, place: Place, above: frozenset[int], seen: set[int]) -> Iterator[Problem]:
        """Every key that a mapping gives twice, and every alias that would never end."""
        if id(node) in above:
            message = "is an alias of what contains it; write it out"
            yield Problem(self.path, node.start_mark.line + 1, dotted(place), message)
        if id(node) in seen or isinstance(node, ScalarNode):
            return
        seen.add(id(node))
        above |= {id(node)}
        if isinstance(node, SequenceNode):
            for index, value in enumerate(node.value):
                yield from self._duplicate_keys(value, (*place, index), above, seen)
            return
        first: dict[str, int] = {}
        for key, value in node.value:
            name = str(key.value)
            line = key.start_mark.line + 1
            if name in first:
                message = f"the key stands on line {first[name]} already; keep one of the two"
                yield Problem(self.path, line, dotted((*place, name)), message)
            first.setdefault(name, line)
            yield from self._duplicate_keys(value, (*place, name), above, seen)


def _child(node: Node, part: str | int) -> tuple[int, Node] | None:
    """The line of the entry `part` of a mapping or sequence, and its node."""
    if isinstance(node, MappingNode):
        for key, value in node.value:
            if isinstance(key, ScalarNode) and key.value == str(part):
                return key.start_mark.line, value
    elif isinstance(node, SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part].start_mark.line, node.value[part]
    return None
