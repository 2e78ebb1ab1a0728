"""The default deployment has the post's resources, addresses and values."""

import json
import re

import pytest
from cdktf_cdktf_provider_aws.data_aws_caller_identity import DataAwsCallerIdentity
from cdktf_cdktf_provider_aws.data_aws_iam_policy_document import DataAwsIamPolicyDocument
from cdktf_cdktf_provider_aws.data_aws_organizations_organization import DataAwsOrganizationsOrganization
from cdktf_cdktf_provider_aws.iam_policy import IamPolicy
from cdktf_cdktf_provider_aws.iam_role_policy_attachment import IamRolePolicyAttachment
from cdktf_cdktf_provider_aws.provider import AwsProvider

from pull_through_cache.deployment import load
from stacks.app import build_app
from tests.stacks.conftest import PROJECT, Json, assert_has


@pytest.fixture(scope="module")
def blog_post(tmp_path_factory: pytest.TempPathFactory) -> Json:
    outdir = tmp_path_factory.mktemp("blog-post")
    build_app(load(PROJECT / "deployments" / "blog-post.yaml"), outdir=str(outdir)).synth()
    stack: Json = json.loads((outdir / "stacks" / "shared-services-eu-central-1" / "cdk.tf.json").read_text())
    return stack


def test_the_provider_is_in_the_posts_region(blog_post: Json) -> None:
    assert_has(blog_post, AwsProvider, region="eu-central-1")


def test_the_account_is_looked_up(blog_post: Json) -> None:
    assert_has(blog_post, DataAwsCallerIdentity)


def test_the_organization_is_looked_up(blog_post: Json) -> None:
    assert_has(blog_post, DataAwsOrganizationsOrganization)


def test_the_nodes_have_the_permissions_for_a_pull(blog_post: Json) -> None:
    statement = {
        "effect": "Allow",
        "actions": [
            "ecr:BatchGetImage",
            "ecr:BatchImportUpstreamImage",
            "ecr:GetAuthorizationToken",
            "ecr:GetDownloadUrlForLayer",
            "ecr:CreateRepository",
        ],
        "resources": ["*"],
    }
    assert_has(blog_post, DataAwsIamPolicyDocument, statement=[statement])


def test_the_policy_has_the_posts_name(blog_post: Json) -> None:
    assert_has(
        blog_post,
        IamPolicy,
        name="container-registry-pull-through-access",
        description="Policy for EKS nodes to access ECR pull through cache repositories",
        policy="${data.aws_iam_policy_document.ecr_pull_through.json}",
    )


def test_the_policy_is_attached_to_the_role_by_its_name(blog_post: Json) -> None:
    assert_has(
        blog_post,
        IamRolePolicyAttachment,
        role="eks-nodes",
        policy_arn="${aws_iam_policy.container_registry_pull_through_access.arn}",
    )


def test_the_addresses_are_the_posts(blog_post: Json) -> None:
    addresses = {
        f"{kind}.{type_}.{name}"
        for kind in ("data", "resource")
        for type_, blocks in blog_post[kind].items()
        for name in blocks
    }
    assert addresses | {f"module.{name}" for name in blog_post["module"]} == {
        "data.aws_caller_identity.current",
        "data.aws_iam_policy_document.ecr_pull_through",
        "data.aws_organizations_organization.current",
        "module.ecr_pull_through_caches",
        "module.secrets_manager_dockerhub_credentials",
        "resource.aws_iam_policy.container_registry_pull_through_access",
        "resource.aws_iam_role_policy_attachment.container_registry_pull_through_access",
    }


