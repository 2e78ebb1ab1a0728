"""The scanning configuration of a registry as a deployment file has it."""

from collections.abc import Sequence

from pull_through_cache.aws.arns import repository_arns
from pull_through_cache.importing.draft import Data, Draft
from pull_through_cache.importing.live import Live


def add_scanning(draft: Draft, live: Live, prefixes: Sequence[str]) -> None:
    """Adds the scanning configuration. ECR's default, BASIC without rules, is left out without a comment."""
    kind, rules = live.scanning.get("scanType", "BASIC"), live.scanning.get("rules", [])
    if kind == "BASIC" and not rules:
        return
    cached = [arn.partition("/")[2] for arn in repository_arns(prefixes, account_id="", regions=[""])]
    filters = {rule["scanFrequency"]: [each["filter"] for each in rule["repositoryFilters"]] for rule in rules}
    frequency = next((often for often, names in filters.items() if set(cached) <= set(names)), None)
    if frequency is None:
        draft.comment(
            f"Left out, the scanning configuration ({kind}), which Terraform leaves as it is: no rule of it has the filters "
            f"{', '.join(cached)}, and a rule of a deployment file always has them."
        )
        return
    filters[frequency] = [name for name in filters[frequency] if name not in cached]
    extra = [{"frequency": often, "repositories": names} for often, names in filters.items() if names]
    scanning: Data = {"type": kind}
    if frequency != "SCAN_ON_PUSH":
        scanning["frequency"] = frequency
    if extra:
        scanning["extra_rules"] = extra
    draft.registry["scanning"] = {**scanning, "adopt": True}
