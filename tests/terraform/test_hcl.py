"""The HCL of a configuration is the same configuration as its JSON. test_deployments.py plans the stacks' HCL."""

import json
from pathlib import Path
from typing import Any

import pytest

from stacks.hcl import hcl
from tests.terraform.conftest import Sandbox, Terraform, Variables

TEXTS = {
    "quotes": 'say "hello"',
    "backslashes": r"C:\new\table",
    "white space": "two\nlines\tand a tab\r\n",
    "control characters": "\x00\x08\x1b",
    "other scripts": "Ünïcödé 鏡 🐳",
    "JSON": '{"rules": [{"description": "keep \\"20\\""}]}',
    "an escaped expression": "$${path.module} and %%{ if true }",
    "signs of expressions": "$ % { } 100% $$ $a",
    "an expression": "${upper(\"a\")}",
    "an expression with braces": '${jsonencode({"a" = {"b" = "}"}})}',
    "text and expressions": 'a "${upper("b")}" c ${lower("D")} \\ e',
    "a directive": "%{ if true }yes%{ else }no%{ endif }",
    "nothing": "",
}  # fmt: skip
VALUES = {
    "texts": TEXTS,
    "keys": {"a b": 1, 'a"b': 2, "for": 3, "ä": 4, "null": 5},
    "kinds": [True, False, None, 0, -1.5, 2**40, [], {}, [[1], {"a": [2]}]],
    "a for expression": "${{ for key, value in {a = 1} : key => value }}",
}
BACKENDS: list[dict[str, Any]] = [
    {"s3": {"bucket": "b", "key": "k", "region": "eu-west-1", "assume_role": {"role_arn": "arn"}}},
    {"remote": {"organization": "o", "workspaces": {"name": "w"}}},
    {"kubernetes": {"secret_suffix": "s", "exec": [{"command": "c", "args": ["a"]}]}},
]


def outputs(folder: Path, environment: Variables, name: str, text: str) -> Any:
    """The outputs that Terraform plans for a file with this text."""
    folder.mkdir()
    (folder / name).write_text(text)
    return Terraform(folder, environment).plan()["planned_values"]["outputs"]


def test_values_are_the_same(terraform_settings: Variables, tmp_path: Path) -> None:
    configuration = {"output": {name.replace(" ", "_"): {"value": value} for name, value in VALUES.items()}}

    in_json = outputs(tmp_path / "json", terraform_settings, "main.tf.json", json.dumps(configuration))
    in_hcl = outputs(tmp_path / "hcl", terraform_settings, "main.tf", hcl(configuration))

    assert in_hcl == in_json


@pytest.mark.parametrize("backend", BACKENDS, ids=lambda backend: next(iter(backend)))
def test_a_backend_is_accepted(terraform_settings: Variables, tmp_path: Path, backend: dict[str, Any]) -> None:
    (tmp_path / "main.tf").write_text(hcl({"terraform": {"backend": backend}}))

    terraform = Terraform(tmp_path, terraform_settings)
    terraform.run("init", "-backend=false", "-no-color")
    terraform.run("validate", "-no-color")


def test_what_an_upstream_takes_over_and_hcp_terraform_are_accepted(sandbox: Sandbox) -> None:
    [stack] = sandbox.synthesize_hcl("""\
        registry:
          regions: [eu-central-1]
          pull_access: {}
          upstreams:
            quay: {registry: quay, adopt: true}
            hub: {registry: docker-hub, renamed_from: docker-hub, credentials: {}}
        terraform:
          backend: {cloud: {organization: example}}
          default_tags: {owner: platform}
        """).values()

    stack.run("init", "-backend=false", "-no-color")
    stack.run("validate", "-no-color")