def test_the_secret(blog_post: Json) -> None:
    secret = blog_post["module"]["secrets_manager_dockerhub_credentials"]
    del secret["//"]

    assert secret == {
        "source": "terraform-aws-modules/secrets-manager/aws",
        "version": "~> 1.0",
        "name_prefix": "ecr-pullthroughcache/dockerhub-credentials",
        "description": "DockerHub credentials",
        "recovery_window_in_days": 30,
        "create_policy": True,
        "block_public_policy": True,
        "secret_string": '${jsonencode({"username" = var.docker_hub_username, '
        '"accessToken" = var.docker_hub_access_token})}',
        "policy_statements": {
            "read": {
                "sid": "AllowAccountRead",
                "principals": [
                    {
                        "type": "AWS",
                        "identifiers": ["arn:aws:iam::${data.aws_caller_identity.current.account_id}:root"],
                    }
                ],
                "actions": ["secretsmanager:GetSecretValue"],
                "resources": ["*"],
            }
        },
    }


def test_the_caches(blog_post: Json) -> None:
    caches = blog_post["module"]["ecr_pull_through_caches"]

    assert {key: caches[key] for key in caches if key not in ("//", "for_each", "repository_policy_statements")} == {
        "source": "terraform-aws-modules/ecr/aws//modules/repository-template",
        "version": "~> 2.3.0",
        "prefix": "${each.value.prefix}",
        "description": "${each.value.description}",
        "upstream_registry_url": "${each.value.upstream_registry_url}",
        "create_pull_through_cache_rule": True,
        "image_tag_mutability": "MUTABLE",
        "credential_arn": "${try(each.value.credential_arn, null)}",
    }


def test_the_upstreams(blog_post: Json) -> None:
    upstreams = blog_post["module"]["ecr_pull_through_caches"]["for_each"]

    names = ("prefix", "description", "upstream_registry_url")
    assert {key: tuple(upstream[name] for name in names) for key, upstream in upstreams.items()} == {
        "public-ecr": ("public-ecr", "public.ecr.aws", "public.ecr.aws"),
        "docker-hub": ("docker-hub", "registry-1.docker.io", "registry-1.docker.io"),
    }


def test_only_docker_hub_has_credentials(blog_post: Json) -> None:
    upstreams = blog_post["module"]["ecr_pull_through_caches"]["for_each"]

    assert [key for key, upstream in upstreams.items() if "credential_arn" in upstream] == ["docker-hub"]


def test_the_rule_waits_for_the_secrets_version(blog_post: Json) -> None:
    credential_arn = blog_post["module"]["ecr_pull_through_caches"]["for_each"]["docker-hub"]["credential_arn"]

    secret = "module.secrets_manager_dockerhub_credentials"
    assert set(re.findall(r"module\.[\w.]+", credential_arn)) == {f"{secret}.secret_arn", f"{secret}.secret_version_id"}


def test_the_organization_may_pull(blog_post: Json) -> None:
    assert blog_post["module"]["ecr_pull_through_caches"]["repository_policy_statements"] == {
        "AllowReadFromOrganization": {
            "sid": "AllowReadFromOrganization",
            "effect": "Allow",
            "principals": [{"type": "AWS", "identifiers": ["*"]}],
            "actions": [
                "ecr:CreateRepository",
                "ecr:BatchCheckLayerAvailability",
                "ecr:BatchGetImage",
                "ecr:BatchImportUpstreamImage",
                "ecr:DescribeImages",
                "ecr:GetAuthorizationToken",
                "ecr:GetDownloadUrlForLayer",
            ],
            "conditions": [
                {
                    "test": "StringEquals",
                    "variable": "AWS:PrincipalOrgID",
                    "values": ["${data.aws_organizations_organization.current.id}"],
                }
            ],
        }
    }


def test_the_credentials_are_sensitive_variables(blog_post: Json) -> None:
    variables = blog_post["variable"]

    assert set(variables) == {"docker_hub_username", "docker_hub_access_token"}
    assert all(variable["sensitive"] and "default" not in variable for variable in variables.values())


def test_versions_are_bounded(blog_post: Json) -> None:
    terraform = blog_post["terraform"]

    assert terraform["required_version"] == ">= 1.0"
    assert terraform["required_providers"]["aws"]["version"] == ">= 5.100.0, < 7.0.0"
