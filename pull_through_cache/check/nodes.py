"""Whether the policies of the nodes' own accounts allow pulls."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from botocore.exceptions import BotoCoreError, ClientError

from pull_through_cache.aws.arns import repository_arns
from pull_through_cache.aws.policies import node_policy
from pull_through_cache.check.account import Account
from pull_through_cache.check.adoption import remedy_with_policy
from pull_through_cache.check.findings import Finding, unless_denied
from pull_through_cache.check.roles import check_role
from pull_through_cache.deployment.registry import Registry
from pull_through_cache.deployment.sharing import caches_of
from pull_through_cache.deployment.workload import Workload


def check_nodes(registry: Registry, account: Account) -> Iterator[Finding]:
    """What the node roles in the registry's own account lack."""
    stack = f"shared-services-{registry.regions[0]}"
    cached = repository_arns(registry.prefixes, account_id=account.id, regions=registry.regions)
    yield from _check(registry, registry, cached, account, "", stack)


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
    prefixes = registry.prefixes_of(caches_of(registry, workload))
    cached = repository_arns(prefixes, account_id=caller.id, regions=registry.regions)
    yield from _check(workload, registry, cached, account, f"{where}, ", f"workload-{name}")


def _check(
    nodes: Registry | Workload, registry: Registry, cached: Sequence[str], account: Account, place: str, stack: str
) -> Iterator[Finding]:
    statements = node_policy(cached, tags=registry.sets_tags)
    remedy = f"deploy {stack}" if nodes.attach else f"attach the output node_policy_arn of {stack} to the role"
    for role in nodes.node_roles:
        where = f"{place}node role {role}"
        if_missing = f"create the role, or write the name of the nodes' role in `node_roles`; then {remedy}"
        found = check_role(account, role, where, statements, remedy=remedy, if_missing=if_missing)
        for finding in unless_denied(where, found):
            if finding.remedy == remedy:
                yield replace(finding, remedy=remedy_with_policy(account, nodes, remedy, stack))
            else:
                yield finding
