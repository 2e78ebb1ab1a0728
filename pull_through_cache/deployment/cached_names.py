"""The names of the repositories of each cache."""

from collections.abc import Iterable

from pull_through_cache.aws.prefixes import NamesUnder, ended, names_under
from pull_through_cache.deployment.registry import Registry


def names_of_caches(registry: Registry, others: Iterable[str] = ()) -> dict[str, NamesUnder]:
    """The names of the repositories of each cache, by the key of its upstream; none for the prefix `ROOT`.

    - `others`: prefixes of other creation templates in the registry.
    """
    names = {each.prefix: each for each in names_under([*registry.prefixes, *others])}
    prefixes = {key: ended(registry.prefix(key)) for key in registry.upstreams}
    return {key: names[prefix] for key, prefix in sorted(prefixes.items()) if prefix in names}


def managed_names(registry: Registry) -> dict[str, NamesUnder]:
    """The same for the caches whose existing repositories Terraform manages."""
    names = names_of_caches(registry)
    return {key: names[key] for key in names if registry.repository_settings(key).existing == "managed"}
