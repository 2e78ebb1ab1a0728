"""The scanning configuration of a registry as a deployment file has it."""

from collections.abc import Mapping, Sequence
from typing import Any

from pull_through_cache.aws.arns import repository_arns
from pull_through_cache.importing.draft import Draft
from pull_through_cache.importing.live import Live


def add_scanning(draft: Draft, live: Live, prefixes: Sequence[str]) -> None:
    """Adds the scanning configuration. ECR's default, BASIC without rules, is left out without a comment."""
    kind, rules = live.scanning.get("scanType", "BASIC"), live.scanning.get("rules", [])
    if kind == "BASIC" and not rules:
        return
    names = {arn.partition("/")[2] for arn in repository_arns(prefixes, account_id="", regions=[""])}
    if [_filters(rule) for rule in rules] != [{(name, "WILDCARD") for name in names}]:
        draft.comment(
            f"Left out, the scanning configuration ({kind}, {len(rules)} rules): a file has one rule for exactly the "
            f"cached repositories, {', '.join(sorted(names))}."
        )
        return
    frequency = rules[0]["scanFrequency"]
    own = {"frequency": frequency} if frequency != "SCAN_ON_PUSH" else {}
    draft.registry["scanning"] = {"type": kind, **own, "adopt": True}


def _filters(rule: Mapping[str, Any]) -> set[tuple[str, str]]:
    return {(each["filter"], each["filterType"]) for each in rule["repositoryFilters"]}
