"""A secret that is replicated to the registry's other Regions."""

import json
from pathlib import Path

import pytest
from cdktf_cdktf_provider_aws.data_aws_secretsmanager_secret import DataAwsSecretsmanagerSecret
from cdktf_cdktf_provider_aws.secretsmanager_secret import SecretsmanagerSecret

from tests.stacks.conftest import Json, Synthesize, assert_has, caches

NAME = "ecr-pullthroughcache/hub"
OTHERS = ("us-east-1", "ap-southeast-3")


@pytest.fixture
def replicated(synthesize: Synthesize, request: pytest.FixtureRequest) -> dict[str, Json]:
    """The stacks of a registry in three Regions, by Region; the parameter is the `store`."""
    text = (
        f"registry: {{regions: [eu-west-1, {', '.join(OTHERS)}], upstreams: {{docker-hub: {{registry: docker-hub, "
        f"renamed_from: hub, credentials: {{store: {request.param}, name: {NAME}, replicate: true}}}}}}}}"
    )
    return {name.removeprefix("shared-services-"): json.loads(stack) for name, stack in synthesize(text).items()}


both = pytest.mark.parametrize("replicated", ["module", "write_only"], indirect=True)


@pytest.mark.parametrize("replicated", ["module"], indirect=True)
def test_the_first_region_s_module_replicates_to_the_others(replicated: dict[str, Json]) -> None:
    secret = replicated["eu-west-1"]["module"]["secrets_manager_dockerhub_credentials"]

    assert secret["replica"] == {region: {"region": region} for region in OTHERS}


@pytest.mark.parametrize("replicated", ["write_only"], indirect=True)
def test_the_first_region_s_write_only_secret_replicates_to_the_others(replicated: dict[str, Json]) -> None:
    replicas = [{"region": region} for region in OTHERS]
    assert_has(replicated["eu-west-1"], SecretsmanagerSecret, name=NAME, replica=replicas)


@both
@pytest.mark.parametrize("region", OTHERS)
def test_another_region_finds_the_replica_by_its_name(replicated: dict[str, Json], region: str) -> None:
    stack = replicated[region]

    assert_has(stack, DataAwsSecretsmanagerSecret, name=NAME)
    arn = "${data.aws_secretsmanager_secret.dockerhub_credentials.arn}"
    assert caches(stack)["for_each"]["docker-hub"]["credential_arn"] == arn
    assert stack["output"]["secret_arns"]["value"] == {"docker-hub": arn}


@both
@pytest.mark.parametrize("region", OTHERS)
def test_another_region_makes_no_secret_and_needs_no_token(replicated: dict[str, Json], region: str) -> None:
    stack = replicated[region]

    assert "variable" not in stack
    assert set(stack["module"]) == {"ecr_pull_through_caches"}
    assert set(stack["resource"]) == {"aws_ecr_registry_policy"}
    assert [block["to"] for block in stack["moved"]] == ['module.ecr_pull_through_caches["docker-hub"]']


@pytest.mark.parametrize("replicated", ["module"], indirect=True)
@pytest.mark.usefixtures("replicated")
def test_the_other_stacks_depend_on_the_first(tmp_path: Path) -> None:
    manifest = json.loads((tmp_path / "cdktf.out" / "manifest.json").read_text())["stacks"]

    dependencies = {name: stack["dependencies"] for name, stack in manifest.items()}
    assert dependencies == {
        "shared-services-eu-west-1": [],
        **{f"shared-services-{region}": ["shared-services-eu-west-1"] for region in OTHERS},
    }


def test_without_replicas_no_stack_depends_on_another(synthesize: Synthesize, tmp_path: Path) -> None:
    synthesize("registry: {regions: [eu-west-1, us-east-1], upstreams: {quay: {registry: quay}}}")

    manifest = json.loads((tmp_path / "cdktf.out" / "manifest.json").read_text())["stacks"]
    assert [stack["dependencies"] for stack in manifest.values()] == [[], []]
