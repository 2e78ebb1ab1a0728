"""Lifecycle policies. Source: Amazon ECR User Guide, lifecycle_policy_parameters.html, lifecycle_policy_examples.html."""

import json
from typing import Any

import pytest

from tests.aws import Aws, Json, error_of

SHORTEST = 100
"""The smallest number of characters of a policy (API: PutLifecyclePolicy)."""
EXPIRE: Json = {"type": "expire"}
ARCHIVE: Json = {"type": "transition", "targetStorageClass": "archive"}
COUNT: Json = {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 9}
DAYS: Json = {"countType": "sinceImagePushed", "countUnit": "days", "countNumber": 14}
TAGGED: Json = COUNT | {"tagStatus": "tagged"}


def rule(selection: Json, action: Json = EXPIRE, priority: Any = 1, **more: Any) -> Json:
    return {"rulePriority": priority, "selection": selection, "action": action, **more}


def without(selection: Json, *keys: str) -> Json:
    return {key: value for key, value in selection.items() if key not in keys}


@pytest.fixture
def ecr(aws: Aws) -> Any:
    aws.client("ecr").create_repository(repositoryName="team/service")
    return aws.client("ecr")


@pytest.mark.parametrize(
    "rules",
    [
        pytest.param([rule(COUNT, description="Keep nine")], id="the newest images"),
        pytest.param([rule(DAYS | {"tagStatus": "untagged"})], id="days since the push"),
        pytest.param([rule(TAGGED | {"tagPatternList": ["v*.*.*.*"]})], id="four wildcards"),
        pytest.param([rule(TAGGED | {"tagPrefixList": ["a", "b"]}), rule(COUNT, priority=2)], id="prefixes, then any"),
        pytest.param(
            [
                rule(DAYS | {"tagStatus": "any", "countType": "sinceImagePulled"}, ARCHIVE),
                rule(
                    DAYS | {"tagStatus": "any", "storageClass": "archive", "countType": "sinceImageTransitioned"},
                    priority=2,
                ),
            ],
            id="archive, then expire",
        ),
        pytest.param([rule(COUNT, ARCHIVE)], id="archive by number"),
    ],
)
def test_a_policy_that_the_guide_allows(ecr: Any, rules: list[Json]) -> None:
    text = json.dumps({"rules": rules})
    ecr.put_lifecycle_policy(repositoryName="team/service", lifecyclePolicyText=text)
    assert ecr.get_lifecycle_policy(repositoryName="team/service")["lifecyclePolicyText"] == text


@pytest.mark.parametrize(
    "rules",
    [
        pytest.param([], id="no rules"),
        pytest.param([rule(COUNT, priority=number) for number in range(1, 52)], id="51 rules"),
        pytest.param(["expire"], id="a rule that is no object"),
        pytest.param([without(rule(COUNT), "action")], id="no action"),
        pytest.param([rule(COUNT, note="x")], id="unknown key"),
        pytest.param([rule(COUNT, priority="1")], id="a priority that is no number"),
        pytest.param([rule(COUNT, priority=0)], id="priority 0"),
        pytest.param([rule(COUNT | {"countNumber": 0})], id="nothing kept"),
        pytest.param([rule(COUNT | {"countNumber": True})], id="a count that is no number"),
        pytest.param([rule(COUNT | {"countType": "sinceImageCreated"})], id="unknown count type"),
        pytest.param([rule(COUNT | {"countUnit": "days"})], id="a unit for a number of images"),
        pytest.param([rule(DAYS | {"tagStatus": "any", "countUnit": "hours"})], id="hours"),
        pytest.param([rule(without(DAYS, "countUnit") | {"tagStatus": "any"})], id="days without unit"),
        pytest.param([rule(COUNT | {"tagStatus": "new"})], id="unknown tag status"),
        pytest.param([rule(TAGGED)], id="tagged without list"),
        pytest.param([rule(TAGGED | {"tagPrefixList": ["v"], "tagPatternList": ["v*"]})], id="both lists"),
        pytest.param([rule(COUNT | {"tagPrefixList": ["v"]})], id="a list for any"),
        pytest.param([rule(TAGGED | {"tagPatternList": ["*.*.*.*.*"]})], id="five wildcards"),
        pytest.param([rule(TAGGED | {"tagPrefixList": [""]})], id="an empty prefix"),
        pytest.param([rule(COUNT, {"type": "transition"})], id="transition without class"),
        pytest.param([rule(COUNT, EXPIRE | {"targetStorageClass": "archive"})], id="expire with class"),
        pytest.param([rule(COUNT, ARCHIVE | {"targetStorageClass": "glacier"})], id="unknown class"),
        pytest.param([rule(DAYS | {"tagStatus": "any", "countType": "sinceImagePulled"})], id="expire since the pull"),
        pytest.param(
            [rule(DAYS | {"tagStatus": "any", "countType": "sinceImageTransitioned"})], id="transitioned, but standard"
        ),
        pytest.param([rule(COUNT | {"storageClass": "archive"}, ARCHIVE)], id="archive what is archived"),
        pytest.param([rule(TAGGED | {"tagPrefixList": ["v"]}), rule(COUNT)], id="one priority twice"),
        pytest.param(
            [rule(DAYS | {"tagStatus": "untagged"}), rule(DAYS | {"tagStatus": "untagged"}, priority=2)],
            id="two rules for untagged images",
        ),
        pytest.param([rule(COUNT), rule(TAGGED | {"tagPrefixList": ["v"]}, priority=2)], id="any is not the last"),
    ],
)
def test_a_policy_that_ecr_rejects(ecr: Any, rules: list[Any]) -> None:
    text = json.dumps({"rules": rules}).ljust(SHORTEST)
    error = error_of(ecr.put_lifecycle_policy, repositoryName="team/service", lifecyclePolicyText=text)
    assert error.startswith(
        "InvalidParameterException: Invalid parameter at 'LifecyclePolicyText' failed to satisfy constraint: "
        "'Lifecycle policy validation failure: "
    )


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"rules": {}}'])
def test_a_text_that_is_no_policy(ecr: Any, text: str) -> None:
    text = text.ljust(SHORTEST)
    error = error_of(ecr.put_lifecycle_policy, repositoryName="team/service", lifecyclePolicyText=text)
    assert error.startswith("InvalidParameterException: ")
