"""Adds to a draft who may pull, and the policies of the registry and the templates."""

from collections.abc import Mapping
from typing import Any

from pull_through_cache.aws.policies import Pullers
from pull_through_cache.check.documents import written
from pull_through_cache.importing.draft import Data, Draft
from pull_through_cache.importing.live import Live
from pull_through_cache.importing.policies import Policy, policy_of, settings_of_policy
from pull_through_cache.importing.pull_access import NONE, Access, access_by_registry_policy, access_by_templates


def add_access(
    draft: Draft, live: Live, prefixes: Mapping[str, str], templates: Mapping[str, Mapping[str, Any]]
) -> None:
    """Adds `pull_access`, and the policies of the registry and the templates.

    - `prefixes`, `templates`: of the upstreams, by key.
    """
    policies = {key: policy_of(each.get("repositoryPolicy")) for key, each in templates.items()}
    of_registry = None if live.policy is None else policy_of(live.policy)
    if of_registry is None or of_registry.losses:
        access = access_by_templates(policies, live.account_root)
    else:
        access = access_by_registry_policy(of_registry, live, prefixes)
    _add_pull_access(draft, live, access)
    actions = _actions(policies, live, access)
    if actions == "post":
        draft.registry["repository_policy"] = "post"
    for key, policy in policies.items():
        draft.upstreams[key]["repositories"] |= _settings(policy, live, access.to(key), actions)
        for loss in policy.losses:
            comment = f"The plan changes the policy of its template, as a file cannot have it: {loss}."
            draft.comment(comment, "upstreams", key)
    _add_registry_policy(draft, live, of_registry, access)


def _actions(policies: Mapping[str, Policy], live: Live, access: Access) -> str:
    """Which actions the policies of the templates grant to the pullers: `post` only if `pull` fits no template."""
    for actions in ("pull", "post"):
        if any(settings_of_policy(each, live.account_root, access.to(key), actions) for key, each in policies.items()):
            return actions
    return "pull"


def _settings(policy: Policy, live: Live, pullers: Pullers, actions: str) -> Data:
    found = settings_of_policy(policy, live.account_root, pullers, actions)
    settings, statements = found or ({"statements_only": True}, policy.statements)
    return {**settings, **({"statements": [written(each) for each in statements]} if statements else {})}


def _add_pull_access(draft: Draft, live: Live, access: Access) -> None:
    draft.registry["pull_access"] = _written(access.default, live)
    if draft.registry["pull_access"] == {"organization": "caller"}:
        del draft.registry["pull_access"]  # the default
    for key, pullers in access.own.items():
        draft.upstreams[key]["pull_access"] = _written(pullers, live)


def _written(pullers: Pullers, live: Live) -> Data:
    organization = "caller" if pullers.organization_id == live.organization_id else pullers.organization_id
    access = {
        "organization": organization if pullers.organization_id else None,
        "organizational_units": list(pullers.organizational_units),
        "accounts": list(pullers.accounts),
    }
    return {name: value for name, value in access.items() if value}


def _add_registry_policy(draft: Draft, live: Live, policy: Policy | None, access: Access) -> None:
    if policy is None:
        if access.default != NONE or access.own:
            draft.registry["registry_policy"] = "none"
        return
    if policy.losses:
        draft.registry["registry_policy"] = "none"
        comment = f"Left as it is, because a file cannot have it: {'; '.join(policy.losses)}."
        draft.comment(comment, "registry_policy")
        return
    extra = {"extra_statements": [written(each) for each in access.others]} if access.others else {}
    scope = {"scope": "V2"} if live.scope == "V2" else {}
    if live.scope == "V1":
        comment = "The policy has the old scope V1. `scope: V2` changes it for the whole account."
        draft.comment(comment, "registry_policy")
    draft.registry["registry_policy"] = {**extra, **scope, "adopt": True}
