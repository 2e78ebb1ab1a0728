"""The findings about repositories that exist already."""

from collections.abc import Iterator

from pull_through_cache.check.account import Account
from pull_through_cache.check.differences import CHANGEABLE, Difference, differences
from pull_through_cache.check.existing import existing_repositories
from pull_through_cache.check.findings import Finding
from pull_through_cache.check.watching import Watch
from pull_through_cache.deployment.registry import Registry

_SETTLE = "run settle: it prints what it changes, and changes it with --apply"
_CREATE_AGAIN = "delete the repository: the next pull creates it again, with the template's encryption"

_KEEP = "which replaces it; to keep a statement, write it into `statements` of `repositories` first"


def check_repositories(registry: Registry, account: Account, region: str, watch: Watch) -> Iterator[Finding]:
    """In what the repositories under the caches' prefixes differ from their templates."""
    settings = (*CHANGEABLE, "encryption")
    for repository in existing_repositories(registry, account, region, settings, watch=watch):
        where = f"{region}, repositories under {repository.prefix}"
        for each in differences(repository, settings):
            yield Finding(where, each.cause, _remedy(each, registry), repository=repository.name)


def _remedy(difference: Difference, registry: Registry) -> str:
    repository, setting = difference.repository, difference.setting
    if setting == "encryption":
        return _CREATE_AGAIN
    deploy = f"deploy shared-services-{repository.region}"
    # Terraform deletes no policy that it has not set.
    match registry.repository_settings(repository.key).existing, setting:
        case "managed", "policy" if repository.template["repositoryPolicy"]:
            return f"{deploy}, {_KEEP}" if repository.policy else deploy
        case "managed", "lifecycle" if repository.template["lifecyclePolicy"]:
            return f"{deploy}, which replaces it" if repository.lifecycle else deploy
    return _SETTLE
