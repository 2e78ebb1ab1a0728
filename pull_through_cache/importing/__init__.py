"""Writes a deployment file from the registries of an account."""

from collections.abc import Sequence

from pull_through_cache.check.account import Account
from pull_through_cache.check.findings import CouldNotRun
from pull_through_cache.deployment.modules import Modules
from pull_through_cache.deployment.upstream import Upstream, prefix_of
from pull_through_cache.importing.access import add_access
from pull_through_cache.importing.draft import Draft
from pull_through_cache.importing.live import Live, live
from pull_through_cache.importing.regions import combined
from pull_through_cache.importing.scanning import add_scanning
from pull_through_cache.importing.templates import add_templates
from pull_through_cache.importing.text import text_of
from pull_through_cache.importing.upstreams import add_upstreams


class NothingToImport(Exception):  # noqa: N818 - named after what it means, as it is printed
    """The reason why there is no file to write."""


def deployment_text(account: Account, regions: Sequence[str], modules: Modules) -> str:
    """A deployment file for the caches that `account` has in `regions`.

    Raises NothingToImport if a Region has none; CouldNotRun if a call is denied, or if the Regions differ; and botocore's errors.
    """
    drafts = {region: _draft(live(account, region), modules) for region in regions}
    comments = [comment for draft in drafts.values() for comment in draft.comments]
    return text_of(combined({region: draft.registry for region, draft in drafts.items()}), comments, modules)


def _draft(found: Live, modules: Modules) -> Draft:
    if not found.rules:
        raise NothingToImport(f"account {found.account_id} has no pull through cache rules in {found.region}")
    draft = Draft(found.account_id, found.region, modules)
    draft.registry["pull_access"] = {}
    add_upstreams(draft, found.rules)
    draft.drop_what_is_invalid()
    templates = add_templates(draft, found.templates, _prefixes(draft))
    draft.drop_what_is_invalid()
    if not draft.upstreams:
        raise NothingToImport(" ".join(text for _, text in draft.comments))
    prefixes = _prefixes(draft)
    add_access(draft, found, prefixes, {key: each for key, each in templates.items() if key in prefixes})
    add_scanning(draft, found, list(prefixes.values()))
    draft.drop_what_is_invalid()
    return draft


def _prefixes(draft: Draft) -> dict[str, str]:
    return {key: prefix_of(key, Upstream.model_construct(**each)) for key, each in draft.upstreams.items()}


__all__ = ["Account", "CouldNotRun", "NothingToImport", "deployment_text"]
