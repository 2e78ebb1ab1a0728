"""The emulator's modules have the addresses and values of the released modules.

With MODULES_DIR set, these tests run with the released modules.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from emulator.aws import Emulator
from emulator.module_registry import RELEASES, Release
from emulator.organization import SHARED_SERVICES
from tests.terraform.conftest import LONGEST, Terraform, Variables, environment

Json = dict[str, Any]
TerraformIn = Callable[[Path], Terraform]

OWNER = f"arn:aws:iam::{SHARED_SERVICES.id}:root"
READER = "arn:aws:iam::111111111111:root"
WRITER = "arn:aws:iam::222222222222:root"
FUNCTION = "arn:aws:lambda:us-east-1:111111111111:function:reads"
KEY = "arn:aws:kms:us-east-1:111111111111:key/1"
ROLE = "arn:aws:iam::111111111111:role/own"
TAGS = {"team": "a"}
VALUE = "the secret's"
TO_ORG = [{"test": "StringEquals", "variable": "aws:PrincipalOrgID", "values": ["o-1"]}]
EVERYONE = {"sid": "Everyone", "actions": ["ecr:BatchGetImage"], "principals": [{"type": "AWS", "identifiers": ["*"]}]}

CACHES: dict[str, Json] = {
    "defaults": {},
    "rule": {"create_pull_through_cache_rule": True, "upstream_registry_url": "quay.io"},
    "only-url": {"upstream_registry_url": "quay.io"},
    "access": {
        "repository_read_access_arns": [READER],
        "repository_read_write_access_arns": [WRITER],
        "repository_lambda_read_access_arns": [FUNCTION],
    },
    "condition": {"repository_policy_statements": {"all": {**EVERYONE, "conditions": TO_ORG}}},
    "misspelt": {"repository_policy_statements": {"all": {**EVERYONE, "condition": TO_ORG}}},
    "tags": {"resource_tags": TAGS, "tags": {"for": "role"}},
    "kms": {"encryption_type": "KMS", "kms_key_arn": KEY},
    "own-role": {"resource_tags": TAGS, "custom_role_arn": ROLE, "create_iam_role": False},
    "two-roles": {"resource_tags": TAGS, "custom_role_arn": ROLE},
}
SECRET = {
    "name_prefix": "ecr-pullthroughcache/docker-hub",
    "create_policy": True,
    "block_public_policy": True,
    "policy_statements": {"read": {"sid": "Read", "actions": ["secretsmanager:GetSecretValue"], "resources": ["*"]}},
    "secret_string": "${var.value}",
}


def call(release: Release, **inputs: Any) -> Json:
    """A module block."""
    path = f"//{release.path.rstrip('/')}" if release.path else ""
    return {"source": f"terraform-aws-modules/{release.name}/aws{path}", "version": release.version, **inputs}


def of(name: str, version: str) -> Release:
    return next(release for release in RELEASES if (release.name, release.version) == (name, version))


def written(folder: Path, configuration: Json) -> Path:
    (folder / "main.tf.json").write_text(json.dumps(configuration))
    return folder


@pytest.fixture(scope="module")
def terraform(emulator: Emulator, terraform_settings: Variables) -> TerraformIn:
    variables = environment(emulator, terraform_settings)
    return lambda folder: Terraform(folder, variables)


@pytest.fixture(scope="module")
def planned(terraform: TerraformIn, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Json]:
    """The values planned for CACHES and SECRET, by address, without those known after apply."""
    caches = {label: call(of("ecr", "2.3.1"), prefix=label, **inputs) for label, inputs in CACHES.items()}
    others = {
        "newer": call(of("ecr", "2.4.0"), prefix="newer"),
        "secret": call(of("secrets-manager", "1.3.1"), **SECRET),
    }
    configuration = {
        "module": caches | others,
        "variable": {"value": {"sensitive": True, "default": VALUE}},
        "output": {"secret_version_id": {"value": "${module.secret.secret_version_id}"}},
    }
    folder = written(tmp_path_factory.mktemp("plan"), configuration)
    changes = terraform(folder).init().plan()["resource_changes"]
    return {each["address"]: each["change"]["after"] for each in changes if each["mode"] == "managed"}


def template(planned: dict[str, Json], cache: str) -> Json:
    return planned[f"module.{cache}.aws_ecr_repository_creation_template.this[0]"]


def statements(policy: str) -> dict[str, Json]:
    """A policy's statements by their Sid, without their actions and Allow."""
    parsed = json.loads(policy)["Statement"]
    return {each.pop("Sid"): {key: each[key] for key in each if key not in ("Action", "Effect")} for each in parsed}


# As far as it goes without a provider that accepts the module's floor.
@pytest.mark.parametrize("release", RELEASES, ids=lambda each: f"{each.name} {each.version}")
def test_terraform_downloads_and_parses_every_release(terraform: TerraformIn, tmp_path: Path, release: Release) -> None:
    terraform(written(tmp_path, {"module": {"it": call(release)}})).run("get", "-no-color")


