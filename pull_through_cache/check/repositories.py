"""The findings about repositories that exist already."""

from collections.abc import Iterator

from pull_through_cache.check.account import Account
from pull_through_cache.check.differences import CHANGEABLE, differences
from pull_through_cache.check.existing import existing_repositories
from pull_through_cache.check.findings import Finding
from pull_through_cache.deployment.registry import Registry

_SETTLE = "run settle: it prints what it changes, and changes it with --apply"
_CREATE_AGAIN = "delete the repository: the next pull creates it again, with the template's encryption"


def check_repositories(registry: Registry, account: Account, region: str) -> Iterator[Finding]:
    """In what the repositories under the caches' prefixes differ from their templates."""
    settings = (*CHANGEABLE, "encryption")
    for repository in existing_repositories(registry, account, region, settings):
        where = f"{region}, repositories under {repository.prefix}"
        for each in differences(repository, settings):
            remedy = _CREATE_AGAIN if each.setting == "encryption" else _SETTLE
            yield Finding(where, each.cause, remedy, repository=repository.name)
