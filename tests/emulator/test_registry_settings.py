"""The registry's policy, account settings and scanning."""

from typing import Any

import pytest

from tests.aws import IN_CACHE, Aws, allow, error_of, policy

EVERYONE = {"resource": IN_CACHE, "principal": "*"}


@pytest.fixture
def ecr(aws: Aws) -> Any:
    return aws.client("ecr")


@pytest.fixture
def v1(ecr: Any) -> Any:
    """A registry from before scope V2."""
    ecr.put_account_setting(name="REGISTRY_POLICY_SCOPE", value="V1")
    return ecr


@pytest.mark.parametrize(
    "action", ["ecr:CreateRepository", "ecr:ReplicateImage", "ecr:BatchImportUpstreamImage", "ecr:*"]
)
def test_scope_v1_accepts_three_actions_or_all(v1: Any, action: str) -> None:
    text = policy(allow(action, **EVERYONE))
    v1.put_registry_policy(policyText=text)
    assert v1.get_registry_policy()["policyText"] == text


def test_scope_v1_accepts_no_other_action(v1: Any) -> None:
    error = error_of(v1.put_registry_policy, policyText=policy(allow("ecr:BatchGetImage", **EVERYONE)))
    assert error == (
        "InvalidParameterException: Invalid parameter at 'PolicyText' failed to satisfy constraint: "
        "'Invalid registry policy provided'"
    )


@pytest.mark.parametrize("action", ["ecr:BatchGetImage", "ecr:*"])
def test_scope_v2_accepts_every_action_of_ecr(ecr: Any, action: str) -> None:
    ecr.put_registry_policy(policyText=policy(allow(action, **EVERYONE)))


def test_a_policy_has_at_most_10240_characters(ecr: Any) -> None:
    text = policy(allow("ecr:CreateRepository", **EVERYONE)).ljust(10_241)
    assert "maximum: 10240" in error_of(ecr.put_registry_policy, policyText=text)


def test_there_is_one_policy(ecr: Any) -> None:
    for action in ("ecr:CreateRepository", "ecr:BatchImportUpstreamImage"):
        ecr.put_registry_policy(policyText=policy(allow(action, **EVERYONE)))
    assert "CreateRepository" not in ecr.get_registry_policy()["policyText"]


def test_a_deleted_policy_is_gone(ecr: Any) -> None:
    ecr.put_registry_policy(policyText=policy(allow("ecr:CreateRepository", **EVERYONE)))
    ecr.delete_registry_policy()
    assert error_of(ecr.get_registry_policy).startswith("RegistryPolicyNotFoundException")


def test_the_scope_is_v2_until_changed(ecr: Any) -> None:
    scopes = [ecr.get_account_setting(name="REGISTRY_POLICY_SCOPE")["value"]]
    ecr.put_account_setting(name="REGISTRY_POLICY_SCOPE", value="V1")
    scopes.append(ecr.get_account_setting(name="REGISTRY_POLICY_SCOPE")["value"])
    assert scopes == ["V2", "V1"]


@pytest.mark.parametrize(("name", "value"), [("REGISTRY_POLICY_SCOPE", "V3"), ("REGISTRY_SCOPE", "V2")])
def test_an_unknown_setting_or_value_is_rejected(ecr: Any, name: str, value: str) -> None:
    assert error_of(ecr.put_account_setting, name=name, value=value).startswith("InvalidParameterException")


def test_scanning_is_kept(ecr: Any) -> None:
    rules = [{"scanFrequency": "SCAN_ON_PUSH", "repositoryFilters": [{"filter": "quay/*", "filterType": "WILDCARD"}]}]
    ecr.put_registry_scanning_configuration(scanType="BASIC", rules=rules)
    assert ecr.get_registry_scanning_configuration()["scanningConfiguration"] == {"scanType": "BASIC", "rules": rules}
