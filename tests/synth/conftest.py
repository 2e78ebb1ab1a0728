import json
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

import stacks  # noqa: F401 - before cdktf
from main import build_app
from pull_through_cache.deployment import load

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
        build_app(load(file), outdir=str(outdir)).synth()
        return {path.parent.name: path.read_text() for path in outdir.glob("stacks/*/cdk.tf.json")}

    return synthesize


@pytest.fixture(scope="session")
def blog_post(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The Terraform JSON of the default deployment's stack."""
    outdir = tmp_path_factory.mktemp("blog-post")
    build_app(load(PROJECT / "deployments" / "blog-post.yaml"), outdir=str(outdir)).synth()
    return (outdir / "stacks" / "shared-services-eu-central-1" / "cdk.tf.json").read_text()


@pytest.fixture(scope="session")
def blog_post_data(blog_post: str) -> Any:
    return json.loads(blog_post)
