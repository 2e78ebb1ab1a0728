"""The repositories that exist under the caches' prefixes, with their settings and their creation templates.

Calls of ECR: one for each 1,000 repositories of the registry, one for each 100 templates, and at most three for each
repository under a prefix: GetRepositoryPolicy, GetLifecyclePolicy, and ListTagsForResource if the template has tags.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from botocore.config import Config
from botocore.exceptions import ClientError

from pull_through_cache.aws.prefixes import ended
from pull_through_cache.check.account import Account
from pull_through_cache.check.findings import error_code
from pull_through_cache.check.wanted_templates import wanted_template
from pull_through_cache.check.watching import Watch, unwatched
from pull_through_cache.deployment.cached_names import managed_names, names_of_caches
from pull_through_cache.deployment.registry import Registry

CALLS_AT_A_TIME = 8
PATIENT = Config(retries={"mode": "adaptive", "total_max_attempts": 10}, max_pool_connections=CALLS_AT_A_TIME)
"""Slows down when ECR throttles. Source: botocore, guide/retries."""
_ABSENT = {"RepositoryPolicyNotFoundException", "LifecyclePolicyNotFoundException"}


@dataclass(frozen=True)
class Existing:
    """A repository under a cache's prefix.

    - `key`, `prefix`: of the cache: the key of its upstream, and its prefix with a `/` at the end.
    - `description`, `template`: as ECR describes them. If Terraform manages the repositories of the cache, it gives them
      the settings of the deployment file, so the template is the one that a deploy makes.
    - `policy`, `lifecycle`: JSON; None if it has none. `tags`: by key. Only of settings that were asked for.
    """

    region: str
    key: str
    prefix: str
    description: Mapping[str, Any]
    template: Mapping[str, Any]
    policy: str | None = None
    lifecycle: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name of the repository, with its prefix."""
        return str(self.description["repositoryName"])


def existing_repositories(
    registry: Registry,
    account: Account,
    region: str,
    settings: Collection[str],
    prefix: str | None = None,
    *,
    watch: Watch = unwatched,
) -> Iterator[Existing]:
    """The repositories that get their settings from the caches' own templates, in the order of their names.

    Nothing distinguishes the repositories of a cache with the prefix `ROOT` from those of other kinds, so they are left out.

    - `settings`: which to read: policy, lifecycle, tags.
    - `prefix`: of one cache, to which to limit the search.
    """
    ecr = account.client("ecr", region, PATIENT)
    found = sorted(_under_prefixes(registry, account, region), key=lambda repository: repository.name)
    wanted = [each for each in found if prefix is None or each.prefix == ended(prefix)]
    with ThreadPoolExecutor(CALLS_AT_A_TIME) as pool:
        read = pool.map(partial(_read, ecr, settings), wanted)
        yield from filter(None, watch(read, total=len(wanted), what=f"{region}: repositories"))


def _under_prefixes(registry: Registry, account: Account, region: str) -> Iterator[Existing]:
    ecr = account.client("ecr", region, PATIENT)
    pages = ecr.get_paginator("describe_repository_creation_templates").paginate()
    templates = {
        ended(template["prefix"]): template
        for page in pages
        for template in page["repositoryCreationTemplates"]
        if "PULL_THROUGH_CACHE" in template["appliedFor"]
    }
    caches = names_of_caches(registry, templates)
    for key in managed_names(registry):
        templates[caches[key].prefix] = wanted_template(registry, key, account, region)
    for page in ecr.get_paginator("describe_repositories").paginate(PaginationConfig={"PageSize": 1000}):
        for repository in page["repositories"]:
            for key, names in caches.items():
                if repository["repositoryName"] in names and names.prefix in templates:
                    yield Existing(region, key, names.prefix, repository, templates[names.prefix])


def _read(ecr: Any, settings: Collection[str], found: Existing) -> Existing | None:
    """The repository with its settings; None if somebody has deleted it meanwhile."""
    own: dict[str, Any] = {}
    name = found.name
    try:
        if "policy" in settings:
            own["policy"] = _text(partial(ecr.get_repository_policy, repositoryName=name), "policyText")
        if "lifecycle" in settings:
            own["lifecycle"] = _text(partial(ecr.get_lifecycle_policy, repositoryName=name), "lifecyclePolicyText")
        if "tags" in settings and found.template.get("resourceTags"):
            tags = ecr.list_tags_for_resource(resourceArn=found.description["repositoryArn"])["tags"]
            own["tags"] = {tag["Key"]: tag["Value"] for tag in tags}
    except ClientError as error:
        if error_code(error) != "RepositoryNotFoundException":
            raise
        return None
    return replace(found, **own)


def _text(call: Callable[[], Mapping[str, Any]], name: str) -> str | None:
    try:
        return str(call()[name])
    except ClientError as error:
        if error_code(error) not in _ABSENT:
            raise
        return None
