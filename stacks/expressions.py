"""The last gate before Terraform: it evaluates no expression but those that these stacks consist of.

Terraform evaluates `${…}` and `%{…}` in every string of its JSON. The deployment file has none of them, and here the
result is checked: against a closed list of expressions, which may refer only to what the same stack declares.
Source: Terraform, JSON configuration syntax, "Expression mapping".
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pull_through_cache.files.problems import InvalidFile, Problem, shown

if TYPE_CHECKING:
    from cdktf import App

_ATTRIBUTE = r"(?:data\.)?\w+\.[\w-]+\.\w+"
_OWN = re.compile(
    "|".join(
        [
            _ATTRIBUTE,
            rf"\[{_ATTRIBUTE}, {_ATTRIBUTE}\]\[0\]",
            r"each\.value(?:\.\w+)?",
            r"try\(each\.value\.\w+, null\)",
            r'toset\(\["[\w+=,.@-]+"(?:, ?"[\w+=,.@-]+")*\]\)',
            r"\{ for key, cache in module\.[\w-]+ : key => cache\.\w+ \}",
        ]
    ).join([r"(?<!\$)\$\{(?:", r")\}"]),
    re.ASCII,
)
# The only place where the values of an upstream's credentials may go.
_SECRETS = ("secret_string", "secret_string_wo")
_SECRET = re.compile(
    r'\$\{jsonencode\(\{"username" = var\.\w+_username, "accessToken" = var\.\w+_access_token\}\)\}', re.ASCII
)
_ADDRESS = re.compile(r"(?:data\.aws_\w+|module|var|aws_\w+)\.[\w-]+|each\.value", re.ASCII)
_CDKTF_WRITES_IT_BARE = re.compile(r'[\[{]|.*["\\\r\n]', re.DOTALL)


def check_expressions(app: "App", outdir: Path) -> None:
    """Checks every stack that `app` wrote to its own folder, before it replaces what is in `outdir`.

    Raises InvalidFile for an expression that no stack of this project has; and for text that cdktf's HCL would not
    quote, as it escapes neither backslashes nor text in brackets.
    """
    stacks = [
        (path.parent.name, json.loads(path.read_text(encoding="utf-8")))
        for path in Path(app.outdir).glob("stacks/*/cdk.tf.json")
    ]
    if app.hcl_output:
        stacks = [(stack.node.id, stack.to_terraform()) for stack in app.node.children]  # type: ignore[attr-defined]
    found = [Problem(outdir, 0, name, message) for name, stack in stacks for message in _found(stack, app.hcl_output)]
    if found:
        raise InvalidFile(found)


def _found(stack: Mapping[str, Any], hcl: bool) -> Iterator[str]:
    declared = {"each.value", *_declared(stack)}
    body = {kind: content for kind, content in stack.items() if kind != "//"}
    for text, literal in _literals(body, declared):
        if "${" in literal or "%{" in literal:
            yield f"{shown(text)} has an expression that this project does not write; write the deployment file without"
        elif hcl and _CDKTF_WRITES_IT_BARE.match(literal):
            yield f"{shown(text)} is not quoted in cdktf's HCL; write JSON instead, without --hcl"


def _declared(stack: Mapping[str, Any]) -> Iterator[str]:
    """The Terraform addresses of a stack."""
    for kind, names in stack.get("resource", {}).items():
        yield from (f"{kind}.{name}" for name in names)
    for kind, names in stack.get("data", {}).items():
        yield from (f"data.{kind}.{name}" for name in names)
    yield from (f"module.{name}" for name in stack.get("module", {}))
    yield from (f"var.{name}" for name in stack.get("variable", {}))


def _literals(value: Any, declared: set[str], key: str = "") -> Iterator[tuple[str, str]]:
    """Every text, keys included, and what is left of it without this project's own expressions."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield name, name
            yield from _literals(inner, declared, name)
    elif isinstance(value, list):
        for inner in value:
            yield from _literals(inner, declared, key)
    elif isinstance(value, str):

        def without(match: re.Match[str]) -> str:
            known = "var." not in match[0] and declared.issuperset(_ADDRESS.findall(match[0]))
            return " " if known else match[0]

        is_secret = key in _SECRETS and _SECRET.fullmatch(value) and declared.issuperset(_ADDRESS.findall(value))
        yield value, "" if is_secret else _OWN.sub(without, value)
