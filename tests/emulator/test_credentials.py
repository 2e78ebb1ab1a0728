"""The secret of a rule: its name, account, Region, key and value."""

from typing import Any

import pytest

from emulator.organization import SHARED_SERVICES
from tests.aws import Aws, error_of

DOCKER_HUB = {"ecrRepositoryPrefix": "docker-hub", "upstreamRegistryUrl": "registry-1.docker.io"}


@pytest.fixture
def ecr(aws: Aws) -> Any:
    return aws.client("ecr")


def test_a_valid_secret(aws: Aws, ecr: Any) -> None:
    arn = aws.secret()
    assert ecr.create_pull_through_cache_rule(**DOCKER_HUB, credentialArn=arn)["credentialArn"] == arn


def test_the_secret_s_name_begins_with_ecr_pullthroughcache(aws: Aws, ecr: Any) -> None:
    error = error_of(
        ecr.create_pull_through_cache_rule, **DOCKER_HUB, credentialArn=aws.secret("docker-hub/credentials")
    )
    assert error.startswith("InvalidParameterException: Invalid parameter at 'credentialArn'")


def test_an_unknown_secret(ecr: Any) -> None:
    arn = f"arn:aws:secretsmanager:us-east-1:{SHARED_SERVICES.id}:secret:ecr-pullthroughcache/docker-hub-AbCdEf"
    error = error_of(ecr.create_pull_through_cache_rule, **DOCKER_HUB, credentialArn=arn)
    assert error.startswith("SecretNotFoundException")


def test_a_secret_without_a_version(aws: Aws, ecr: Any) -> None:
    empty = aws.client("secretsmanager").create_secret(Name="ecr-pullthroughcache/docker-hub")["ARN"]
    error = error_of(ecr.create_pull_through_cache_rule, **DOCKER_HUB, credentialArn=empty)
    assert error.startswith("SecretNotFoundException")


def test_a_deleted_secret(aws: Aws, ecr: Any) -> None:
    arn = aws.secret()
    aws.client("secretsmanager").delete_secret(SecretId=arn)
    error = error_of(ecr.create_pull_through_cache_rule, **DOCKER_HUB, credentialArn=arn)
    assert error.startswith("SecretNotFoundException")


def test_a_secret_with_a_customer_managed_key(aws: Aws, ecr: Any) -> None:
    arn = aws.secret(KmsKeyId=f"arn:aws:kms:us-east-1:{SHARED_SERVICES.id}:key/12345678-abcd")
    error = error_of(ecr.create_pull_through_cache_rule, **DOCKER_HUB, credentialArn=arn)
    assert error.startswith("UnableToDecryptSecretValueException")


def test_a_secret_of_another_region(aws: Aws, ecr: Any) -> None:
    arn = aws.secret(region="eu-west-1")
    error = error_of(ecr.create_pull_through_cache_rule, **DOCKER_HUB, credentialArn=arn)
    assert error.startswith("UnableToAccessSecretException")


def test_a_secret_of_another_account(aws: Aws, ecr: Any) -> None:
    arn = aws.secret().replace(SHARED_SERVICES.id, "200000000001")
    error = error_of(ecr.create_pull_through_cache_rule, **DOCKER_HUB, credentialArn=arn)
    assert error.startswith("UnableToAccessSecretException")


@pytest.mark.parametrize(
    ("value", "valid"),
    [
        pytest.param('{"username": "u", "accessToken": "t"}', True, id="username and accessToken"),
        pytest.param('{"username": "u", "password": "t"}', False, id="another key"),
        pytest.param('{"username": "u", "accessToken": "t", "note": ""}', False, id="one key more"),
        pytest.param("token", False, id="no JSON"),
    ],
)
def test_validation_reads_the_secret(aws: Aws, ecr: Any, value: str, valid: bool) -> None:
    ecr.create_pull_through_cache_rule(**DOCKER_HUB, credentialArn=aws.secret(SecretString=value))
    answer = ecr.validate_pull_through_cache_rule(ecrRepositoryPrefix="docker-hub")
    assert (answer["isValid"], "failure" in answer) == (valid, not valid)


def test_a_rule_without_credential_is_valid(ecr: Any) -> None:
    ecr.create_pull_through_cache_rule(ecrRepositoryPrefix="quay", upstreamRegistryUrl="quay.io")
    assert ecr.validate_pull_through_cache_rule(ecrRepositoryPrefix="quay")["isValid"]


def test_another_credential(aws: Aws, ecr: Any) -> None:
    ecr.create_pull_through_cache_rule(**DOCKER_HUB, credentialArn=aws.secret())
    second = aws.secret("ecr-pullthroughcache/second")
    ecr.update_pull_through_cache_rule(ecrRepositoryPrefix="docker-hub", credentialArn=second)
    (rule,) = ecr.describe_pull_through_cache_rules()["pullThroughCacheRules"]
    assert rule["credentialArn"] == second


def test_another_credential_is_checked_too(aws: Aws, ecr: Any) -> None:
    ecr.create_pull_through_cache_rule(**DOCKER_HUB, credentialArn=aws.secret())
    elsewhere = aws.secret(region="eu-west-1")
    error = error_of(ecr.update_pull_through_cache_rule, ecrRepositoryPrefix="docker-hub", credentialArn=elsewhere)
    assert error.startswith("UnableToAccessSecretException")


def test_a_credential_cannot_be_removed(aws: Aws, ecr: Any) -> None:
    ecr.create_pull_through_cache_rule(**DOCKER_HUB, credentialArn=aws.secret())
    error = error_of(ecr.update_pull_through_cache_rule, ecrRepositoryPrefix="docker-hub")
    assert error.startswith("InvalidParameterException")


def test_a_deleted_secret_keeps_its_name(aws: Aws) -> None:
    manager, arn = aws.client("secretsmanager"), aws.secret()
    manager.delete_secret(SecretId=arn, RecoveryWindowInDays=7)
    error = error_of(manager.create_secret, Name="ecr-pullthroughcache/docker-hub")
    assert "a secret with this name is already scheduled for deletion" in error


def test_a_secret_deleted_without_recovery_frees_its_name(aws: Aws) -> None:
    arn = aws.secret()
    aws.client("secretsmanager").delete_secret(SecretId=arn, ForceDeleteWithoutRecovery=True)
    assert aws.secret() != arn


def test_a_deleted_secret_accepts_no_value(aws: Aws) -> None:
    manager, arn = aws.client("secretsmanager"), aws.secret()
    manager.delete_secret(SecretId=arn)
    assert error_of(manager.put_secret_value, SecretId=arn, SecretString="{}").startswith("InvalidRequestException")
