"""The default deployment on a real Terraform."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from pull_through_cache.deployment import Deployment
from tests.terraform.conftest import Terraform, World, changes

WRITTEN_BY_HAND = Path(__file__).parent / "written-by-hand"

CACHES = "module.ecr_pull_through_caches"
SECRET = "module.secrets_manager_dockerhub_credentials"
POLICY_NAME = "container_registry_pull_through_access"

RESOURCES = {
    f'{CACHES}["public-ecr"].aws_ecr_pull_through_cache_rule.this[0]',
    f'{CACHES}["public-ecr"].aws_ecr_repository_creation_template.this[0]',
    f'{CACHES}["docker-hub"].aws_ecr_pull_through_cache_rule.this[0]',
    f'{CACHES}["docker-hub"].aws_ecr_repository_creation_template.this[0]',
    f"{SECRET}.aws_secretsmanager_secret.this[0]",
    f"{SECRET}.aws_secretsmanager_secret_policy.this[0]",
    f"{SECRET}.aws_secretsmanager_secret_version.this[0]",
    f"aws_iam_policy.{POLICY_NAME}",
    f"aws_iam_role_policy_attachment.{POLICY_NAME}",
}


@pytest.fixture
def stack(world: World, blog_post: Deployment) -> Terraform:
    world.node_roles(blog_post)
    return world.stack(blog_post)


def test_the_plan_makes_the_posts_nine_resources_with_the_posts_values(stack: Terraform) -> None:
    plan = stack.plan()

    assert changes(plan) == {address: ["create"] for address in RESOURCES}
    planned: dict[str, Any] = {
        change["address"]: change["change"]["after"]
        for change in plan["resource_changes"]
        if change["mode"] == "managed"
    }
    for key, host in (("public-ecr", "public.ecr.aws"), ("docker-hub", "registry-1.docker.io")):
        rule = planned[f'{CACHES}["{key}"].aws_ecr_pull_through_cache_rule.this[0]']
        assert (rule["ecr_repository_prefix"], rule["upstream_registry_url"]) == (key, host)
        template = planned[f'{CACHES}["{key}"].aws_ecr_repository_creation_template.this[0]']
        assert (template["prefix"], template["description"]) == (key, host)
        assert template["image_tag_mutability"] == "MUTABLE"
        assert template["applied_for"] == ["PULL_THROUGH_CACHE"]
        own, organization = json.loads(template["repository_policy"])["Statement"]
        assert own["Principal"] == {"AWS": "arn:aws:iam::123456789012:root"}
        assert organization["Sid"] == "AllowReadFromOrganization"
        assert organization["Principal"] == {"AWS": "*"} or organization["Principal"] == "*"
        assert organization["Condition"] == {"StringEquals": {"AWS:PrincipalOrgID": "o-exampleorg"}}
        assert sorted(organization["Action"]) == [
            "ecr:BatchCheckLayerAvailability",
            "ecr:BatchGetImage",
            "ecr:BatchImportUpstreamImage",
            "ecr:CreateRepository",
            "ecr:DescribeImages",
            "ecr:GetAuthorizationToken",
            "ecr:GetDownloadUrlForLayer",
        ]
    secret = planned[f"{SECRET}.aws_secretsmanager_secret.this[0]"]
    assert secret["name_prefix"] == "ecr-pullthroughcache/dockerhub-credentials"
    assert secret["description"] == "DockerHub credentials"
    assert secret["recovery_window_in_days"] == 30
    assert planned[f"{SECRET}.aws_secretsmanager_secret_policy.this[0]"]["block_public_policy"] is True
    value = planned[f"{SECRET}.aws_secretsmanager_secret_version.this[0]"]["secret_string"]
    assert json.loads(value) == {
        "username": "the username of docker_hub",
        "accessToken": "the access_token of docker_hub",
    }
    policy = planned[f"aws_iam_policy.{POLICY_NAME}"]
    assert policy["name"] == "container-registry-pull-through-access"
    assert policy["description"] == "Policy for EKS nodes to access ECR pull through cache repositories"
    [statement] = json.loads(policy["policy"])["Statement"]
    assert (statement["Effect"], statement["Resource"]) == ("Allow", "*")
    assert sorted(statement["Action"]) == [
        "ecr:BatchGetImage",
        "ecr:BatchImportUpstreamImage",
        "ecr:CreateRepository",
        "ecr:GetAuthorizationToken",
        "ecr:GetDownloadUrlForLayer",
    ]
    assert planned[f"aws_iam_role_policy_attachment.{POLICY_NAME}"]["role"] == "eks-nodes"


def test_the_rule_waits_for_a_slow_secret(world: World, stack: Terraform) -> None:
    world.emulator.delay("secretsmanager:PutSecretValue", 3)

    stack.apply()

    calls = world.emulator.calls()
    assert calls.index("secretsmanager:PutSecretValue") < calls.index("ecr:CreatePullThroughCacheRule")
    rules = world.client("ecr").describe_pull_through_cache_rules()["pullThroughCacheRules"]
    assert {rule["ecrRepositoryPrefix"] for rule in rules} == {"public-ecr", "docker-hub"}


def test_a_new_token_changes_the_secrets_version_only(stack: Terraform) -> None:
    stack.apply()

    plan = stack.plan(docker_hub_access_token="another")

    assert set(changes(plan)) == {f"{SECRET}.aws_secretsmanager_secret_version.this[0]"}


def test_the_state_of_who_wrote_the_same_in_hcl_is_taken_over_without_a_change(world: World, stack: Terraform) -> None:
    by_hand = Terraform(world.folder / "by-hand", world.environment)
    shutil.copytree(WRITTEN_BY_HAND, by_hand.folder)
    # Without a value to wait for, the rule may come before the secret has one, and is refused: the secret goes first.
    by_hand.init().run("apply", "-auto-approve", "-input=false", "-no-color", f"-target={SECRET}")
    by_hand.apply()
    assert by_hand.resources() == RESOURCES

    shutil.copy(by_hand.folder / "terraform.tfstate", world.folder / "terraform.shared-services-eu-central-1.tfstate")

    assert stack.resources() == RESOURCES
    stack.has_no_changes()
