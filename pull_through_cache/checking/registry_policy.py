"""The registry policy, without which a first pull from another account fails."""

import json
from collections.abc import Iterator

from botocore.exceptions import ClientError

from pull_through_cache.checking.access import check_statements, whom
from pull_through_cache.checking.account import Account
from pull_through_cache.checking.findings import Finding, error_code, unless_denied
from pull_through_cache.policies import FIRST_PULL, repositories
from pull_through_cache.registry import Registry

_SCOPE = "REGISTRY_POLICY_SCOPE"


def check_registry_policy(registry: Registry, account: Account, region: str) -> Iterator[Finding]:
    """What the registry's policy in `region` lacks, whoever makes it."""
    policy, where = registry.registry_policy, f"{region}, registry policy"
    if policy.mode == "none" or (registry.pull_access.nobody and not policy.extra_statements):
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
        cause = "there is none: the first pull of an image from another account fails"
        yield Finding(where, cause, remedy)
        return
    cached = repositories(registry.prefixes, account_id=account.id, regions=[region])
    statements = whom(registry.pull_access, account, sid="AllowPullThroughFrom", actions=FIRST_PULL, resources=cached)
    wanted = (each for group in (statements, policy.extra_statements) for each in group)
    yield from unless_denied(where, check_statements(document, wanted, where, remedy))
