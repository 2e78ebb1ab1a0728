"""Whether the EKS nodes may pull, by their own accounts' policies."""

from collections.abc import Iterator, Sequence

from botocore.exceptions import BotoCoreError, ClientError

from pull_through_cache.checking.account import Account
from pull_through_cache.checking.findings import Finding, unless_denied
from pull_through_cache.checking.grants import needed
from pull_through_cache.checking.roles import check_role
from pull_through_cache.policies import NODE_PULL, TAG, repositories
from pull_through_cache.registry import Registry
from pull_through_cache.workload import Workload

_LOGIN = "ecr:GetAuthorizationToken"


def check_nodes(registry: Registry, account: Account) -> Iterator[Finding]:
    """What the node roles in the registry's own account lack."""
    remedy = f"deploy shared-services-{registry.regions[0]}"
    yield from _check(registry.node_roles, registry, account.id, account, "", remedy)


def check_workload(name: str, workload: Workload, registry: Registry, caller: Account) -> Iterator[Finding]:
    """What the node roles of a workload lack; `unchecked` if the caller's credentials do not get into its account."""
    where, way = f"workload {name}", "let the caller assume its `assume_role_arn`, or write a `profile` that is there"
    try:
        account = caller.of_workload(workload)
        if account.id != workload.account_id:
            cause = f"the credentials are of account {account.id}, not of {workload.account_id}"
            yield Finding(where, cause, way, "unchecked")
            return
    except (BotoCoreError, ClientError) as error:
        yield Finding(where, f"account {workload.account_id} lets nobody in: {error}", way, "unchecked")
        return
    yield from _check(workload.node_roles, registry, caller.id, account, f"{where}, ", f"deploy workload-{name}")


def _check(
    roles: Sequence[str], registry: Registry, registry_account: str, account: Account, place: str, remedy: str
) -> Iterator[Finding]:
    cached = repositories(registry.prefixes, account_id=registry_account, regions=registry.regions)
    others = [action for action in NODE_PULL if action != _LOGIN] + ([TAG] if registry.sets_tags else [])
    statements = [needed([_LOGIN], resources=["*"]), needed(others, resources=cached)]
    for role in roles:
        where = f"{place}node role {role}"
        yield from unless_denied(where, check_role(account, role, where, statements, remedy=remedy))
