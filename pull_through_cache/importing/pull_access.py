"""Who may pull, read back from the policies that this project made for them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from pull_through_cache.aws.arns import repository_arns
from pull_through_cache.aws.policies import PULLER_KINDS, Pullers, registry_policy
from pull_through_cache.aws.statements import Statement
from pull_through_cache.deployment.upstream import sid_ending
from pull_through_cache.importing.live import Live
from pull_through_cache.importing.policies import Policy, principals_of, rest, settings_of_policy, values_of

_FIRST_PULL, _READ = "AllowPullThroughFrom", "AllowReadFrom"
NONE = Pullers()


class Access(NamedTuple):
    """Who may pull.

    - `default`: from each cache without its own pullers. `own`: the pullers of other caches, by key.
    - `others`: the statements of the registry policy that grant something else.
    """

    default: Pullers
    own: Mapping[str, Pullers]
    others: Sequence[Statement] = ()

    def to(self, key: str) -> Pullers:
        """The pullers of a cache."""
        return self.own.get(key, self.default)


def access_by_registry_policy(policy: Policy, live: Live, prefixes: Mapping[str, str]) -> Access:
    """The access that the statements of this project in a registry policy give; none if it did not make them so.

    - `prefixes`: of the upstreams, by key.
    """

    def arns(keys: Iterable[str]) -> list[str]:
        return repository_arns([prefixes[key] for key in keys], account_id=live.account_id, regions=[live.region])

    default, own = _pullers(policy.statements, _FIRST_PULL), {}
    cached = {arn for each in policy.statements if each.sid in _sids(_FIRST_PULL) for arn in each.resources}
    for key in prefixes:
        pullers = _pullers(policy.statements, _FIRST_PULL, sid_ending(key))
        if pullers != NONE or (cached and not cached & {*arns([key]), *live.all_repositories}):
            own[key] = pullers
    shared = [key for key in prefixes if key not in own]
    made = registry_policy(default, repositories=arns(shared)) if shared else []
    for key, pullers in own.items():
        made += registry_policy(pullers, repositories=arns([key]), sid_ending=sid_ending(key))
    others = rest(policy.statements, made)
    return Access(NONE, {}, policy.statements) if others is None else Access(default, own, others)


def access_by_templates(policies: Mapping[str, Policy], account_root: str) -> Access:
    """The access that the policies of templates give, by the keys of the upstreams."""
    found: dict[str, Pullers] = {}
    for key, policy in policies.items():
        pullers = _pullers(policy.statements, _READ)
        if any(settings_of_policy(policy, account_root, pullers, actions) for actions in ("pull", "post")):
            found[key] = pullers
    default = next(iter(found.values()), NONE)
    return Access(default, {key: pullers for key, pullers in found.items() if pullers != default})


def _sids(beginning: str, ending: str = "") -> list[str]:
    return [f"{beginning}{kind}{ending}" for kind in PULLER_KINDS]


def _pullers(statements: Iterable[Statement], beginning: str, ending: str = "") -> Pullers:
    """The pullers that statements with sids of this project name."""
    by_sid = {each.sid: each for each in statements}
    organization, units, accounts = map(by_sid.get, _sids(beginning, ending))
    return Pullers(
        organization_id=next(iter(values_of(organization)), None),
        organizational_units=tuple(values_of(units)),
        accounts=tuple(each for name in principals_of(accounts) for each in re.findall("[0-9]{12}", name)),
    )
