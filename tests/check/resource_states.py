"""Broken rules, secrets, and templates, each with what is found of it."""

import json

from emulator.organization import SHARED_SERVICES
from tests.aws import Json, allow, policy
from tests.check.state import State
from tests.check.worlds import (
    DEPLOY,
    FIRST_PULL,
    HUB_CACHE,
    PULL,
    QUAY_CACHE,
    REGISTRY_POLICY,
    REPOSITORY_POLICY,
    SECRET,
    VALUE,
    World,
)

BIND = "add a condition on aws:PrincipalOrgID or aws:PrincipalAccount, or remove it"
THEIRS: Json = {"StringEquals": {"aws:PrincipalOrgID": "o-stranger00"}}
HUB = "us-east-1, secret of docker-hub"
QUAY = "us-east-1, template quay"
VARIABLES = "set TF_VAR_docker_hub_username and TF_VAR_docker_hub_access_token"
RENEW = (
    f"{VARIABLES}, and run `terraform apply -replace='module.secrets_manager_dockerhub_credentials."
    "aws_secretsmanager_secret_version.this[0]'` in the folder of shared-services-us-east-1"
)
FUNCTIONS = f"arn:aws:lambda:us-east-1:{SHARED_SERVICES.id}:function:*"
THEM = "principals: {AWS: ['arn:aws:iam::210987654321:root']}"
AUDIT = f"{{sid: Audit, effect: Deny, actions: [ecr:DescribeImages], {THEM}}}"
REPLICATION = f"{{sid: Replication, actions: [ecr:ReplicateImage], resources: ['*'], {THEM}}}"


def another_key(world: World) -> None:
    world.secrets.update_secret(SecretId=SECRET, KmsKeyId="arn:aws:kms:us-east-1:123456789012:key/mine")


def another_secret(world: World) -> None:
    arn = world.aws.secret("ecr-pullthroughcache/other")
    world.ecr.update_pull_through_cache_rule(ecrRepositoryPrefix="docker-hub", credentialArn=arn)


def no_template_to_adopt(world: World) -> None:
    world.deployment("{registry: quay}", "{registry: quay, adopt: true}")
    world.ecr.delete_repository_creation_template(prefix="quay")


def own_access(world: World) -> None:
    world.deployment("{registry: quay}", "{registry: quay, pull_access: {accounts: ['210987654321']}}")
    world.registry_policy(
        REGISTRY_POLICY | {"Resource": HUB_CACHE},
        allow(*FIRST_PULL, principal={"AWS": "210987654321"}, resource=QUAY_CACHE),
    )


