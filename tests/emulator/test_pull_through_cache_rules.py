"""Rules that ECR accepts, and rules that it rejects."""

from datetime import datetime
from typing import Any

import pytest

from emulator.organization import MEMBERS, SHARED_SERVICES
from tests.aws import Aws, error_of

OTHER_ACCOUNT = f"{MEMBERS[0].id}.dkr.ecr.us-east-1.amazonaws.com"
ROLE = f"arn:aws:iam::{SHARED_SERVICES.id}:role/cache"


def rule(prefix: str = "quay", host: str = "quay.io", **settings: str) -> dict[str, str]:
    return {"ecrRepositoryPrefix": prefix, "upstreamRegistryUrl": host, **settings}


@pytest.fixture
def ecr(aws: Aws) -> Any:
    return aws.client("ecr")


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("public.ecr.aws", "ecr-public"),
        ("registry.k8s.io", "k8s"),
        ("quay.io", "quay"),
        ("registry-1.docker.io", "docker-hub"),
        ("ghcr.io", "github-container-registry"),
        ("registry.gitlab.com", "gitlab-container-registry"),
        ("example.azurecr.io", "azure-container-registry"),
        ("cgr.dev", "chainguard"),
        (OTHER_ACCOUNT, "ecr"),
    ],
)
def test_every_upstream_of_the_guide(aws: Aws, ecr: Any, host: str, name: str) -> None:
    settings = {"customRoleArn": ROLE} if name == "ecr" else {"credentialArn": aws.secret()}
    created = ecr.create_pull_through_cache_rule(**rule("cache", host, **settings))
    assert created["upstreamRegistry"] == name


@pytest.mark.parametrize("host", ["gcr.io", "mcr.microsoft.com", "harbor.example.com", "docker.io", "https://quay.io"])
def test_any_other_host_is_rejected(ecr: Any, host: str) -> None:
    assert error_of(ecr.create_pull_through_cache_rule, **rule(host=host)) == (
        f"UnsupportedUpstreamRegistryException: The upstream registry URL {host} is invalid. "
        "Specify a valid upstream registry URL and try again"
    )


@pytest.mark.parametrize(
    "host", ["registry-1.docker.io", "ghcr.io", "registry.gitlab.com", "example.azurecr.io", "cgr.dev"]
)
def test_a_registry_with_logins_needs_a_credential(ecr: Any, host: str) -> None:
    assert error_of(ecr.create_pull_through_cache_rule, **rule(host=host)) == (
        "UnsupportedUpstreamRegistryException: The specified upstream registry requires authentication. "
        "Specify a valid Secrets Manager ARN"
    )


def test_ecr_of_the_same_account_needs_no_role(ecr: Any) -> None:
    ecr.create_pull_through_cache_rule(**rule("ecr", f"{SHARED_SERVICES.id}.dkr.ecr.eu-west-1.amazonaws.com"))


def test_ecr_of_another_account_needs_a_role(ecr: Any) -> None:
    assert "customRoleArn" in error_of(ecr.create_pull_through_cache_rule, **rule("ecr", OTHER_ACCOUNT))


def test_the_role_is_of_the_registry_s_account(ecr: Any) -> None:
    foreign = f"arn:aws:iam::{MEMBERS[0].id}:role/cache"
    settings = rule("ecr", OTHER_ACCOUNT, customRoleArn=foreign)
    assert "InvalidParameterException" in error_of(ecr.create_pull_through_cache_rule, **settings)


@pytest.mark.parametrize("prefix", ["ab", "a" * 30, "docker-hub", "team/docker.hub_1", "quay/", "ROOT"])
def test_a_prefix_of_the_right_form(ecr: Any, prefix: str) -> None:
    assert ecr.create_pull_through_cache_rule(**rule(prefix))["ecrRepositoryPrefix"] == prefix


