"""The secret of an upstream. Its value is read and never printed. Guide: pull-through-cache-creating-secret.html."""

import json
from collections.abc import Iterator

from botocore.exceptions import ClientError

from pull_through_cache.check.account import Account
from pull_through_cache.check.findings import Finding, error_code
from pull_through_cache.deployment.addresses import UpstreamAddresses
from pull_through_cache.deployment.credentials import Credentials
from pull_through_cache.deployment.registry import Registry
from pull_through_cache.deployment.replicas import home_of_secret
from pull_through_cache.deployment.values.regions import in_region

_KEYS = {"username", "accessToken"}
_BEGINNING = "ecr-pullthroughcache/"
# Secrets Manager API, GetSecretValue.
_NOT_FOUND, _DELETED = "ResourceNotFoundException", "InvalidRequestException"
UNUSABLE = {
    _NOT_FOUND: "there is no secret {name}, or it has no version",
    _DELETED: "the secret {name} is marked for deletion",
    "DecryptionFailure": "the secret {name} cannot be decrypted",
}


def check_secret(
    key: str, registry: Registry, arn: str, account: Account, region: str, where: str
) -> Iterator[Finding]:
    """What keeps ECR from using the secret at `arn`, which the rule of the upstream `key` names."""
    credentials, home = registry.upstreams[key].credentials, home_of_secret(registry, key, region)
    assert credentials is not None
    name = arn.rpartition(":")[2]
    wanted = in_region(credentials.secret_arn, region)
    beginning = f"{credentials.name}-" if credentials.name else _BEGINNING
    if (wanted and arn != wanted) or not name.startswith(beginning):
        yield Finding(
            where,
            f"the rule uses the secret {name}, not {wanted or beginning + '…'}",
            f"deploy shared-services-{region}",
        )
    secrets = account.client("secretsmanager", region)
    try:
        kms_key = secrets.describe_secret(SecretId=arn).get("KmsKeyId")
        value = secrets.get_secret_value(SecretId=arn).get("SecretString")
    except ClientError as error:
        code = error_code(error)
        if code not in UNUSABLE:
            raise
        remedy = renewal(key, credentials, home, exists=code != _NOT_FOUND)
        if code == _NOT_FOUND and home != region:
            remedy = f"deploy shared-services-{home}, then shared-services-{region}"
        if code == _DELETED:
            remedy = f"run `aws secretsmanager restore-secret --region {region} --secret-id {arn}`"
        yield Finding(where, UNUSABLE[code].format(name=name), remedy)
        return
    if kms_key and not kms_key.endswith("alias/aws/secretsmanager"):
        cause = f"the secret {name} is encrypted with {kms_key}; ECR reads it under aws/secretsmanager only"
        yield Finding(where, cause, "create the secret again without a key of your own")
    if not _fits(value):
        cause = f"the value of {name} is not JSON of exactly `username` and `accessToken`, both filled in"
        yield Finding(where, cause, renewal(key, credentials, home))


def renewal(key: str, credentials: Credentials, region: str, *, exists: bool = True) -> str:
    """How the upstream `key` gets a new user name or access token.

    - `exists`: whether the secret has a value. Terraform does not see a value that was written by hand.
    """
    if credentials.store == "existing":
        return "write a value of `username` and `accessToken` into it, with `aws secretsmanager put-secret-value`"
    names, stack = UpstreamAddresses(key), f"shared-services-{region}"
    variable = f"TF_VAR_{names.variables}"
    set_variables = f"set {variable}_username and {variable}_access_token"
    if not exists:
        return f"{set_variables} and deploy {stack}"
    if credentials.store == "write_only":
        return f"{set_variables}, raise `version` and deploy {stack}"
    value = f"module.{names.secret_module}.aws_secretsmanager_secret_version.this[0]"
    return f"{set_variables}, and run `terraform apply -replace='{value}'` in the folder of {stack}"


def _fits(value: str | None) -> bool:
    try:
        content = json.loads(value or "")
    except ValueError:
        return False
    return isinstance(content, dict) and set(content) == _KEYS and all(_text(each) for each in content.values())


def _text(value: object) -> bool:
    return isinstance(value, str) and bool(value)
