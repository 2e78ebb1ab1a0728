"""Our facts about AWS, and the values that we accept, compared with AWS's SDK."""

import re
import unicodedata
from typing import Any, get_args

import botocore.session
import pytest

from pull_through_cache.aws.ecr_actions import ECR_ACTIONS, PERMISSIONS_ONLY, is_ecr_action
from pull_through_cache.aws.quotas import MAX_LIFECYCLE_POLICY, MAX_RESOURCE_POLICY, MAX_SCAN_FILTERS
from pull_through_cache.aws.regions import REGIONS, REGIONS_WITHOUT_PULL_THROUGH_CACHE
from pull_through_cache.aws.registries import UPSTREAM_REGISTRIES, UpstreamRegistry, find, other_registry
from pull_through_cache.deployment.credentials import Credentials
from pull_through_cache.deployment.repositories import AppliedFor, RepositorySettings
from pull_through_cache.deployment.scanning import Scanning
from pull_through_cache.deployment.upstream import RegistryName
from pull_through_cache.deployment.values.tags import TagKey, TagValue


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


@pytest.mark.parametrize("registry", UPSTREAM_REGISTRIES, ids=lambda registry: registry.api_name)
def test_a_registry_is_found_by_its_host(registry: UpstreamRegistry) -> None:
    host = registry.host.replace("<name>", "contoso").replace("<account>", "123456789012")

    assert find(host.replace("<region>", "us-east-1")) is registry


@pytest.mark.parametrize("registry", UPSTREAM_REGISTRIES, ids=lambda registry: registry.api_name)
def test_the_usual_prefix_is_one_that_ecr_accepts(api: Any, registry: UpstreamRegistry) -> None:
    pattern = api.shape_for("PullThroughCacheRuleRepositoryPrefix")

    assert re.fullmatch(pattern.metadata["pattern"], registry.usual_prefix)


@pytest.mark.parametrize("host", ["gcr.io", "k8s.gcr.io", "nvcr.io", "docker.io", "ghcr.io", "my.registry.example"])
def test_no_registry_is_cacheable_and_not_cacheable(host: str) -> None:
    assert not (find(host) and other_registry(host))


def test_the_registries_of_a_file_are_those_of_the_api(api: Any) -> None:
    names = {registry.api_name for registry in UPSTREAM_REGISTRIES}

    assert names == set(api.shape_for("UpstreamRegistry").enum) == set(get_args(RegistryName))


def test_the_actions_are_the_operations_of_the_api(api: Any) -> None:
    assert set(api.operation_names) == ECR_ACTIONS - PERMISSIONS_ONLY


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("ecr:*", True),
        ("ecr:Batch*", True),
        ("ecr:batchgetimage", True),
        ("ecr:ReplicateImage", True),
        ("ecr:DescribeImage", False),
        ("ecr:Batches*", False),
        ("ecr:", False),
        ("s3:GetObject", False),
        ("*", False),
        ("ecr:[B]*", False),
    ],
)
def test_an_action_exists(text: str, *, known: bool) -> None:
    assert is_ecr_action(text) is known


def choices(model: Any, field: str) -> set[str]:
    return set(get_args(model.model_fields[field].annotation))


def test_words_are_those_of_the_api(api: Any) -> None:
    assert set(get_args(AppliedFor)) == set(api.shape_for("RCTAppliedFor").enum)
    assert choices(RepositorySettings, "image_tag_mutability") == set(api.shape_for("ImageTagMutability").enum)
    assert choices(Scanning, "type") == set(api.shape_for("ScanType").enum)
    assert api.shape_for("ScanningRepositoryFilterList").metadata["max"] == MAX_SCAN_FILTERS
    assert api.shape_for("RegistryScanningRuleList").metadata["max"] == len(choices(Scanning, "frequency"))


def test_limits_are_those_of_the_api(aws: Any, api: Any) -> None:
    assert api.shape_for("LifecyclePolicyTextForRepositoryCreationTemplate").metadata["max"] == MAX_LIFECYCLE_POLICY
    assert api.shape_for("RegistryPolicyText").metadata["max"] == MAX_RESOURCE_POLICY
    assert api.shape_for("RepositoryPolicyText").metadata["max"] == MAX_RESOURCE_POLICY
    filters = RepositorySettings.model_fields["image_tag_mutability_exclusion_filters"].metadata
    assert api.shape_for("ImageTagMutabilityExclusionFilters").metadata["max"] in [each.max_length for each in filters]
    description = Credentials.model_fields["description"].metadata
    of_secrets = aws.get_service_model("secretsmanager").shape_for("DescriptionType")
    assert of_secrets.metadata["max"] in [each.max_length for each in description]


@pytest.mark.parametrize(("kind", "shape"), [(TagKey, "tagKeyType"), (TagValue, "tagValueType")], ids=["key", "value"])
def test_tags_have_the_characters_and_lengths_of_iam(aws: Any, kind: Any, shape: str) -> None:
    limits, ours = aws.get_service_model("iam").shape_for(shape).metadata, get_args(kind)[1]
    assert limits["pattern"].rstrip("*+") == r"[\p{L}\p{Z}\p{N}_.:/=+\-@]"

    wrong = [
        character
        for character in map(chr, range(0x10000))
        if (ours.problem(character) is None) != (unicodedata.category(character)[0] in "LZN" or character in "_.:/=+-@")
    ]

    assert wrong == []
    assert not ours.problem("x" * limits["max"])
    assert ours.problem("x" * (limits["max"] + 1))
