"""Questions about pull through cache rules, their secrets, and creation templates. "Guide": Amazon ECR User Guide."""

from typing import Any

from tests.conformance.questions import code, question
from tests.conformance.sandbox import SandboxAccounts, policy

RULE = "Guide, pull-through-cache-creating-rule.html"
SECRET = "Guide, pull-through-cache-creating-secret.html"
TEMPLATE = "Guide, repository-creation-templates.html"
DOCKER_HUB = "registry-1.docker.io"


@question(
    "goharbor/harbor issue 20174",
    "UnsupportedUpstreamRegistryException: The upstream registry URL gcr.io is invalid. "
    "Specify a valid upstream registry URL and try again",
)
def an_upstream_that_ecr_cannot_cache(sandbox: SandboxAccounts) -> Any:
    return sandbox.rule(host="gcr.io")


@question(
    "aws-controllers-k8s/community issue 2589",
    "UnsupportedUpstreamRegistryException: The specified upstream registry requires authentication. "
    "Specify a valid Secrets Manager ARN",
)
def docker_hub_without_a_secret(sandbox: SandboxAccounts) -> Any:
    return sandbox.rule(host=DOCKER_HUB)


@question(RULE, ["ecr-public", False])
def a_rule_has_no_upstream_prefix_unless_it_is_given(sandbox: SandboxAccounts) -> Any:
    sandbox.rule()
    prefix = f"{sandbox.prefix}-rule"
    found = sandbox.client("ecr").describe_pull_through_cache_rules(ecrRepositoryPrefixes=[prefix])
    (rule,) = found["pullThroughCacheRules"]
    return [rule["upstreamRegistry"], "upstreamRepositoryPrefix" in rule]


@question("API, CreatePullThroughCacheRule", "PullThroughCacheRuleAlreadyExistsException")
def a_rule_that_is_there(sandbox: SandboxAccounts) -> Any:
    sandbox.rule()
    return code(sandbox.rule)


@question(SECRET, "SecretNotFoundException")
def a_secret_without_a_value(sandbox: SandboxAccounts) -> Any:
    manager = sandbox.client("secretsmanager")
    name = f"ecr-pullthroughcache/{sandbox.prefix}"
    arn = manager.create_secret(Name=name, Tags=sandbox.tags)["ARN"]
    return code(sandbox.rule, host=DOCKER_HUB, credentialArn=arn)


@question(SECRET, "InvalidParameterException")
def a_secret_with_another_prefix(sandbox: SandboxAccounts) -> Any:
    return code(sandbox.rule, host=DOCKER_HUB, credentialArn=sandbox.secret("{}-docker-hub"))


@question(SECRET, False)
def a_secret_with_other_keys_is_not_valid(sandbox: SandboxAccounts) -> Any:
    arn = sandbox.secret(SecretString='{"user": "u", "token": "t"}')
    sandbox.rule(host=DOCKER_HUB, credentialArn=arn)
    prefix = f"{sandbox.prefix}-rule"
    return sandbox.client("ecr").validate_pull_through_cache_rule(ecrRepositoryPrefix=prefix)["isValid"]


@question("API of Secrets Manager, PutResourcePolicy; IAM Guide, evaluation logic", "UnableToAccessSecretException")
def a_secret_whose_policy_denies(sandbox: SandboxAccounts) -> Any:
    arn = sandbox.secret()
    deny = {"Effect": "Deny", "Principal": "*", "Action": "secretsmanager:GetSecretValue", "Resource": "*"}
    sandbox.client("secretsmanager").put_resource_policy(SecretId=arn, ResourcePolicy=policy(deny))
    return code(sandbox.rule, host=DOCKER_HUB, credentialArn=arn)


@question("API of Secrets Manager, PutResourcePolicy", "PublicPolicyException")
def a_public_policy_of_a_secret(sandbox: SandboxAccounts) -> Any:
    arn = sandbox.secret()
    allow = {"Effect": "Allow", "Principal": "*", "Action": "secretsmanager:GetSecretValue", "Resource": "*"}
    put = sandbox.client("secretsmanager").put_resource_policy
    return code(put, SecretId=arn, ResourcePolicy=policy(allow), BlockPublicPolicy=True)


@question(TEMPLATE, ["MUTABLE", {"encryptionType": "AES256"}])
def defaults_of_a_template(sandbox: SandboxAccounts) -> Any:
    template = sandbox.template()
    return [template["imageTagMutability"], template["encryptionConfiguration"]]


@question(TEMPLATE, "accepted")
def a_template_with_tags_and_without_a_role(sandbox: SandboxAccounts) -> Any:
    return code(sandbox.template, resourceTags=sandbox.tags)


@question("API, CreateRepositoryCreationTemplate", "TemplateAlreadyExistsException")
def a_template_that_is_there(sandbox: SandboxAccounts) -> Any:
    sandbox.template()
    return code(sandbox.template)
