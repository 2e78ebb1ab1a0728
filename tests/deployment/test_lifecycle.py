"""Lifecycle policies that ECR accepts, and what the short settings mean. Mistakes are in `mistakes/lifecycle.yaml`."""

import json
from typing import Any

import pytest

from tests.conftest import Load

# Amazon ECR User Guide, lifecycle_policy_examples.html, "Combining archive and expire rules".
ARCHIVE_THEN_EXPIRE = {
    "rules": [
        {
            "rulePriority": 1,
            "description": "Archive old images",
            "selection": {"tagStatus": "any", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 30},
            "action": {"type": "transition", "targetStorageClass": "archive"},
        },
        {
            "rulePriority": 2,
            "selection": {
                "tagStatus": "any",
                "storageClass": "archive",
                "countType": "sinceImageTransitioned",
                "countUnit": "days",
                "countNumber": 365,
            },
            "action": {"type": "expire"},
        },
    ]
}


def policy(load_text: Load, lifecycle: dict[str, Any]) -> str | None:
    """The policy of a registry with these settings."""
    registry = {
        "regions": ["eu-central-1"],
        "upstreams": {"quay": {"url": "quay.io"}},
        "repositories": {"lifecycle": lifecycle},
    }
    return load_text(json.dumps({"registry": registry})).registry.repositories.lifecycle.policy_json


@pytest.mark.parametrize("written", [ARCHIVE_THEN_EXPIRE, json.dumps(ARCHIVE_THEN_EXPIRE)], ids=["YAML", "JSON"])
def test_a_policy_keeps_its_content(load_text: Load, written: Any) -> None:
    assert policy(load_text, {"policy": written}) == json.dumps(ARCHIVE_THEN_EXPIRE, sort_keys=True)


@pytest.mark.parametrize(
    ("lifecycle", "rules"),
    [
        pytest.param({"keep_last": 5}, [("any", "imageCountMoreThan", 5, "expire")], id="keep_last"),
        pytest.param({"expire_after_days": 5}, [("any", "sinceImagePushed", 5, "expire")], id="expire_after_days"),
        pytest.param(
            {"archive_after_days_unpulled": 5},
            [("any", "sinceImagePulled", 5, "transition")],
            id="archive_after_days_unpulled",
        ),
        pytest.param(
            {"keep_last": 5, "expire_untagged_after_days": 7},
            [("untagged", "sinceImagePushed", 7, "expire"), ("any", "imageCountMoreThan", 5, "expire")],
            id="all images come last",
        ),
    ],
)
def test_short_settings_are_rules(load_text: Load, lifecycle: dict[str, int], rules: list[Any]) -> None:
    made = json.loads(policy(load_text, lifecycle) or "")["rules"]

    assert [rule["rulePriority"] for rule in made] == list(range(1, len(rules) + 1))
    assert rules == [
        (*(rule["selection"][key] for key in ("tagStatus", "countType", "countNumber")), rule["action"]["type"])
        for rule in made
    ]


def test_without_settings_there_is_no_policy(load_text: Load) -> None:
    assert policy(load_text, {}) is None
