"""A stack in Terraform's own language (HCL), for `cdktf synth --hcl`.

cdktf's own HCL differs from its JSON: text that is JSON becomes an object, quotes in text stay as they are, and parts of
the `terraform`, `import` and `moved` blocks are wrong. This module writes what the stacks of this project contain.
Source: Terraform's documentation, "JSON Configuration Syntax".
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from textwrap import indent
from typing import Any

_LABELS = {
    "terraform": 0,
    "provider": 1,
    "variable": 1,
    "locals": 0,
    "data": 2,
    "resource": 2,
    "module": 1,
    "import": 0,
    "moved": 0,
    "output": 1,
}
"""How many labels each kind of block has, in the order of the output."""
_NESTED = {
    ("terraform", "required_providers"): 0,
    ("terraform", "backend"): 1,
    ("terraform", "cloud"): 0,
    ("backend", "exec"): 0,
    ("backend", "workspaces"): 0,
    ("cloud", "workspaces"): 0,
}
"""The same for the blocks in `terraform`, by the blocks around them."""
_REFERENCES = {("variable", "type"), ("import", "to"), ("moved", "from"), ("moved", "to")}
"""Settings whose text in JSON is an expression, as the elements of `depends_on` are."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*", re.ASCII)
_OPENING = re.compile(r"\$\$\{|%%\{|[$%]\{")
_QUOTED_OR_BRACE = re.compile(r'"(?:[^"\\]|\\.)*"|[{}]')
_ESCAPES = {
    **{code: f"\\u{code:04x}" for code in range(32)},
    **str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}),
}


def hcl(configuration: Mapping[str, Any]) -> str:
    """The HCL of a configuration in Terraform's JSON syntax, without cdktf's metadata."""
    blocks = (
        _block(kind, labels, body, top=kind)
        for kind, count in _LABELS.items()
        for labels, body in _bodies(configuration.get(kind, []), count)
    )
    return "\n\n".join(blocks) + "\n"


def _bodies(content: Any, labels: int) -> Iterator[tuple[list[str], Mapping[str, Any]]]:
    """The labels and the body of every block in the JSON of one kind."""
    if isinstance(content, list):
        for each in content:
            yield from _bodies(each, labels)
    elif labels:
        for label in sorted(content):
            yield from (([label, *more], body) for more, body in _bodies(content[label], labels - 1))
    else:
        yield [], content


def _block(kind: str, labels: list[str], body: Mapping[str, Any], *, top: str) -> str:
    """A block: inside a block of the kind `top`, or the `top` block itself."""
    for name in body:
        if name != "//" and not _NAME.fullmatch(name):  # unlike a key, a name cannot be in quotes
            raise ValueError(f"{name!r} cannot be the name of a setting")
    settings = (text for name in sorted(body) if name != "//" for text in _settings(top, kind, name, body[name]))
    return _lines(" ".join([kind, *map(_quoted, labels), "{"]), settings, "}")


def _settings(top: str, kind: str, name: str, value: Any) -> Iterator[str]:
    """One argument of a block of a `kind`, or the nested blocks with one name."""
    are_objects = isinstance(value, list) and all(isinstance(each, Mapping) for each in value)
    if (kind, name) in _NESTED and (are_objects or isinstance(value, Mapping)):
        yield from (_block(name, labels, body, top=top) for labels, body in _bodies(value, _NESTED[kind, name]))
    elif top in ("provider", "variable", "data", "resource") and are_objects:
        yield from (_block(name, [], body, top=top) for body in value)
    elif name == "depends_on" and top != "terraform":
        yield f"{name} = [{', '.join(value)}]"
    else:
        yield f"{name} = {value if (top, name) in _REFERENCES else _expression(value)}"


def _expression(value: Any) -> str:
    if isinstance(value, Mapping):
        return _lines("{", (f"{_quoted(key)} = {_expression(value[key])}" for key in sorted(value)), "}")
    if isinstance(value, list):
        return _lines("[", (f"{_expression(each)}," for each in value), "]")
    return _text(value) if isinstance(value, str) else json.dumps(value)


def _lines(opening: str, inner: Iterable[str], closing: str) -> str:
    text = "".join(f"{indent(each, '  ')}\n" for each in inner)
    return f"{opening}\n{text}{closing}" if text else f"{opening}{closing}"


def _text(text: str) -> str:
    """Text with `${…}` in it: the expression without quotes if there is nothing else, else text in quotes."""
    parts = list(_parts(text))
    if len(parts) == 1 and parts[0].startswith("${"):
        return parts[0][2:-1]
    return '"' + "".join(part if part[:2] in ("${", "%{") else part.translate(_ESCAPES) for part in parts) + '"'


def _quoted(text: str) -> str:
    return f'"{text.translate(_ESCAPES)}"'


def _parts(text: str) -> Iterator[str]:
    """The parts of a template: `${…}`, `%{…}`, and the text between them."""
    start = 0
    for opening in _OPENING.finditer(text):
        if opening.start() < start or len(opening[0]) > len("${"):  # inside of an expression, or an escape
            continue
        if opening.start() > start:
            yield text[start : opening.start()]
        start = _end(text, opening.end())
        yield text[opening.start() : start]
    if start < len(text):
        yield text[start:]


def _end(text: str, start: int) -> int:
    """The end of the expression that begins at `start`."""
    depth = 1
    for token in _QUOTED_OR_BRACE.finditer(text, start):
        depth += {"{": 1, "}": -1}.get(token[0], 0)
        if depth == 0:
            return token.end()
    raise ValueError(f"{text!r} is not a template: '{{' without '}}'")
