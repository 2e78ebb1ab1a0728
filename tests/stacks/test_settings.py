"""Terraform's own settings of the stacks: versions, backends, default tags."""

import json

import pytest
from cdktf_cdktf_provider_aws.provider import AwsProvider

from tests.stacks.conftest import Json, Synthesize, assert_has

QUAY = "registry: {regions: [eu-west-1, us-east-1], upstreams: {quay: {registry: quay}}, outputs: false}\n"


def terraform(synthesize: Synthesize, settings: str) -> Json:
    """The `terraform` block of the second Region's stack."""
    block: Json = json.loads(synthesize(f"{QUAY}terraform: {settings}")["shared-services-us-east-1"])["terraform"]
    return block


@pytest.mark.parametrize(
    ("backend", "written"),
    [
        pytest.param(
            "{s3: {bucket: states, region: eu-west-1}}",
            {
                "s3": {
                    "bucket": "states",
                    "region": "eu-west-1",
                    "key": "ecr-pull-through-cache/shared-services-us-east-1.tfstate",
                    "use_lockfile": True,
                    "encrypt": True,
                }
            },
            id="s3, with a key, a lock and encryption",
        ),
        pytest.param(
            "{s3: {bucket: states, region: eu-west-1, key: 'ecr/{stack}', use_lockfile: false}}",
            {
                "s3": {
                    "bucket": "states",
                    "region": "eu-west-1",
                    "key": "ecr/shared-services-us-east-1",
                    "use_lockfile": False,
                    "encrypt": True,
                }
            },
            id="s3, with a key of its own",
        ),
        pytest.param(
            "{http: {address: 'https://states.example/{stack}'}}",
            {"http": {"address": "https://states.example/shared-services-us-east-1"}},
            id="http",
        ),
        pytest.param(
            "{azurerm: {container_name: states, key: '{stack}'}}",
            {"azurerm": {"container_name": "states", "key": "shared-services-us-east-1"}},
            id="any other",
        ),
        pytest.param(
            "{local: {path: '{stack}.state'}}", {"local": {"path": "shared-services-us-east-1.state"}}, id="local"
        ),
    ],
)
def test_every_stack_has_its_own_state(synthesize: Synthesize, backend: str, written: Json) -> None:
    assert terraform(synthesize, f"{{backend: {backend}}}")["backend"] == written


def test_hcp_terraform_has_a_workspace_for_each_stack(synthesize: Synthesize) -> None:
    block = terraform(synthesize, "{backend: {cloud: {organization: example}}}")

    assert block["cloud"] == {"organization": "example", "workspaces": {"name": "shared-services-us-east-1"}}
    assert "backend" not in block


def test_without_a_backend_the_state_is_beside_the_output(synthesize: Synthesize) -> None:
    assert terraform(synthesize, "{}")["backend"] == {
        "local": {"path": "../../../terraform.shared-services-us-east-1.tfstate"}
    }


def test_versions_can_be_set(synthesize: Synthesize) -> None:
    block = terraform(synthesize, "{required_version: ~> 1.11, required_providers: {aws: ~> 6.0}}")

    assert block["required_version"] == "~> 1.11"
    assert block["required_providers"]["aws"]["version"] == "~> 6.0"


def test_default_tags_are_the_providers(synthesize: Synthesize) -> None:
    stacks = synthesize(f"{QUAY}terraform: {{default_tags: {{owner: platform}}}}")

    stack = json.loads(stacks["shared-services-eu-west-1"])
    assert_has(stack, AwsProvider, default_tags=[{"tags": {"owner": "platform"}}])
