"""A reset empties the accounts, or goes back to a snapshot of them."""

import pytest

from emulator.organization import MANAGEMENT, MEMBERS, ORGANIZATION_ID
from tests.aws import REGISTRY, Aws, allow, error_of


def secrets(aws: Aws, region: str = "us-east-1") -> list[str]:
    return [secret["Name"] for secret in aws.client("secretsmanager", region=region).list_secrets()["SecretList"]]


def test_a_reset_forgets_faults_calls_and_resources(aws: Aws) -> None:
    aws.secret()
    aws.client("sqs").create_queue(QueueName="another-service-s")
    aws.emulator.fail("secretsmanager:ListSecrets")
    aws.emulator.reset()
    assert aws.emulator.calls() == []
    assert secrets(aws) == []
    assert "QueueUrls" not in aws.client("sqs").list_queues()


def test_deleted_resources_are_restored(aws: Aws) -> None:
    aws.secret("kept")
    aws.secret("kept elsewhere", region="eu-west-1")
    role = aws.role(allow("ecr:*", resource="*"))
    aws.cache_quay()
    snapshot = aws.emulator.snapshot()
    for _ in range(2):
        aws.emulator.reset()
        assert secrets(aws) == []
        aws.emulator.reset(snapshot)
        assert (secrets(aws), secrets(aws, "eu-west-1")) == (["kept"], ["kept elsewhere"])
        assert aws.emulator.pull(f"{REGISTRY}/quay/team/image:1.0", role).repository_created


def test_changes_are_undone(aws: Aws) -> None:
    arn = aws.secret()
    snapshot = aws.emulator.snapshot()
    manager = aws.client("secretsmanager")
    manager.put_secret_value(SecretId=arn, SecretString="another")
    aws.emulator.reset(snapshot)
    assert manager.get_secret_value(SecretId=arn)["SecretString"] == '{"username": "u", "accessToken": "t"}'


def test_the_organization_is_restored(aws: Aws) -> None:
    left = MEMBERS[0]
    snapshot = aws.emulator.snapshot()
    aws.client("organizations", MANAGEMENT).remove_account_from_organization(AccountId=left.id)
    describe = aws.client("organizations", left).describe_organization
    assert error_of(describe).startswith("AWSOrganizationsNotInUseException")
    aws.emulator.reset(snapshot)
    assert describe()["Organization"]["Id"] == ORGANIZATION_ID


def test_an_unknown_snapshot_is_rejected(aws: Aws) -> None:
    with pytest.raises(ValueError, match="snapshot 1000 does not exist"):
        aws.emulator.reset(1000)
