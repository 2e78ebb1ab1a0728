"""Failures and delays on request, and the list of calls."""

import time

import pytest

from tests.aws import Aws, error_of


@pytest.mark.parametrize("error", ["InternalFailure", "ThrottlingException"])
@pytest.mark.parametrize(
    ("action", "service", "method"),
    [
        ("ecr:DescribeRegistry", "ecr", "describe_registry"),
        ("sts:GetCallerIdentity", "sts", "get_caller_identity"),
    ],
    ids=["JSON", "query"],
)
def test_a_failure_has_the_service_s_protocol(aws: Aws, action: str, service: str, method: str, error: str) -> None:
    aws.emulator.fail(action, error)
    assert error_of(getattr(aws.client(service), method)).startswith(f"{error}: ")


def test_only_the_next_calls_fail(aws: Aws) -> None:
    aws.emulator.fail("ecr:DescribeRegistry", times=2)
    for _ in range(2):
        error_of(aws.client("ecr").describe_registry)
    aws.client("ecr").describe_registry()


def test_only_the_named_action_fails(aws: Aws) -> None:
    aws.emulator.fail("ecr:DescribeRegistry")
    aws.client("ecr").describe_repositories()


def test_a_delay(aws: Aws) -> None:
    aws.emulator.delay("ecr:DescribeRegistry", seconds=0.1)
    before = time.monotonic()
    aws.client("ecr").describe_registry()
    assert time.monotonic() - before >= 0.1


@pytest.mark.parametrize("seconds", [-1, 31])
def test_a_delay_is_bounded(aws: Aws, seconds: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 30"):
        aws.emulator.delay("ecr:DescribeRegistry", seconds)


def test_an_unknown_error_is_rejected(aws: Aws) -> None:
    with pytest.raises(ValueError, match="InternalFailure"):
        aws.emulator.fail("ecr:DescribeRegistry", "Oops")


def test_calls_are_listed_in_order_and_when_they_fail(aws: Aws) -> None:
    aws.emulator.fail("ecr:DescribeRegistry")
    error_of(aws.client("ecr").describe_registry)
    aws.client("sts").get_caller_identity()
    assert aws.emulator.calls() == ["ecr:DescribeRegistry", "sts:GetCallerIdentity"]
