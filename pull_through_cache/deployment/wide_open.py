"""Access that is not public, but probably wider than the author intends."""

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from itertools import chain
from typing import TYPE_CHECKING, Literal

from pull_through_cache.aws.actions import OVERWRITE, REPLICATE
from pull_through_cache.aws.arns import account_of, repository_names
from pull_through_cache.aws.openness import allows, only_for, services_for_everyone
from pull_through_cache.deployment.registry import Registry
from pull_through_cache.deployment.repositories import RepositorySettings
from pull_through_cache.deployment.sharing import access_to
from pull_through_cache.deployment.statements import PolicyStatement
from pull_through_cache.files.problems import Place

if TYPE_CHECKING:
    from pull_through_cache.deployment.deployment import Deployment

Name = Literal["any-registry", "catch-all", "others-overwrite", "services-for-everyone"]
Found = Iterator[tuple[Name, Place, str]]


def wide_open(deployment: "Deployment") -> Found:
    """Warnings by name, each with its place and message."""
    registry = deployment.registry
    if registry.account_id is None and (registry.node_roles or deployment.workloads):
        yield (
            "any-registry",
            ("registry",),
            "without `account_id`, nodes may pull from every registry that allows it and create repositories there; write "
            "the registry's `account_id`",
        )
    for key in registry.upstreams:
        if registry.prefix(key) == "ROOT":
            others = (
                "" if access_to(registry, key).is_empty else ", and everyone in `pull_access` may create any repository"
            )
            yield (
                "catch-all",
                ("registry", "upstreams", key),
                f"ECR asks {registry.upstreams[key].host} for every repository that does not exist, so an image from there "
                f"can take the place of one of yours that is missing{others}; write a `prefix`",
            )
    yield from _of_statements(registry)
    for place, settings in _settings(registry):
        if _others(registry, settings.read_write_access):
            yield "others-overwrite", (*place, "read_write_access"), _OVERWRITE


def _of_statements(registry: Registry) -> Found:
    """The same for the statements in a file."""
    for place, statement in _statements(registry):
        document = statement.statement.document()
        for service in services_for_everyone(document):
            yield (
                "services-for-everyone",
                place,
                f"every account can have {service} read here; add a condition such as aws:SourceAccount with StringEquals",
            )
        account, names = registry.known_account_id, list(chain(*statement.principals.values()))
        if not _others(registry, names) or (account and only_for(document, account)):
            continue
        everyone = "*" in names
        if allows(document, OVERWRITE) or (
            everyone and allows(document, [REPLICATE]) and _of_caches(registry, statement)
        ):
            yield "others-overwrite", place, _OVERWRITE
        if everyone and allows(document, ["ecr:CreateRepository"]) and "*" in map(_names, statement.resources):
            yield (
                "catch-all",
                place,
                "everyone that the conditions allow may create any repository; write the repositories in `resources`",
            )


_OVERWRITE = (
    "principals outside `registry.account_id` may delete images, or push images that every node then pulls; "
    "grant them read access only, or name principals of that account"
)


def _others(registry: Registry, principals: Iterable[str]) -> bool:
    """Whether any of the principals is outside the registry's account. If that is not known, each may be."""
    account = registry.known_account_id
    return any(account_of(name) != account for name in principals)


def _of_caches(registry: Registry, statement: PolicyStatement) -> bool:
    """Whether any of the resources of a statement can be a cached repository."""
    cached = repository_names(registry.prefixes)
    return any(fnmatchcase(a, b) or fnmatchcase(b, a) for a in cached for b in map(_names, statement.resources))


def _names(resource: str) -> str:
    """The names of the repositories with this ARN, with wildcards."""
    return resource.rpartition(":")[2].removeprefix("repository/")


def _statements(registry: Registry) -> Iterator[tuple[Place, PolicyStatement]]:
    """The statements in a file, by place, without duplicates."""
    at: Place = ("registry", "registry_policy", "extra_statements")
    yield from (((*at, index), each) for index, each in enumerate(registry.registry_policy.extra_statements))
    for at, settings in _settings(registry):
        yield from (((*at, "statements", index), each) for index, each in enumerate(settings.statements))


def _settings(registry: Registry) -> Iterator[tuple[Place, RepositorySettings]]:
    """The settings of repositories, by place: those of all, and those of each upstream."""
    yield ("registry", "repositories"), registry.repositories
    for key, upstream in registry.upstreams.items():
        yield ("registry", "upstreams", key, "repositories"), upstream.repositories
