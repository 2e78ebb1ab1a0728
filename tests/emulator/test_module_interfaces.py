"""The emulator's modules have the interfaces of the released modules, which are in module-interfaces/."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hcl2
import pytest

from emulator.module_registry import RELEASES, module_registry
from tests.emulator.module_client import download, unpack

Json = dict[str, Any]
INTERFACES = [json.loads(file.read_text()) for file in sorted((Path(__file__).parent / "module-interfaces").iterdir())]


def name(interface: Json) -> str:
    return f"{interface['module'].split('/')[1]} {interface['version']}"


@pytest.fixture(scope="module")
def modules() -> Iterator[str]:
    with module_registry() as url:
        yield url


def without_random(interface: Json) -> Json:
    """What is left out: the provider `random`, which not every machine can get, and the password made with it."""
    left_out = {"random", "random_password.this"}
    keep = ("resources", "ephemeral_resources")
    providers = {key: floor for key, floor in interface["required_providers"].items() if key not in left_out}
    return interface | {
        "required_providers": providers,
        **{kind: [each for each in interface[kind] if each not in left_out] for kind in keep},
    }


def interface_of(files: dict[str, str], module: str, version: str) -> Json:
    """The interface of the module in these files, in the words of module-interfaces/."""
    options = hcl2.SerializationOptions(strip_string_quotes=True, explicit_blocks=False, with_comments=False)
    parsed = [hcl2.loads(text, serialization_options=options) for text in files.values()]

    def blocks(kind: str) -> list[Json]:
        return [block for file in parsed for block in file.get(kind, [])]

    def named(kind: str) -> dict[str, Any]:
        return {label: body for block in blocks(kind) for label, body in block.items()}

    def addresses(kind: str) -> list[str]:
        return sorted(f"{type_}.{label}" for block in blocks(kind) for type_, body in block.items() for label in body)

    terraform = {setting: value for block in blocks("terraform") for setting, value in block.items()}
    providers = {key: wanted["version"] for key, wanted in terraform["required_providers"][0].items()}
    return {
        "module": module,
        "version": version,
        "variables": {label: variable(body) for label, body in named("variable").items()},
        "outputs": sorted(named("output")),
        "sensitive_outputs": [label for label, body in named("output").items() if body.get("sensitive")],
        "resources": addresses("resource"),
        "data_sources": addresses("data"),
        "ephemeral_resources": addresses("ephemeral"),
        "module_calls": sorted(named("module")),
        "required_terraform": terraform["required_version"],
        "required_providers": providers,
        "required_aws": providers["aws"],
        "provider_meta": any("aws" in meta for meta in terraform.get("provider_meta", [])),
    }


def variable(body: Json) -> Json:
    return {
        "type": body["type"].removeprefix("${").removesuffix("}").replace("({", "({ ").replace("})", " })"),
        "required": "default" not in body,
        "default": body.get("default"),
        "validations": len(body.get("validation", [])),
    } | {key: body[key] for key in ("ephemeral",) if key in body}


def test_every_release_has_an_interface_to_be_compared_with() -> None:
    assert [name(interface) for interface in INTERFACES] == [f"{each.name} {each.version}" for each in RELEASES]


@pytest.mark.parametrize("released", INTERFACES, ids=name)
def test_the_interface_is_the_released_modules_without_random(modules: str, released: Json) -> None:
    address, version = released["module"].partition("//")[0], released["version"]
    files = unpack(download(modules, address, version))
    assert interface_of(files, released["module"], version) == without_random(released)