@pytest.mark.parametrize(
    ("release", "floor"),
    [(of("ecr", "3.2.0"), "6.28.0"), (of("secrets-manager", "2.0.1"), "6.0.0")],
    ids=["ecr", "secrets"],
)
def test_a_release_for_provider_6_is_valid_with_it_and_rejects_an_older_one(
    terraform: TerraformIn, tmp_path: Path, release: Release, floor: str
) -> None:
    stack = terraform(written(tmp_path, {"module": {"it": call(release)}}))
    init = stack.start("init", "-no-color")
    _, errors = init.communicate(timeout=LONGEST)
    if init.returncode == 0:
        stack.run("validate", "-no-color")
    else:
        assert f"no available releases match the given constraints >= {floor}" in errors


ROLE_OF_ECR = ["aws_iam_policy", "aws_iam_role", "aws_iam_role_policy_attachment"]


@pytest.mark.parametrize(
    ("cache", "more"),
    [
        ("defaults", []),
        ("newer", []),
        ("rule", ["aws_ecr_pull_through_cache_rule"]),
        ("only-url", []),
        ("tags", ROLE_OF_ECR),
        ("kms", ROLE_OF_ECR),
        ("own-role", []),
    ],
)
def test_a_cache_has_a_template_and(planned: dict[str, Json], cache: str, more: list[str]) -> None:
    resources = ["aws_ecr_repository_creation_template", *more]
    assert {address for address in planned if address.startswith(f"module.{cache}.")} == {
        f"module.{cache}.{resource}.this[0]" for resource in resources
    }


def test_tags_are_immutable_by_default(planned: dict[str, Json]) -> None:
    assert template(planned, "defaults")["image_tag_mutability"] == "IMMUTABLE"


def test_a_rule_has_the_templates_prefix(planned: dict[str, Json]) -> None:
    rule = planned["module.rule.aws_ecr_pull_through_cache_rule.this[0]"]
    assert (rule["ecr_repository_prefix"], rule["upstream_registry_url"]) == ("rule", "quay.io")


PRIVATE = {"PrivateReadOnly": {"Principal": {"AWS": OWNER}}}


@pytest.mark.parametrize(
    ("cache", "expected"),
    [
        ("defaults", PRIVATE),
        (
            "access",
            {
                "PrivateReadOnly": {"Principal": {"AWS": [WRITER, READER]}},
                "PrivateLambdaReadOnly": {
                    "Principal": {"Service": "lambda.amazonaws.com"},
                    "Condition": {"StringLike": {"aws:sourceArn": FUNCTION}},
                },
                "ReadWrite": {"Principal": {"AWS": WRITER}},
            },
        ),
        (
            "condition",
            PRIVATE
            | {"Everyone": {"Principal": {"AWS": "*"}, "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}}},
        ),
        ("misspelt", PRIVATE | {"Everyone": {"Principal": {"AWS": "*"}}}),
    ],
    ids=["the owner's account", "who is given access", "with its condition", "public when its condition is misspelt"],
)
def test_the_repository_policy_is_for(planned: dict[str, Json], cache: str, expected: Json) -> None:
    assert statements(template(planned, cache)["repository_policy"]) == expected


def test_ecrs_role_is_named_after_the_prefix_and_trusts_ecr(planned: dict[str, Json]) -> None:
    role = planned["module.tags.aws_iam_role.this[0]"]
    trust = statements(role["assume_role_policy"])
    assert (role["name_prefix"], role["tags"]) == ("tags-", {"for": "role"})
    assert trust == {"ECRServiceAssumeRole": {"Principal": {"Service": "ecr.amazonaws.com"}}}


def test_ecrs_role_may_use_the_key(planned: dict[str, Json]) -> None:
    repositories = f"arn:aws:ecr:*:{SHARED_SERVICES.id}:repository/kms/*"
    policy = statements(planned["module.kms.aws_iam_policy.this[0]"]["policy"])
    assert policy == {"TagResource": {"Resource": repositories}, "KMSUsage": {"Resource": KEY}}


def test_an_existing_role_is_used(planned: dict[str, Json]) -> None:
    assert template(planned, "own-role")["custom_role_arn"] == ROLE


def test_an_existing_role_is_ignored_if_the_module_makes_one(planned: dict[str, Json]) -> None:
    assert "custom_role_arn" not in template(planned, "two-roles")


def test_a_secret_has_a_policy_and_a_version(planned: dict[str, Json]) -> None:
    secret = {
        address.removeprefix("module.secret."): each for address, each in planned.items() if ".secret." in address
    }
    assert sorted(secret) == [
        "aws_secretsmanager_secret.this[0]",
        "aws_secretsmanager_secret_policy.this[0]",
        "aws_secretsmanager_secret_version.this[0]",
    ]
    assert secret["aws_secretsmanager_secret.this[0]"]["name_prefix"] == "ecr-pullthroughcache/docker-hub"
    assert statements(secret["aws_secretsmanager_secret_policy.this[0]"]["policy"]) == {"Read": {"Resource": "*"}}
    assert secret["aws_secretsmanager_secret_version.this[0]"]["secret_string"] == VALUE
