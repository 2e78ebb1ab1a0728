"""The scanning configuration of the registry, which a deploy replaces as a whole."""

from collections.abc import Iterator, Mapping
from typing import Any

import yaml
from pydantic import ValidationError

from pull_through_cache.aws.arns import repository_names
from pull_through_cache.check.account import Account
from pull_through_cache.check.findings import Finding
from pull_through_cache.deployment.registry import Registry
from pull_through_cache.deployment.scanning import Scanning

_MANUAL = "MANUAL"
"""The frequency of repositories that no rule matches: such a rule changes nothing."""


def check_scanning(registry: Registry, account: Account, region: str) -> Iterator[Finding]:
    """In what the scanning configuration in `region` differs from the file, and what of it a deploy removes."""
    scanning, where = registry.scanning, f"{region}, scanning"
    if scanning is None:
        return
    deploy = f"deploy shared-services-{region}"
    live = account.client("ecr", region).get_registry_scanning_configuration()["scanningConfiguration"]
    if live["scanType"] != scanning.type:
        yield Finding(where, f"its type is {live['scanType']}, not {scanning.type}", deploy)
    wanted = scanning.filters(repository_names(registry.prefixes))
    filters = _filters(live)
    for frequency, names in wanted.items():
        if missing := [name for name in names if name not in filters.get(frequency, [])]:
            yield Finding(where, f"it lacks {frequency} for {', '.join(missing)}", deploy)
    ours = {name for names in wanted.values() for name in names}
    foreign = {frequency: [name for name in names if name not in ours] for frequency, names in filters.items()}
    yield from _removed({frequency: names for frequency, names in foreign.items() if names}, scanning, where)


def _filters(live: Mapping[str, Any]) -> dict[str, list[str]]:
    filters: dict[str, list[str]] = {}
    for rule in live.get("rules", []):
        if rule["scanFrequency"] != _MANUAL:
            names = (each["filter"] for each in rule["repositoryFilters"])
            filters.setdefault(rule["scanFrequency"], []).extend(names)
    return filters


def _removed(foreign: Mapping[str, list[str]], scanning: Scanning, where: str) -> Iterator[Finding]:
    """What a deploy removes; the YAML keeps it all, as far as the file can have it."""
    written = scanning.model_dump(mode="json", exclude_defaults=True)
    own = written.pop("extra_rules", [])
    rules = {frequency: {"frequency": frequency, "repositories": names} for frequency, names in foreign.items()}
    kept = {frequency: rule for frequency, rule in rules.items() if _fits({**written, "extra_rules": [rule]})}
    paste = yaml.safe_dump(
        {"scanning": {**written, "extra_rules": [*own, *kept.values()]}}, sort_keys=False, width=1000
    )
    for frequency, names in foreign.items():
        cause = f"a deploy removes its rule: {frequency} for {', '.join(names)}"
        if frequency in kept:
            remedy = "keep it with the YAML for `scanning` that check prints, or delete it from the registry"
            yield Finding(where, cause, remedy, paste=paste)
        else:
            remedy = (
                f"write `type: ENHANCED`, which {frequency} needs, and run check again; or delete it from the registry"
            )
            yield Finding(where, cause, remedy)


def _fits(written: Mapping[str, Any]) -> bool:
    try:
        Scanning.model_validate(written)
    except ValidationError:
        return False
    return True