@pytest.mark.parametrize("prefix", ["a", "a" * 31, "Quay", "/quay", "quay//x", "-quay", "quay-", "root!", "qu ay"])
def test_a_prefix_of_another_form_is_rejected(ecr: Any, prefix: str) -> None:
    error = error_of(ecr.create_pull_through_cache_rule, **rule(prefix))
    assert error.startswith("InvalidParameterException: Invalid parameter at 'ecrRepositoryPrefix'")


def test_an_upstream_prefix_needs_a_prefix_of_the_cache(ecr: Any) -> None:
    error = error_of(ecr.create_pull_through_cache_rule, **rule("ROOT", upstreamRepositoryPrefix="team"))
    assert "InvalidParameterException" in error


def test_a_rule_has_no_upstream_prefix_unless_one_was_given(ecr: Any) -> None:
    """ROOT here would make the Terraform provider replace the rule at every plan."""
    ecr.create_pull_through_cache_rule(**rule())
    (stored,) = ecr.describe_pull_through_cache_rules()["pullThroughCacheRules"]
    assert "upstreamRepositoryPrefix" not in stored


def test_a_second_rule_for_a_prefix_is_rejected(ecr: Any) -> None:
    ecr.create_pull_through_cache_rule(**rule())
    error = error_of(ecr.create_pull_through_cache_rule, **rule())
    assert error.startswith("PullThroughCacheRuleAlreadyExistsException")


def test_fifty_rules_in_a_registry_and_region(aws: Aws, ecr: Any) -> None:
    for number in range(50):
        ecr.create_pull_through_cache_rule(**rule(f"quay-{number}"))
    assert "LimitExceededException" in error_of(ecr.create_pull_through_cache_rule, **rule())
    aws.client("ecr", region="eu-west-1").create_pull_through_cache_rule(**rule())


def test_rules_belong_to_an_account_and_a_region(aws: Aws, ecr: Any) -> None:
    ecr.create_pull_through_cache_rule(**rule())
    elsewhere = [aws.client("ecr", region="eu-west-1"), aws.client("ecr", MEMBERS[0])]
    assert [each.describe_pull_through_cache_rules()["pullThroughCacheRules"] for each in elsewhere] == [[], []]


def test_rules_come_in_pages(ecr: Any) -> None:
    for number in range(5):
        ecr.create_pull_through_cache_rule(**rule(f"quay-{number}"))
    pages = ecr.get_paginator("describe_pull_through_cache_rules").paginate(PaginationConfig={"PageSize": 2})
    assert [len(page["pullThroughCacheRules"]) for page in pages] == [2, 2, 1]


def test_describing_a_rule_by_its_prefix(ecr: Any) -> None:
    ecr.create_pull_through_cache_rule(**rule())
    ecr.create_pull_through_cache_rule(**rule("k8s", "registry.k8s.io"))
    (found,) = ecr.describe_pull_through_cache_rules(ecrRepositoryPrefixes=["k8s"])["pullThroughCacheRules"]
    assert (found["upstreamRegistryUrl"], type(found["createdAt"])) == ("registry.k8s.io", datetime)


def test_deleting_a_rule(ecr: Any) -> None:
    ecr.create_pull_through_cache_rule(**rule())
    ecr.delete_pull_through_cache_rule(ecrRepositoryPrefix="quay")
    assert ecr.describe_pull_through_cache_rules()["pullThroughCacheRules"] == []


@pytest.mark.parametrize("action", ["delete", "validate", "update"])
def test_an_unknown_rule(ecr: Any, action: str) -> None:
    call = getattr(ecr, f"{action}_pull_through_cache_rule")
    assert error_of(call, ecrRepositoryPrefix="quay").startswith("PullThroughCacheRuleNotFoundException")


def test_describing_an_unknown_rule(ecr: Any) -> None:
    error = error_of(ecr.describe_pull_through_cache_rules, ecrRepositoryPrefixes=["quay"])
    assert error.startswith("PullThroughCacheRuleNotFoundException")


def test_the_registry_of_another_account_is_rejected(ecr: Any) -> None:
    assert "registryId" in error_of(ecr.create_pull_through_cache_rule, **rule(registryId=MEMBERS[0].id))
