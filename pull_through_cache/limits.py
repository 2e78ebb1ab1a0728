"""What AWS and the chosen modules can take, checked before they refuse it."""

from collections.abc import Iterator, Mapping

from pull_through_cache.policies import (
    FIRST_PULL,
    MAX_MANAGED_POLICY,
    MAX_RESOURCE_POLICY,
    NODE_PULL,
    PULL,
    PULL_OF_THE_POST,
    for_whom,
    length,
    repositories,
)
from pull_through_cache.problems import Place
from pull_through_cache.project import ModuleSource
from pull_through_cache.registry import Registry
from pull_through_cache.statements import Statement

_ACCOUNT = "0" * 12
_ORGANIZATION = "o-" + "0" * 32  # Organizations API: OrganizationId has 10 to 32 characters behind `o-`
_OWN_READ_STATEMENT = 600  # the statement PrivateReadOnly of the repository-template module, without its principals


def policies_over_their_limit(registry: Registry) -> Iterator[str]:
    """What is wrong with policies whose text would be longer than AWS accepts."""
    everything = repositories(registry.prefixes, account_id=_ACCOUNT, regions=registry.regions[:1])
    registry_policy = [
        *for_whom(
            registry.pull_access,
            sid="AllowPullThroughFrom",
            organization_id=_ORGANIZATION,
            actions=FIRST_PULL,
            resources=everything,
        ),
        *registry.registry_policy.extra_statements,
    ]
    yield from _over("registry_policy", length(registry_policy), MAX_RESOURCE_POLICY, "pull_access or extra_statements")

    actions = PULL_OF_THE_POST if registry.repository_policy == "post" else PULL
    whom = for_whom(registry.pull_access, sid="AllowReadFrom", organization_id=_ORGANIZATION, actions=actions)
    for key in registry.upstreams:
        settings = registry.settings(key)
        readers = [*settings.read_access, *settings.read_write_access, *settings.lambda_read_access]
        own = _OWN_READ_STATEMENT + sum(len(arn) + 4 for arn in [*readers, *settings.read_write_access])
        total = own + length([*whom, *settings.statements])
        yield from _over(f"upstreams.{key} repository policy", total, MAX_RESOURCE_POLICY, "pull_access or readers")

    node_policy = Statement.model_construct(
        sid="", effect="Allow", actions=NODE_PULL, principals={}, conditions=(),
        resources=tuple(repositories(registry.prefixes, account_id=_ACCOUNT, regions=registry.regions)),
    )  # fmt: skip
    yield from _over("nodes' policy", length([node_policy]), MAX_MANAGED_POLICY, "upstreams or regions")


def inputs_that_modules_lack(registry: Registry, modules: Mapping[str, ModuleSource]) -> Iterator[tuple[Place, str]]:
    """Settings that the version of a module in cdktf.json has no input for."""
    module = modules["ecr_repository_template"]
    name = "image_tag_mutability_exclusion_filters"
    used = any(registry.settings(key).image_tag_mutability_exclusion_filters for key in registry.upstreams)
    if used and not module.is_at_least(3, 1):
        there = f"write that into cdktf.json, where it is {module.version}"
        yield ("registry",), f"{name} needs version 3.1 of {module.source}; {there}"


def _over(what: str, characters: int, limit: int, less: str) -> Iterator[str]:
    if characters > limit:
        yield f"{what} would have {characters:,} characters, and AWS takes {limit:,}; name fewer {less}"
