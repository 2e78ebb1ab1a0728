"""The registry policy. Without it, a first pull from another account fails."""

import json
from collections.abc import Iterator

from botocore.exceptions import ClientError

from pull_through_cache.check.access import check_statements, organization_of
from pull_through_cache.check.account import Account
from pull_through_cache.check.findings import Finding, error_code, unless_denied
from pull_through_cache.check.grants import Document
from pull_through_cache.check.removed import removed_statements
from pull_through_cache.deployment.registry import Registry
from pull_through_cache.deployment.sharing import is_shared, registry_statements

_SCOPE = "REGISTRY_POLICY_SCOPE"


def check_registry_policy(registry: Registry, account: Account, region: str) -> Iterator[Finding]:
    """What the registry's policy in `region` lacks, and what of it a deploy removes."""
    policy, where = registry.registry_policy, f"{region}, registry policy"
    if policy.mode == "none" or (not is_shared(registry) and not policy.extra_statements):
        return
    remedy = f"deploy shared-services-{region}"
    ecr = account.client("ecr", region)
    if policy.scope:
        scope = ecr.get_account_setting(name=_SCOPE)["value"]
        if scope != policy.scope:
            yield Finding(where, f"{_SCOPE} is {scope}, not {policy.scope}: it decides which actions count", remedy)
    if policy.mode == "external":
        remedy = f"have its owner put the output registry_policy of shared-services-{region} into it"
    try:
        document = json.loads(ecr.get_registry_policy()["policyText"])
    except ClientError as error:
        if error_code(error) != "RegistryPolicyNotFoundException":
            raise
        cause = "it does not exist: the first pull of an image from another account fails"
        yield Finding(where, cause, remedy)
        return
    yield from unless_denied(where, _statements(document, registry, account, region, remedy))


def _statements(
    document: Document, registry: Registry, account: Account, region: str, remedy: str
) -> Iterator[Finding]:
    policy, where = registry.registry_policy, f"{region}, registry policy"
    organization = organization_of(registry, account)
    wanted = registry_statements(registry, organization=organization, account_id=account.id, region=region)
    yield from check_statements(document, wanted, where, remedy)
    if policy.mode == "managed":
        yield from removed_statements(document, wanted, policy, where, remedy)
