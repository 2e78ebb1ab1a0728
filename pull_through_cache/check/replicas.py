"""Whether an upstream's secrets in all Regions have the same value. The values are read and never printed."""

from collections.abc import Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from pull_through_cache.check.account import Account
from pull_through_cache.check.findings import DENIED, Finding, error_code
from pull_through_cache.check.secrets import UNUSABLE, renewal
from pull_through_cache.deployment.registry import Registry
from pull_through_cache.deployment.replicas import has_replica


def check_replicas(registry: Registry, account: Account) -> Iterator[Finding]:
    """The secrets that are no replicas though they should be, and those of an upstream with different values."""
    if len(registry.regions) == 1:
        return
    secrets = {region: dict(_secrets(registry, account, region)) for region in registry.regions}
    for key, upstream in registry.upstreams.items():
        found = {region: secrets[region][key] for region in registry.regions if key in secrets[region]}
        if upstream.credentials is None or len(found) < 2:
            continue
        if upstream.credentials.replicate:
            yield from _replicas(key, found, registry)
        elif len({each["value"] for each in found.values()}) > 1:
            cause = f"its values in {' and '.join(found)} differ"
            remedies = dict.fromkeys(renewal(key, upstream.credentials, region) for region in found)
            yield Finding(f"secret of {key}", cause, f"write the same value in each Region: {'; '.join(remedies)}")


def _secrets(registry: Registry, account: Account, region: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """ARN, primary Region and value of the upstreams' secrets, by key. What is unusable is reported elsewhere."""
    client = account.client("secretsmanager", region)
    pages = account.client("ecr", region).get_paginator("describe_pull_through_cache_rules").paginate()
    rules = {rule["ecrRepositoryPrefix"].rstrip("/"): rule for page in pages for rule in page["pullThroughCacheRules"]}
    for key in registry.upstreams:
        arn = rules.get(registry.prefix(key).rstrip("/"), {}).get("credentialArn")
        if not arn:
            continue
        try:
            primary = client.describe_secret(SecretId=arn).get("PrimaryRegion")
            value = client.get_secret_value(SecretId=arn).get("SecretString")
        except ClientError as error:
            if error_code(error) not in {*UNUSABLE, *DENIED}:
                raise
        else:
            yield key, {"arn": arn, "primary": primary, "value": value}


def _replicas(key: str, found: Mapping[str, Mapping[str, Any]], registry: Registry) -> Iterator[Finding]:
    first = registry.regions[0]
    for region, secret in found.items():
        if first not in found or not has_replica(registry, key, region):
            continue
        different = secret["value"] != found[first]["value"]
        if secret["primary"] == first and not different:
            continue
        cause = "its value differs from that" if different else "it is no replica of that"
        replicate = (
            f"aws secretsmanager replicate-secret-to-regions --region {first} --secret-id {found[first]['arn']} "
            f"--add-replica-regions Region={region} --force-overwrite-replica-secret"
        )
        remedy = f"run `{replicate}`, which replaces the secret in {region}, and deploy shared-services-{region}"
        yield Finding(f"{region}, secret of {key}", f"{cause} in {first}", remedy)
