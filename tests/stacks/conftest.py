"""What the tests of stacks share: the stacks of a deployment file, and an assertion with cdktf's matchers."""

import json
from collections.abc import Callable
from pathlib import Path
from pprint import pformat
from textwrap import dedent
from typing import Any, Protocol

import pytest

import stacks  # noqa: F401 - before cdktf

# isort: split
from cdktf import TerraformDataSource, TerraformResource, Testing

import tests.hypothesis_profiles  # noqa: F401
from pull_through_cache.deployment import load
from stacks.app import build_app

PROJECT = Path(__file__).parents[2]
QUAY = "quay: {registry: quay}"

Json = dict[str, Any]
Synthesize = Callable[[str | Path], dict[str, str]]


class SharedServices(Protocol):
    """See the fixture `shared_services`."""

    def __call__(self, settings: str = "", *, upstreams: str = QUAY) -> Json: ...


@pytest.fixture
def synthesize(tmp_path: Path) -> Synthesize:
    """The Terraform JSON of every stack of a deployment file, or of one with this text."""

    def synthesize(deployment: str | Path) -> dict[str, str]:
        if isinstance(deployment, str):
            file = tmp_path / "deployment.yaml"
            file.write_text(dedent(deployment))
        else:
            file = deployment
        outdir = tmp_path / "cdktf.out"
        build_app(load(file), outdir=str(outdir)).synth()
        return {path.parent.name: path.read_text() for path in outdir.glob("stacks/*/cdk.tf.json")}

    return synthesize


@pytest.fixture
def shared_services(synthesize: Synthesize) -> SharedServices:
    """The stack of a registry in eu-west-1 with these settings and upstreams."""

    def shared_services(settings: str = "", *, upstreams: str = QUAY) -> Json:
        text = f"registry: {{regions: [eu-west-1], upstreams: {{{upstreams}}}, {settings}}}"
        stack: Json = json.loads(synthesize(text)["shared-services-eu-west-1"])
        return stack

    return shared_services


def assert_has(stack: Json, kind: type[Any], **properties: Any) -> None:
    """Assert that a stack has a resource, data source or provider of this kind with these properties, and maybe others."""
    if issubclass(kind, TerraformResource):
        block, matches = "resource", Testing.to_have_resource_with_properties
    elif issubclass(kind, TerraformDataSource):
        block, matches = "data", Testing.to_have_data_source_with_properties
    else:
        block, matches = "provider", Testing.to_have_provider_with_properties
    if not matches(json.dumps(stack), kind.TF_RESOURCE_TYPE, properties):
        found = stack.get(block, {}).get(kind.TF_RESOURCE_TYPE, {})
        pytest.fail(f"no {kind.TF_RESOURCE_TYPE} has\n{pformat(properties)}\nThere is\n{pformat(found)}")


def caches(stack: Json) -> Any:
    """The module block with the caches."""
    return stack["module"]["ecr_pull_through_caches"]
