"""The last check before Terraform: a stack may contain only expressions that this project writes.

Terraform evaluates `${…}` and `%{…}` in every string of its JSON. The deployment file may contain neither. This module
checks the result against a closed list of expressions, which may refer only to what the same stack declares.
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

_ADDRESS = r"(?:data\.aws_\w+|aws_\w+|module)\.[\w-]+"
_ATTRIBUTE = rf"{_ADDRESS}\.\w+"
_PREFIX = r'startswith\(name, "[\w./-]+/"\)'
# The names of existing repositories under a prefix, each with its policy.
_EXISTING = (
    rf"\{{ for name in data\.aws_ecr_repositories\.[\w-]+\.names : name => (?:{_ATTRIBUTE}|local\.[\w-]+) "
    rf"if {_PREFIX}(?: && !{_PREFIX})* \}}"
)
_OWN = re.compile(
    "|".join(
        [
            _ATTRIBUTE,
            rf"\[{_ATTRIBUTE}, {_ATTRIBUTE}\]\[0\]",
            r"each\.key|each\.value(?:\.\w+)?",
            r"try\(each\.value\.\w+, null\)",
            r'toset\(\["[\w+=,.@-]+"(?:, ?"[\w+=,.@-]+")*\]\)',
            rf"\{{ for key, cache in {_ADDRESS} : key => cache\.\w+ \}}",
            rf"merge\({_EXISTING}(?:, {_EXISTING})*\)",
        ]
    ).join([r"(?<!\$)\$\{(?:", r")\}"]),
    re.ASCII,
)
# The only place for the values of an upstream's credentials.
_SECRETS = ("secret_string", "secret_string_wo")
_SECRET = re.compile(
    r'\$\{jsonencode\(\{"username" = var\.\w+_username, "accessToken" = var\.\w+_access_token\}\)\}', re.ASCII
)
# The only places for variables with the ARNs of KMS keys, and the rule for their values.
_KEY_PLACES = ("kms_key_arn", "resources")
_KEY = re.compile(r"\$\{(var\.\w+)\}", re.ASCII)
_KEY_RULE = re.compile(
    r'\$\{can\(regex\("\^arn:aws:kms:[a-z0-9-]+:\[0-9\]\{12\}:key/\[a-z0-9-\]\+\$", (var\.\w+)\)\)\}', re.ASCII
)
_REFERENCE = re.compile(rf"{_ADDRESS}|var\.\w+|local\.[\w-]+", re.ASCII)


def check_expressions(app: "App", outdir: Path) -> None:
    """Checks every stack that `app` wrote to its own folder, before the stack replaces files in `outdir`.

    Raises InvalidFile for an expression that this project does not write.
    """
    if app.hcl_output:
        stacks = [(stack.node.id, stack.to_terraform()) for stack in app.node.children]  # type: ignore[attr-defined]
    else:
        files = Path(app.outdir).glob("stacks/*/cdk.tf.json")
        stacks = [(file.parent.name, json.loads(file.read_text(encoding="utf-8"))) for file in files]
    remedy = "has an expression that this project does not write; delete it from the deployment file"
    found = [Problem(outdir, 0, name, f"{shown(text)} {remedy}") for name, stack in stacks for text in _foreign(stack)]
    if found:
        raise InvalidFile(found)


def _foreign(stack: Mapping[str, Any]) -> list[str]:
    """The texts of a stack with an expression that is not this project's own."""
    body = {kind: content for kind, content in stack.items() if kind != "//"}
    declared = set(_declared(stack))
    return [text for text, key in _evaluated(body) if not _is_own(text, key, declared)]


def _evaluated(body: Any) -> Iterator[tuple[str, str | None]]:
    """Every text with an expression, keys included, together with its key."""
    waiting: list[tuple[Any, str | None]] = [(body, None)]
    for value, key in waiting:  # grows during the loop
        if isinstance(value, Mapping):
            waiting += [(name, None) for name in value]
            waiting += [(inner, name) for name, inner in value.items()]
        elif isinstance(value, list):
            waiting += [(inner, key) for inner in value]
        elif isinstance(value, str) and ("${" in value or "%{" in value):
            yield value, key


def _is_own(text: str, key: str | None, declared: set[str]) -> bool:
    """Whether this project writes all expressions in the value of `key`. Without `key`, none is allowed."""
    if key is None:
        return False
    if key in _SECRETS and _SECRET.fullmatch(text):
        return declared.issuperset(_REFERENCE.findall(text))
    pattern = _KEY if key in _KEY_PLACES else _KEY_RULE if key == "condition" else None
    if pattern and (variable := pattern.fullmatch(text)):
        return f"key {variable[1]}" in declared
    rest = _OWN.sub(" ", text)
    references = [name for own in _OWN.findall(text) for name in _REFERENCE.findall(own)]
    return "${" not in rest and "%{" not in rest and declared.issuperset(references)


def _declared(stack: Mapping[str, Any]) -> Iterator[str]:
    """The Terraform addresses of a stack. Those of variables with KMS keys are there again, as `key <address>`."""
    for kind, names in stack.get("resource", {}).items():
        yield from (f"{kind}.{name}" for name in names)
    for kind, names in stack.get("data", {}).items():
        yield from (f"data.{kind}.{name}" for name in names)
    yield from (f"module.{name}" for name in stack.get("module", {}))
    for name, body in stack.get("variable", {}).items():
        yield f"var.{name}"
        if "validation" in body and not body.get("sensitive"):
            yield f"key var.{name}"
    yield from (f"local.{name}" for name in stack.get("locals", {}))