STATES = {
    # The rules.
    "no rule": State(
        lambda world: world.ecr.delete_pull_through_cache_rule(ecrRepositoryPrefix="quay"),
        "us-east-1, rule quay",
        "it does not exist: nothing is fetched",
        f"{DEPLOY}; if Terraform did not make the template, write `adopt: [template]` first",
    ),
    "another upstream": State(
        lambda world: world.replace_rule("quay", upstreamRegistryUrl="registry.k8s.io"),
        "us-east-1, rule quay",
        "its upstream is registry.k8s.io, not quay.io",
    ),
    # The secrets.
    "no secret": State(
        lambda world: world.secrets.delete_secret(SecretId=SECRET, ForceDeleteWithoutRecovery=True),
        HUB,
        "there is no secret ecr-pullthroughcache/docker-hub-",
        f"{VARIABLES} and {DEPLOY}",
    ),
    "another key in the secret": State(
        lambda world: world.secret_value(json.dumps({**VALUE, "password": "x"})),
        HUB,
        "is not JSON of exactly `username` and `accessToken`, both filled in",
        RENEW,
    ),
    "a key is missing in the secret": State(
        lambda world: world.secret_value('{"username": "somebody"}'),
        HUB,
        "is not JSON of exactly `username` and `accessToken`, both filled in",
        RENEW,
    ),
    "an empty token": State(
        lambda world: world.secret_value('{"username": "somebody", "accessToken": ""}'),
        HUB,
        "is not JSON of exactly `username` and `accessToken`, both filled in",
        RENEW,
    ),
    "a secret that is not JSON": State(
        lambda world: world.secret_value("a token that nobody may see"),
        HUB,
        "is not JSON of exactly `username` and `accessToken`, both filled in",
        RENEW,
    ),
    "a secret under another KMS key": State(
        another_key,
        HUB,
        "is encrypted with arn:aws:kms:us-east-1:123456789012:key/mine; ECR reads it under aws/secretsmanager only",
        "create the secret again without a key of your own",
    ),
    "another secret": State(another_secret, HUB, "the rule uses the secret ecr-pullthroughcache/other-", DEPLOY),
    # The templates.
    "no template": State(
        lambda world: world.ecr.delete_repository_creation_template(prefix="quay"),
        QUAY,
        "it does not exist: cached repositories get no policy and no settings",
        f"{DEPLOY}; if Terraform did not make the rule, write `adopt: [rule]` first",
    ),
    "no template to adopt": State(
        no_template_to_adopt,
        QUAY,
        "it does not exist: cached repositories get no policy and no settings",
        f"write `adopt: [rule]`, as there is no template to import; then {DEPLOY}",
    ),
    "a template for replication only": State(
        lambda world: world.template("quay", appliedFor=["REPLICATION"]),
        QUAY,
        'its applied_for is ["REPLICATION"], not ["PULL_THROUGH_CACHE"]',
    ),
    "immutable tags": State(
        lambda world: world.template("quay", imageTagMutability="IMMUTABLE"),
        QUAY,
        "its image_tag_mutability is IMMUTABLE, not MUTABLE",
    ),
    "a template without policy": State(
        lambda world: world.template("quay", repositoryPolicy=""),
        QUAY,
        "does not grant ecr:BatchGetImage, ecr:GetDownloadUrlForLayer to * with AWS:PrincipalOrgID o-exampleorg "
        "(AllowReadFromOrganization)",
    ),
    "a template for another organization": State(
        lambda world: world.template("quay", repositoryPolicy=policy(REPOSITORY_POLICY | {"Condition": THEIRS})),
        QUAY,
        "does not grant ecr:BatchGetImage, ecr:GetDownloadUrlForLayer to * with",
    ),
    "a template without an upstream's own access": State(
        own_access,
        QUAY,
        "does not grant ecr:BatchGetImage, ecr:GetDownloadUrlForLayer to arn:aws:iam::210987654321:root "
        "(AllowReadFromAccounts)",
    ),
    "a template that lets everyone pull": State(
        lambda world: world.template("quay", repositoryPolicy=policy(allow(*PULL, principal="*"))),
        QUAY,
        "its statement 1 is public: '*' allows every account",
        BIND,
    ),
    "a template that lets every organization pull": State(
        lambda world: world.template(
            "quay",
            repositoryPolicy=policy(
                REPOSITORY_POLICY,
                allow(
                    *PULL, principal={"AWS": ["*"]}, condition={"StringLike": {"aws:PrincipalOrgID": "o-*"}}, sid="All"
                ),
            ),
        ),
        QUAY,
        "its statement All is public: '*' allows every account",
        BIND,
    ),
    "a registry policy that lets everyone in but one": State(
        lambda world: world.ecr.put_registry_policy(
            policyText=policy(
                REGISTRY_POLICY,
                {
                    "Effect": "Allow",
                    "NotPrincipal": {"AWS": "999999999999"},
                    "Action": "ecr:ReplicateImage",
                    "Resource": "*",
                },
            )
        ),
        "us-east-1, registry policy",
        "its statement 2 is public: NotPrincipal allows every principal that it does not name",
        BIND,
    ),
    "a template without a reader": State(
        lambda world: world.deployment(
            "{registry: quay}", "{registry: quay, repositories: {read_access: ['arn:aws:iam::210987654321:root']}}"
        ),
        QUAY,
        "does not grant ecr:BatchGetImage, ecr:GetDownloadUrlForLayer to arn:aws:iam::210987654321:root (read_access)",
    ),
    "a template without a function": State(
        lambda world: world.deployment(
            "{registry: quay}", f"{{registry: quay, repositories: {{lambda_read_access: ['{FUNCTIONS}']}}}}"
        ),
        QUAY,
        "does not grant ecr:BatchGetImage, ecr:GetDownloadUrlForLayer to lambda.amazonaws.com with aws:sourceArn "
        f"{FUNCTIONS} (PrivateLambdaReadOnly)",
    ),
    "a template without a statement of the deployment's own": State(
        lambda world: world.deployment(
            "{registry: quay}", f"{{registry: quay, repositories: {{statements: [{AUDIT}]}}}}"
        ),
        QUAY,
        "does not deny ecr:DescribeImages to arn:aws:iam::210987654321:root (Audit)",
    ),
}
