import json
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

import stacks  # noqa: F401 - before cdktf

# isort: split
from cdktf import TerraformDataSource, TerraformResource
from cdktf import Testing as CdktfTesting

import tests.hypothesis_profiles  # noqa: F401
from pull_through_cache.deployment import load
from pull_through_cache.deployment.project import project
from stacks.app import build_app

PROJECT = Path(__file__).parents[2]

Synthesize = Callable[[str | Path], dict[str, str]]


@pytest.fixture
def synthesize(tmp_path: Path) -> Synthesize:
    """The Terraform JSON of every stack of a deployment file, or of one of this content."""

    def synthesize(deployment: str | Path) -> dict[str, str]:
        if isinstance(deployment, str):
            file = tmp_path / "deployment.yaml"
            file.write_text(dedent(deployment))
        else:
            file = deployment
        outdir = tmp_path / "cdktf.out"
        build_app(load(file), modules=project().modules, outdir=str(outdir)).synth()
        return {path.parent.name: path.read_text() for path in outdir.glob("stacks/*/cdk.tf.json")}

    return synthesize


def has(stack: Any, kind: type[Any], **properties: Any) -> bool:
    """Whether a stack has a resource, data source or provider of this kind with these properties among others."""
    if issubclass(kind, TerraformResource):
        matches = CdktfTesting.to_have_resource_with_properties
    elif issubclass(kind, TerraformDataSource):
        matches = CdktfTesting.to_have_data_source_with_properties
    else:
        matches = CdktfTesting.to_have_provider_with_properties
    return matches(json.dumps(stack), kind.TF_RESOURCE_TYPE, properties)
