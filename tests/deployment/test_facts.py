"""The facts about AWS, compared with AWS's own."""

import re
from typing import Any

import botocore.session
import pytest

from pull_through_cache.aws.regions import REGIONS, REGIONS_WITHOUT_PULL_THROUGH_CACHE
from pull_through_cache.aws.registries import UPSTREAM_REGISTRIES, UpstreamRegistry, find


@pytest.fixture(scope="module")
def aws() -> Any:
    """What AWS's own SDK knows."""
    return botocore.session.Session()


@pytest.fixture(scope="module")
def api(aws: Any) -> Any:
    """The API of ECR."""
    return aws.get_service_model("ecr")


def test_the_regions_are_those_of_ecr(aws: Any) -> None:
    assert set(aws.get_available_regions("ecr")) == REGIONS


def test_the_regions_of_other_partitions_are_known(aws: Any) -> None:
    others = [aws.get_available_regions("ecr", partition) for partition in ("aws-cn", "aws-us-gov")]

    assert {region for partition in others for region in partition} == REGIONS_WITHOUT_PULL_THROUGH_CACHE


def test_the_upstream_registries_are_those_of_the_api(api: Any) -> None:
    assert {registry.api_name for registry in UPSTREAM_REGISTRIES} == set(api.shape_for("UpstreamRegistry").enum)


@pytest.mark.parametrize("registry", UPSTREAM_REGISTRIES, ids=lambda registry: registry.api_name)
def test_a_registry_is_found_by_its_host(registry: UpstreamRegistry) -> None:
    host = registry.host.replace("<name>", "contoso").replace("<account>", "123456789012")

    assert find(host.replace("<region>", "us-east-1")) is registry


@pytest.mark.parametrize("registry", UPSTREAM_REGISTRIES, ids=lambda registry: registry.api_name)
def test_the_usual_prefix_is_one_that_ecr_accepts(api: Any, registry: UpstreamRegistry) -> None:
    pattern = api.shape_for("PullThroughCacheRuleRepositoryPrefix")

    assert re.fullmatch(pattern.metadata["pattern"], registry.usual_prefix)
