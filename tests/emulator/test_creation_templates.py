"""Repository creation templates, as the API keeps them. What they do to a repository: test_first_pull.py."""

from typing import Any

import pytest

from tests.aws import Aws, error_of

TEMPLATE = {"prefix": "quay", "appliedFor": ["PULL_THROUGH_CACHE"]}


@pytest.fixture
def ecr(aws: Aws) -> Any:
    return aws.client("ecr")


def test_a_template_has_the_defaults_of_a_repository(ecr: Any) -> None:
    template = ecr.create_repository_creation_template(**TEMPLATE)["repositoryCreationTemplate"]
    assert (template["imageTagMutability"], template["encryptionConfiguration"]) == (
        "MUTABLE",
        {"encryptionType": "AES256"},
    )


def test_an_update_changes_what_it_names(ecr: Any) -> None:
    ecr.create_repository_creation_template(**TEMPLATE, description="before", imageTagMutability="IMMUTABLE")
    ecr.update_repository_creation_template(prefix="quay", description="after")
    (template,) = ecr.describe_repository_creation_templates()["repositoryCreationTemplates"]
    assert (template["description"], template["imageTagMutability"]) == ("after", "IMMUTABLE")


def test_deleting_a_template(ecr: Any) -> None:
    ecr.create_repository_creation_template(**TEMPLATE)
    ecr.delete_repository_creation_template(prefix="quay")
    assert ecr.describe_repository_creation_templates()["repositoryCreationTemplates"] == []


def test_a_second_template_for_a_prefix_is_rejected(ecr: Any) -> None:
    ecr.create_repository_creation_template(**TEMPLATE)
    error = error_of(ecr.create_repository_creation_template, **TEMPLATE)
    assert error.startswith("TemplateAlreadyExistsException")


@pytest.mark.parametrize("action", ["delete", "update"])
def test_an_unknown_template(ecr: Any, action: str) -> None:
    call = getattr(ecr, f"{action}_repository_creation_template")
    assert error_of(call, prefix="quay").startswith("TemplateNotFoundException")


def test_describing_templates_by_prefix_leaves_out_unknown_prefixes(ecr: Any) -> None:
    ecr.create_repository_creation_template(**TEMPLATE)
    found = ecr.describe_repository_creation_templates(prefixes=["quay", "other"])["repositoryCreationTemplates"]
    assert [template["prefix"] for template in found] == ["quay"]


def test_templates_come_in_pages(ecr: Any) -> None:
    for number in range(3):
        ecr.create_repository_creation_template(**TEMPLATE | {"prefix": f"quay-{number}"})
    pages = ecr.get_paginator("describe_repository_creation_templates").paginate(PaginationConfig={"PageSize": 2})
    assert [len(page["repositoryCreationTemplates"]) for page in pages] == [2, 1]


@pytest.mark.parametrize(
    "setting",
    [
        pytest.param({"prefix": "Quay"}, id="upper case prefix"),
        pytest.param({"prefix": "q" * 257}, id="long prefix"),
        pytest.param({"description": "d" * 257}, id="long description"),
        pytest.param({"appliedFor": ["PULL"]}, id="unknown purpose"),
        pytest.param({"repositoryPolicy": "{"}, id="policy that is no JSON"),
        pytest.param({"repositoryPolicy": '{"Statement": {"Effect": "Allow"}}'}, id="policy without action"),
        pytest.param({"repositoryPolicy": " " * 10_241}, id="long policy"),
        pytest.param({"lifecyclePolicy": '{"rules": [{}]}'}, id="wrong lifecycle rule"),
        pytest.param(
            {"imageTagMutabilityExclusionFilters": [{"filterType": "WILDCARD", "filter": "v*"}] * 6}, id="six filters"
        ),
    ],
)
def test_a_setting_beyond_its_limits_is_rejected(ecr: Any, setting: dict[str, Any]) -> None:
    error = error_of(ecr.create_repository_creation_template, **TEMPLATE | setting)
    assert error.startswith("InvalidParameterException")
