"""The scanning configuration of a registry as a deployment file has it."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from pull_through_cache.aws.arns import repository_names
from pull_through_cache.deployment.scanning import Scanning
from pull_through_cache.importing.draft import Draft
from pull_through_cache.importing.live import Live


def add_scanning(draft: Draft, live: Live, prefixes: Sequence[str]) -> None:
    """Adds the scanning configuration. ECR's default, BASIC without rules, is left out without a comment."""
    kind, rules = live.scanning.get("scanType", "BASIC"), live.scanning.get("rules", [])
    if kind == "BASIC" and not rules:
        return
    names = repository_names(prefixes)
    scanning = _scanning(kind, rules, names)
    if scanning:
        draft.registry["scanning"] = {**scanning, "adopt": True}
    else:
        draft.comment(
            f"Left out, the scanning configuration ({kind}, {len(rules)} rules): a file has a rule for the cached "
            f"repositories, {', '.join(names)}, and in `extra_rules` rules for others."
        )


def _scanning(kind: str, rules: Sequence[Mapping[str, Any]], cached: Sequence[str]) -> dict[str, Any] | None:
    """The value of `scanning`; None if a file cannot have the rules."""
    filters = {rule["scanFrequency"]: [each["filter"] for each in rule["repositoryFilters"]] for rule in rules}
    frequency = next((each for each, names in filters.items() if {*cached} <= {*names}), None)
    if frequency is None:
        return None
    filters[frequency] = [name for name in filters[frequency] if name not in cached]
    extra = [{"frequency": each, "repositories": names} for each, names in filters.items() if names]
    scanning = {
        "type": kind,
        **({"frequency": frequency} if frequency != "SCAN_ON_PUSH" else {}),
        **({"extra_rules": extra} if extra else {}),
    }
    try:
        Scanning.model_validate(scanning)
    except ValidationError:
        return None
    return scanning
