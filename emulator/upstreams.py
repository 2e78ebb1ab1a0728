"""The upstream registries that ECR accepts, and the credentials it needs. "Guide" is the Amazon ECR User Guide."""

import json
import re
from dataclasses import dataclass
from typing import Any, Literal

from moto.secretsmanager.models import FakeSecret, ReplicaSecret, secretsmanager_backends

from emulator.errors import EcrError, invalid
from emulator.policies import Policy, evaluate
from emulator.principals import Principal
from emulator.roles import account_context, resource_context
from emulator.upstream_roles import upstream_role_failure

# Source: Guide, slr-pullthroughcache.html
SERVICE_LINKED_ROLE = "AWSServiceRoleForECRPullThroughCache"


@dataclass(frozen=True)
class Upstream:
    """A kind of upstream registry: its API name, its host as a regular expression, how ECR authenticates there."""

    name: str
    host: str
    authentication: Literal["none", "secret", "role"] = "none"


# API: CreatePullThroughCacheRule, upstreamRegistryUrl; Guide: pull-through-cache.html
UPSTREAMS = (
    Upstream("ecr-public", r"public\.ecr\.aws"),
    Upstream("k8s", r"registry\.k8s\.io"),
    Upstream("quay", r"quay\.io"),
    Upstream("docker-hub", r"registry-1\.docker\.io", "secret"),
    Upstream("github-container-registry", r"ghcr\.io", "secret"),
    Upstream("gitlab-container-registry", r"registry\.gitlab\.com", "secret"),
    Upstream("azure-container-registry", r"[a-zA-Z0-9]+\.azurecr\.io", "secret"),
    Upstream("chainguard", r"cgr\.dev", "secret"),
    Upstream("ecr", r"\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com", "role"),
)


def check_rule(rule: dict[str, Any], region: str) -> Upstream:
    """The upstream of a rule. Raises the error of CreatePullThroughCacheRule if ECR does not accept it."""
    host = rule["upstreamRegistryUrl"]
    upstream = next((each for each in UPSTREAMS if re.fullmatch(each.host, host)), None)
    if upstream is None or rule.get("upstreamRegistry", upstream.name) != upstream.name:
        # Text: goharbor/harbor issue 20174
        raise EcrError(
            "UnsupportedUpstreamRegistryException",
            f"The upstream registry URL {host} is invalid. Specify a valid upstream registry URL and try again",
        )
    if rule["ecrRepositoryPrefix"] == "ROOT" and "upstreamRepositoryPrefix" in rule:
        # Source: Guide, pull-through-cache-private-wildcards.html
        raise invalid("upstreamRepositoryPrefix", "an upstream prefix needs an ECR repository prefix other than ROOT")
    if upstream.authentication == "secret" and "credentialArn" not in rule:
        # Text: aws-controllers-k8s/community issue 2589
        raise EcrError(
            "UnsupportedUpstreamRegistryException",
            "The specified upstream registry requires authentication. Specify a valid Secrets Manager ARN",
        )
    elsewhere = upstream.name == "ecr" and host.split(".")[0] != rule["registryId"]
    if elsewhere and "customRoleArn" not in rule:
        # Source: Guide, pull-through-cache-private.html
        raise invalid("customRoleArn", "an upstream registry of another account needs a role")
    check_credentials(rule, region)
    return upstream


def check_credentials(rule: dict[str, Any], region: str) -> None:
    """Raise an error for a rule's role or secret, as ECR does when it stores the rule."""
    roles = f"arn:aws:iam::{rule['registryId']}:role/"
    if not rule.get("customRoleArn", roles).startswith(roles):
        raise invalid("customRoleArn", "the role must be in the account of the registry")
    if "credentialArn" in rule:
        _usable_secret(rule["credentialArn"], rule["registryId"], region)


def authentication_failure(rule: dict[str, Any], region: str, repository: str | None = None) -> str | None:
    """Why ECR cannot access the upstream with the rule's secret or role; None if it can.

    This does not check whether the upstream accepts the credentials. Guide: pull-through-cache-creating-secret.html

    - ``repository``: the cached repository that the pull is for; by default any below the rule's prefix.
    """
    if "customRoleArn" in rule:
        return upstream_role_failure(rule, region, repository)
    if "credentialArn" not in rule:
        return None
    try:
        secret = _usable_secret(rule["credentialArn"], rule["registryId"], region)
    except EcrError as error:
        return str(error.message)
    text = secret.versions[secret.default_version_id or ""].get("secret_string", "")
    try:
        keys = set(json.loads(text))
    except (ValueError, TypeError):
        keys = set()
    if keys != {"username", "accessToken"}:
        return "The secret must have the keys username and accessToken, and no others"
    return None


def secret_login(arn: str, account: str, region: str) -> tuple[str, str]:
    """The user name and the access token of a secret that has no ``authentication_failure``."""
    secret = _usable_secret(arn, account, region)
    value = json.loads(secret.versions[secret.default_version_id or ""]["secret_string"])
    return str(value["username"]), str(value["accessToken"])


def add_secret(arn: str, username: str, access_token: str) -> None:
    """Create a secret with this ARN, unless it exists. AWS chooses the last characters of an ARN; here the caller does."""
    _, _, _, region, account, _, name = arn.split(":", 6)
    secrets = secretsmanager_backends[account][region]
    if arn not in secrets.secrets:
        name = re.sub(r"-\w{6}$", "", name)
        value = json.dumps({"username": username, "accessToken": access_token})
        secrets.create_secret(name, value, None, None, None, None, None, [], False)
        secrets.secrets[name].arn = arn


def _usable_secret(arn: str, account: str, region: str) -> FakeSecret:
    """The secret; of a replica the primary secret, from which it gets everything."""
    # Same account and Region, default key: Guide, pull-through-cache-creating-secret.html
    if arn.split(":")[3:5] != [region, account]:
        raise EcrError("UnableToAccessSecretException")
    secret = secretsmanager_backends[account][region].secrets.get(arn)
    if isinstance(secret, ReplicaSecret):
        secret = secret.source
    if not isinstance(secret, FakeSecret) or secret.is_deleted() or not secret.default_version_id:
        raise EcrError("SecretNotFoundException")
    if secret.kms_key_id and not secret.kms_key_id.endswith("alias/aws/secretsmanager"):
        raise EcrError("UnableToDecryptSecretValueException")
    if not _ecr_may_read(secret, account, region):
        raise EcrError("UnableToAccessSecretException")
    return secret


def _ecr_may_read(secret: FakeSecret, account: str, region: str) -> bool:
    """Whether the secret's policy allows ECR's service-linked role, which may read secrets with ECR's prefix.

    Source: Guide, slr-pullthroughcache.html.
    """
    role = f"arn:aws:iam::{account}:role/aws-service-role/pullthroughcache.ecr.amazonaws.com/{SERVICE_LINKED_ROLE}"
    caller = Principal(role, account, {**account_context(account), "aws:PrincipalArn": [role]})
    action = "secretsmanager:GetSecretValue"
    own = {"Effect": "Allow", "Action": action, "Resource": "arn:aws:secretsmanager:*:*:secret:ecr-pullthroughcache/*"}
    policies = [Policy("identity", SERVICE_LINKED_ROLE, {"Statement": own})]
    if secret.policy:
        policies.append(Policy("secret", secret.name, json.loads(secret.policy)))
    context = resource_context(account, region)
    return evaluate(action, secret.arn, caller, policies, owner=account, context=context).allowed
