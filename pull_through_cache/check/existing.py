"""The repositories that exist under the caches' prefixes, with their settings and their creation templates.

Calls of ECR: one for each 1,000 repositories of the registry, one for each 100 templates, and at most three for each
repository under a prefix: GetRepositoryPolicy, GetLifecyclePolicy, and ListTagsForResource if the template has tags.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from botocore.config import Config
from botocore.exceptions import ClientError

from pull_through_cache.check.account import Account
from pull_through_cache.check.findings import error_code
from pull_through_cache.deployment.registry import Registry

CALLS_AT_A_TIME = 8
PATIENT = Config(retries={"mode": "adaptive", "total_max_attempts": 10}, max_pool_connections=CALLS_AT_A_TIME)
"""Slows down when ECR throttles. Source: botocore, guide/retries."""
_ABSENT = {"RepositoryPolicyNotFoundException", "LifecyclePolicyNotFoundException"}


@dataclass(frozen=True)
class Existing:
    """A repository under a cache's prefix.

    - `prefix`: of the cache, with a `/` at the end.
    - `description`, `template`: as ECR describes them.
    - `policy`, `lifecycle`: JSON; None if it has none. `tags`: by key. Only of settings that were asked for.
    """

    region: str
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
    registry: Registry, account: Account, region: str, settings: Collection[str], prefix: str | None = None
) -> Iterator[Existing]:
    """The repositories that get their settings from the caches' own templates, in the order of their names.

    Nothing distinguishes the repositories of a cache with the prefix `ROOT` from those of other kinds, so they are left out.

    - `settings`: which to read: policy, lifecycle, tags.
    - `prefix`: of one cache, to which to limit the search.
    """
    ecr = account.client("ecr", region, PATIENT)
    found = sorted(_under_prefixes(registry, ecr, region), key=lambda repository: repository.name)
    wanted = [each for each in found if prefix is None or each.prefix == f"{prefix.rstrip('/')}/"]
    with ThreadPoolExecutor(CALLS_AT_A_TIME) as pool:
        yield from filter(None, pool.map(partial(_read, ecr, settings), wanted))


def _under_prefixes(registry: Registry, ecr: Any, region: str) -> Iterator[Existing]:
    pages = ecr.get_paginator("describe_repository_creation_templates").paginate()
    templates = {
        f"{template['prefix'].rstrip('/')}/": template
        for page in pages
        for template in page["repositoryCreationTemplates"]
        if "PULL_THROUGH_CACHE" in template["appliedFor"]
    }
    ours = {f"{prefix.rstrip('/')}/" for prefix in registry.prefixes if prefix != "ROOT"}
    for page in ecr.get_paginator("describe_repositories").paginate(PaginationConfig={"PageSize": 1000}):
        for repository in page["repositories"]:
            # The most specific template counts (Guide, repository-creation-templates.html).
            prefix = max(_beginnings(repository["repositoryName"]) & (ours | templates.keys()), key=len, default="")
            if prefix in ours and prefix in templates:
                yield Existing(region, prefix, repository, templates[prefix])


def _beginnings(name: str) -> set[str]:
    return {name[: place + 1] for place, character in enumerate(name) if character == "/"}


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
    return Existing(found.region, found.prefix, found.description, found.template, **own)


def _text(call: Callable[[], Mapping[str, Any]], name: str) -> str | None:
    try:
        return str(call()[name])
    except ClientError as error:
        if error_code(error) not in _ABSENT:
            raise
        return None
