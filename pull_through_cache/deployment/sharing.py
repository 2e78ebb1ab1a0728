"""Who may pull what an upstream caches: those of its own `pull_access`, else those of the registry's."""

from collections.abc import Sequence

from pull_through_cache.aws.actions import PULL, PULL_OF_THE_POST
from pull_through_cache.aws.arns import repository_arns
from pull_through_cache.aws.policies import registry_policy, repository_policy
from pull_through_cache.aws.statements import Statement
from pull_through_cache.deployment.access import PullAccess
from pull_through_cache.deployment.registry import Registry
from pull_through_cache.deployment.upstream import sid_ending
from pull_through_cache.deployment.workload import Workload


def access_to(registry: Registry, key: str) -> PullAccess:
    """The principals of other accounts that may pull what the upstream `key` caches."""
    own = registry.upstreams[key].pull_access
    return registry.pull_access if own is None else own


def is_shared(registry: Registry) -> bool:
    """Whether any other account may pull from any cache."""
    return not all(access_to(registry, key).is_empty for key in registry.upstreams)


def needs_organization(registry: Registry) -> bool:
    """Whether anyone may pull because of the organization of the registry's account."""
    return any(access_to(registry, key).organization == "caller" for key in registry.upstreams)


def may_pull(registry: Registry, key: str, account_id: str) -> bool:
    """Whether an account can be among those that may pull. The file does not list the members of an organization."""
    access = access_to(registry, key)
    listed = account_id in (*access.accounts, registry.known_account_id)
    return listed or bool(access.organization or access.organizational_units)


def caches_of(registry: Registry, workload: Workload) -> Sequence[str]:
    """The keys of the upstreams whose caches the nodes of `workload` use: its `caches`, else all that it may use."""
    return workload.caches or tuple(key for key in registry.upstreams if may_pull(registry, key, workload.account_id))


def repository_statements(registry: Registry, key: str, *, organization: str) -> list[Statement]:
    """What the policy of the repositories that cache the upstream `key` grants to other accounts.

    - `organization`: the ID that `caller` means.
    """
    actions = PULL_OF_THE_POST if registry.repository_policy == "post" else PULL
    return repository_policy(access_to(registry, key).pullers(organization), actions=actions)


def registry_statements(registry: Registry, *, organization: str, account_id: str, region: str) -> list[Statement]:
    """The registry policy in a Region: first pulls from each cache for those who may pull, and `extra_statements`.

    - `organization`: the ID that `caller` means.
    """

    def first_pulls(access: PullAccess, keys: Sequence[str], sid_ending: str = "") -> list[Statement]:
        cached = repository_arns(map(registry.prefix, keys), account_id=account_id, regions=[region])
        return registry_policy(access.pullers(organization), repositories=cached, sid_ending=sid_ending)

    own = {key: each.pull_access for key, each in sorted(registry.upstreams.items()) if each.pull_access is not None}
    others = [key for key in registry.upstreams if key not in own]
    statements = first_pulls(registry.pull_access, others) if others else []
    for key, access in own.items():
        statements += first_pulls(access, [key], sid_ending(key))
    return [*statements, *(each.statement for each in registry.registry_policy.extra_statements)]
