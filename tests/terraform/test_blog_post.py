"""The default deployment, with Terraform."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from pull_through_cache.deployment import Deployment
from tests.terraform.conftest import PROJECT, Sandbox, Terraform, changes

WRITTEN_BY_HAND = Path(__file__).parent / "written-by-hand"

CACHES = "module.ecr_pull_through_caches"
SECRET = "module.secrets_manager_dockerhub_credentials"
POLICY_NAME = "container_registry_pull_through_access"

UPSTREAMS = {"public-ecr": "public.ecr.aws", "docker-hub": "registry-1.docker.io"}
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


Planned = dict[str, Any]


@pytest.fixture
def stack(sandbox: Sandbox, blog_post: Deployment) -> Terraform:
    sandbox.node_roles(blog_post)
    return sandbox.stack(blog_post)


@pytest.fixture(scope="module")
def plan(shared_sandbox: Sandbox) -> Any:
    """The plan of the default deployment."""
    return shared_sandbox.stack(PROJECT / "deployments" / "blog-post.yaml").plan()


@pytest.fixture
def planned(plan: Any) -> Planned:
    """The planned values of every resource, by address."""
    return {
        change["address"]: change["change"]["after"]
        for change in plan["resource_changes"]
        if change["mode"] == "managed"
    }


def test_the_plan_creates_the_posts_nine_resources(plan: Any) -> None:
    assert changes(plan) == {address: ["create"] for address in RESOURCES}


@pytest.mark.parametrize(("key", "host"), UPSTREAMS.items())
def test_a_rule_has_the_posts_values(planned: Planned, key: str, host: str) -> None:
    rule = planned[f'{CACHES}["{key}"].aws_ecr_pull_through_cache_rule.this[0]']

    assert (rule["ecr_repository_prefix"], rule["upstream_registry_url"]) == (key, host)


@pytest.mark.parametrize(("key", "host"), UPSTREAMS.items())
def test_a_template_has_the_posts_values(planned: Planned, key: str, host: str) -> None:
    template = planned[f'{CACHES}["{key}"].aws_ecr_repository_creation_template.this[0]']

    assert (template["prefix"], template["description"]) == (key, host)
    assert template["image_tag_mutability"] == "MUTABLE"
    assert template["applied_for"] == ["PULL_THROUGH_CACHE"]


@pytest.mark.parametrize("key", UPSTREAMS)
def test_a_repository_policy_has_the_posts_statements(planned: Planned, key: str) -> None:
    template = planned[f'{CACHES}["{key}"].aws_ecr_repository_creation_template.this[0]']

    own, organization = json.loads(template["repository_policy"])["Statement"]
    assert own["Principal"] == {"AWS": "arn:aws:iam::123456789012:root"}
    assert organization["Sid"] == "AllowReadFromOrganization"
    assert organization["Principal"] in ("*", {"AWS": "*"})
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


def test_the_secret_has_the_posts_values(planned: Planned) -> None:
    secret = planned[f"{SECRET}.aws_secretsmanager_secret.this[0]"]

    assert secret["name_prefix"] == "ecr-pullthroughcache/dockerhub-credentials"
    assert secret["description"] == "DockerHub credentials"
    assert secret["recovery_window_in_days"] == 30
    assert planned[f"{SECRET}.aws_secretsmanager_secret_policy.this[0]"]["block_public_policy"] is True


def test_the_secret_contains_the_credentials(planned: Planned) -> None:
    version = planned[f"{SECRET}.aws_secretsmanager_secret_version.this[0]"]

    assert json.loads(version["secret_string"]) == {
        "username": "the username of docker_hub",
        "accessToken": "the access_token of docker_hub",
    }


def test_the_nodes_policy_has_the_posts_values(planned: Planned) -> None:
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


def test_the_nodes_policy_is_attached_to_the_role(planned: Planned) -> None:
    assert planned[f"aws_iam_role_policy_attachment.{POLICY_NAME}"]["role"] == "eks-nodes"


def test_the_rule_waits_for_a_slow_secret(sandbox: Sandbox, stack: Terraform) -> None:
    sandbox.emulator.delay("secretsmanager:PutSecretValue", 3)

    stack.apply()

    calls = sandbox.emulator.calls()
    assert calls.index("secretsmanager:PutSecretValue") < calls.index("ecr:CreatePullThroughCacheRule")
    rules = sandbox.client("ecr").describe_pull_through_cache_rules()["pullThroughCacheRules"]
    assert {rule["ecrRepositoryPrefix"] for rule in rules} == {"public-ecr", "docker-hub"}


def test_a_new_token_changes_only_the_secrets_version(stack: Terraform) -> None:
    stack.apply()

    plan = stack.plan(docker_hub_access_token="another")

    assert set(changes(plan)) == {f"{SECRET}.aws_secretsmanager_secret_version.this[0]"}


def test_the_state_of_the_posts_hcl_needs_no_change(sandbox: Sandbox, stack: Terraform) -> None:
    by_hand = Terraform(sandbox.folder / "by-hand", sandbox.environment)
    shutil.copytree(WRITTEN_BY_HAND, by_hand.folder)
    # The post's rule does not wait for the secret's version, and ECR rejects a rule whose secret has none.
    by_hand.init().run("apply", "-auto-approve", "-input=false", "-no-color", f"-target={SECRET}")
    by_hand.apply()
    assert by_hand.resources() == RESOURCES

    shutil.copy(by_hand.folder / "terraform.tfstate", sandbox.folder / "terraform.shared-services-eu-central-1.tfstate")

    assert stack.resources() == RESOURCES
    stack.has_no_changes()
