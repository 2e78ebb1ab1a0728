"""Secrets that are replicated from the registry's first Region to the others."""

from pull_through_cache.deployment.registry import Registry


def has_replica(registry: Registry, key: str, region: str) -> bool:
    """Whether the secret of the upstream `key` in `region` is a replica of that in the first Region."""
    credentials = registry.upstreams[key].credentials
    return credentials is not None and credentials.replicate and region != registry.regions[0]


def home_of_secret(registry: Registry, key: str, region: str) -> str:
    """The Region where the value of the secret that the upstream `key` has in `region` is written."""
    return registry.regions[0] if has_replica(registry, key, region) else region
