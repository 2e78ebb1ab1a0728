"""Whether the policies of the nodes' own accounts allow pulls."""

from collections.abc import Iterator, Sequence

from botocore.exceptions import BotoCoreError, ClientError

from pull_through_cache.aws.arns import repository_arns
from pull_through_cache.aws.policies import node_policy
from pull_through_cache.check.account import Account
from pull_through_cache.check.findings import Finding, unless_denied
from pull_through_cache.check.roles import check_role
from pull_through_cache.deployment.registry import Registry
from pull_through_cache.deployment.sharing import caches_of
from pull_through_cache.deployment.workload import Workload


def check_nodes(registry: Registry, account: Account) -> Iterator[Finding]:
    """What the node roles in the registry's own account lack."""
    remedy = f"deploy shared-services-{registry.regions[0]}"
    if not registry.attach:
        remedy = f"attach the output node_policy_arn of shared-services-{registry.regions[0]} to the role"
    cached = repository_arns(registry.prefixes, account_id=account.id, regions=registry.regions)
    yield from _check(registry.node_roles, registry, cached, account, "", remedy)


def check_workload(name: str, workload: Workload, registry: Registry, caller: Account) -> Iterator[Finding]:
    """What the node roles of a workload lack; `unchecked` if the credentials do not give access to its account."""
    where, way = (
        f"workload {name}",
        "allow the credentials to assume its `assume_role_arn`, or write a `profile` that exists",
    )
    try:
        account = caller.of_workload(workload)
        if account.id != workload.account_id:
            cause = f"the credentials are of account {account.id}, not of {workload.account_id}"
            yield Finding(where, cause, way, "unchecked")
            return
    except (BotoCoreError, ClientError) as error:
        yield Finding(where, f"account {workload.account_id} gives no access: {error}", way, "unchecked")
        return
    attach = f"attach the output node_policy_arn of workload-{name} to the role"
    remedy = f"deploy workload-{name}" if workload.attach else attach
    prefixes = registry.prefixes_of(caches_of(registry, workload))
    cached = repository_arns(prefixes, account_id=caller.id, regions=registry.regions)
    yield from _check(workload.node_roles, registry, cached, account, f"{where}, ", remedy)


def _check(
    roles: Sequence[str], registry: Registry, cached: Sequence[str], account: Account, place: str, remedy: str
) -> Iterator[Finding]:
    statements = node_policy(cached, tags=registry.sets_tags)
    for role in roles:
        where = f"{place}node role {role}"
        if_missing = f"create the role, or write the name of the nodes' role in `node_roles`; then {remedy}"
        found = check_role(account, role, where, statements, remedy=remedy, if_missing=if_missing)
        yield from unless_denied(where, found)
