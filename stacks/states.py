"""Notices the state of another deployment file: run as `python -m stacks.states FILE [STACK …]`, after a synthesis.

Stacks of two files can have the same name, and so the same state: here, in a copied file, or in a backend.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from pull_through_cache.files.printing import visible

_STACKS = Path("cdktf.out", "stacks")
_SHOWN = 5
"""Addresses in a warning."""


def main() -> None:
    file, *patterns = sys.argv[1:]
    for path in sorted(_STACKS.glob("*/cdk.tf.json")):
        stack = path.parent.name
        if any(fnmatch(stack, pattern) for pattern in patterns or ["*"]):
            configuration = json.loads(path.read_text(encoding="utf-8"))
            for sign in _signs(configuration, _state(path.parent, configuration)):
                remedy = f"If a file other than {file} made them, set DEPLOYMENT to that file."
                print(visible(f"Warning: the state of {stack} has {sign}. {remedy}"), file=sys.stderr)


def _signs(configuration: Any, state: Any) -> Iterator[str]:
    """What shows that a state may not be of this Terraform configuration."""
    resources = [each for each in state.get("resources", ()) if each["mode"] == "managed"]
    others = sorted(set(map(_root, resources)) - set(_named(configuration)))
    if others:
        shown = [*others[:_SHOWN], *(["…"] if others[_SHOWN:] else [])]
        yield f"resources that a deploy would delete: {', '.join(shown)}"
    expected = set(configuration["provider"]["aws"][0].get("allowed_account_ids", ()))
    accounts = sorted({account for each in resources for account in _accounts(each)} - expected)
    if expected and accounts:
        yield f"resources of account {', '.join(accounts)}, not {', '.join(expected)}"


def _root(resource: Any) -> str:
    """The address of a resource, or of the module that it is in."""
    module = re.match(r'module\.[^.["]+(\["[^"]*"\])?', resource.get("module", ""))
    return module[0] if module else f"{resource['type']}.{resource['name']}"


def _named(configuration: Any) -> Iterator[str]:
    for kind, names in configuration.get("resource", {}).items():
        yield from (f"{kind}.{name}" for name in names)
    for name, module in configuration.get("module", {}).items():
        yield f"module.{name}"
        yield from (f'module.{name}["{key}"]' for key in module.get("for_each", ()))
    yield from (block["from"] for block in configuration.get("moved", ()))


def _accounts(resource: Any) -> Iterator[str]:
    for instance in resource["instances"]:
        attributes = instance.get("attributes", {})
        yield from re.findall(r"^arn:[^:]+:[^:]+:[^:]*:(\d{12}):", attributes.get("arn") or "")
        yield from filter(None, [attributes.get("registry_id")])


def _state(folder: Path, configuration: Any) -> Any:
    """The state of a stack. It is empty if it cannot be read: then the command that follows reports the reason."""
    backend = configuration["terraform"].get("backend", {})
    try:
        if "local" in backend:
            return json.loads((folder / backend["local"]["path"]).read_text(encoding="utf-8"))
        pulled = _terraform(folder, "state", "pull")
        if pulled.returncode and _terraform(folder, "init", "-input=false").returncode == 0:
            pulled = _terraform(folder, "state", "pull")
        return json.loads(pulled.stdout)
    except (OSError, ValueError):
        return {}


def _terraform(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    program = os.environ.get("TERRAFORM_BINARY_NAME", "terraform")
    return subprocess.run(
        [program, f"-chdir={folder}", *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True
    )


if __name__ == "__main__":
    main()
