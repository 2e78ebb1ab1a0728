"""Adds to a draft who may pull, and the registry policy."""

from collections.abc import Mapping, Sequence
from typing import Any

from pull_through_cache.aws.arns import repository_arns
from pull_through_cache.aws.policies import Pullers, registry_policy
from pull_through_cache.aws.statements import Statement
from pull_through_cache.check.documents import written
from pull_through_cache.importing.draft import Data, Draft
from pull_through_cache.importing.live import Live
from pull_through_cache.importing.policies import Policy, policy_of, pullers_in, rest, settings_of_policy


def add_access(
    draft: Draft, live: Live, prefixes: Mapping[str, str], templates: Mapping[str, Mapping[str, Any]]
) -> None:
    """Adds `pull_access`, and the policies of the registry and the templates.

    - `prefixes`, `templates`: of the upstreams, by key.
    """
    policies = {key: policy_of(each.get("repositoryPolicy")) for key, each in templates.items()}
    of_registry = None if live.policy is None else policy_of(live.policy)
    pullers = _pullers(of_registry, policies, live, list(prefixes.values()))
    actions = _actions(policies, live, pullers)
    for key, policy in policies.items():
        draft.upstreams[key]["repositories"] |= _settings(policy, live, pullers, actions)
        for loss in policy.losses:
            draft.comment(
                f"The plan changes the policy of its template, as a file cannot have it: {loss}.", "upstreams", key
            )
    draft.registry["pull_access"] = _access(pullers, live)
    if draft.registry["pull_access"] == {"organization": "caller"}:
        del draft.registry["pull_access"]  # the default
    if actions == "post":
        draft.registry["repository_policy"] = "post"
    _add_registry_policy(draft, live, of_registry, pullers, list(prefixes.values()))


def _root(live: Live) -> str:
    return f"arn:aws:iam::{live.account_id}:root"


def _pullers(
    of_registry: Policy | None, policies: Mapping[str, Policy], live: Live, prefixes: Sequence[str]
) -> Pullers:
    """The pullers of the registry policy; without one, those of a template."""
    if of_registry is not None and not of_registry.losses:
        pullers = pullers_in(of_registry.statements, "AllowPullThroughFrom")
        return pullers if _others(of_registry, pullers, live, prefixes) is not None else Pullers()
    for policy in policies.values():
        pullers = pullers_in(policy.statements, "AllowReadFrom")
        if any(settings_of_policy(policy, _root(live), pullers, actions) for actions in ("pull", "post")):
            return pullers
    return Pullers()


def _others(policy: Policy, pullers: Pullers, live: Live, prefixes: Sequence[str]) -> list[Statement] | None:
    """The statements of the registry policy that this project does not make for these pullers; None if one is missing."""
    arns = repository_arns(prefixes, account_id=live.account_id, regions=[live.region])
    return rest(policy.statements, registry_policy(pullers, repositories=arns))


def _actions(policies: Mapping[str, Policy], live: Live, pullers: Pullers) -> str:
    """Which actions the policies of the templates grant to these pullers: `post` only if `pull` fits no template."""
    for actions in ("pull", "post"):
        if any(settings_of_policy(each, _root(live), pullers, actions) for each in policies.values()):
            return actions
    return "pull"


def _settings(policy: Policy, live: Live, pullers: Pullers, actions: str) -> Data:
    found = settings_of_policy(policy, _root(live), pullers, actions)
    settings, statements = found or ({"statements_only": True}, policy.statements)
    return {**settings, **({"statements": [written(each) for each in statements]} if statements else {})}


def _access(pullers: Pullers, live: Live) -> Data:
    organization = "caller" if pullers.organization_id == live.organization_id else pullers.organization_id
    access = {
        "organization": organization if pullers.organization_id else None,
        "organizational_units": list(pullers.organizational_units),
        "accounts": list(pullers.accounts),
    }
    return {name: value for name, value in access.items() if value}


def _add_registry_policy(
    draft: Draft, live: Live, policy: Policy | None, pullers: Pullers, prefixes: Sequence[str]
) -> None:
    if policy is None:
        if pullers != Pullers():
            draft.registry["registry_policy"] = "none"
        return
    if policy.losses:
        draft.registry["registry_policy"] = "none"
        draft.comment(f"Left as it is, because a file cannot have it: {'; '.join(policy.losses)}.", "registry_policy")
        return
    others = _others(policy, pullers, live, prefixes) or []
    extra = {"extra_statements": [written(each) for each in others]} if others else {}
    scope = {"scope": "V2"} if live.scope == "V2" else {}
    if live.scope == "V1":
        draft.comment(
            "The policy has the old scope V1. `scope: V2` changes it for the whole account.", "registry_policy"
        )
    draft.registry["registry_policy"] = {**extra, **scope, "adopt": True}
