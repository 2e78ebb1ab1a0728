"""What stacks say to Terraform itself."""

import json
from typing import Any

import pytest
from cdktf_cdktf_provider_aws.provider import AwsProvider

from tests.stacks.conftest import Synthesize, has

QUAY = "registry: {regions: [eu-west-1, us-east-1], upstreams: {quay: {url: quay.io}}, outputs: false}\n"


def terraform(synthesize: Synthesize, settings: str) -> dict[str, Any]:
    return {name: json.loads(text)["terraform"] for name, text in synthesize(f"{QUAY}terraform: {settings}").items()}


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
def test_every_stack_has_a_state_of_its_own(synthesize: Synthesize, backend: str, written: dict[str, Any]) -> None:
    stacks = terraform(synthesize, f"{{backend: {backend}}}")

    assert stacks["shared-services-us-east-1"]["backend"] == written


def test_hcp_terraform_has_a_workspace_for_each_stack(synthesize: Synthesize) -> None:
    stacks = terraform(synthesize, "{backend: {cloud: {organization: example}}}")

    assert stacks["shared-services-us-east-1"]["cloud"] == {
        "organization": "example",
        "workspaces": {"name": "shared-services-us-east-1"},
    }
    assert "backend" not in stacks["shared-services-us-east-1"]


def test_without_a_backend_the_state_is_beside_the_output(synthesize: Synthesize) -> None:
    stacks = terraform(synthesize, "{}")

    assert stacks["shared-services-us-east-1"]["backend"] == {
        "local": {"path": "../../../terraform.shared-services-us-east-1.tfstate"}
    }


def test_default_tags_are_the_providers(synthesize: Synthesize) -> None:
    stacks = synthesize(f"{QUAY}terraform: {{default_tags: {{owner: platform}}}}")

    assert has(
        json.loads(stacks["shared-services-eu-west-1"]), AwsProvider, default_tags=[{"tags": {"owner": "platform"}}]
    )
