"""Settings that do nothing because of another setting."""

from collections.abc import Iterator

from pull_through_cache.deployment.access import PullAccess
from pull_through_cache.deployment.registry import Registry
from pull_through_cache.deployment.sharing import access_to
from pull_through_cache.files.problems import Place

Found = Iterator[tuple[Place, str]]


def without_effect(registry: Registry) -> Found:
    """The settings, each by its place in the registry, with the reason and a remedy."""
    yield from _of_the_nodes(registry)
    yield from _of_the_roles(registry)
    yield from _overridden(registry)
    for at, access in _accesses(registry):
        organization, units = access.organization, access.organizational_units
        if units and all(path.startswith(f"{organization}/") for path in units):
            message = f"adds no principal: they are all in `organization: {organization}`"
            yield (
                (*at, "organizational_units"),
                f"{message}; delete `organization` to let only these in, or delete this key",
            )
    for key in registry.upstreams:
        settings = registry.repository_settings(key)
        nothing = settings.statements_only and not settings.statements and not settings.lifecycle.effective_policy
        if settings.existing == "managed" and nothing:
            message = f"manages nothing for upstream {key!r}, which has no policies"
            yield (
                registry.place_of(key, "existing"),
                f"{message}; write `statements` or a `lifecycle`, or `existing: unmanaged`",
            )
    if registry.repository_policy == "post" and not any(_grants(registry, key) for key in registry.upstreams):
        message = "has no effect: no repository policy grants anything to `pull_access`"
        yield ("repository_policy",), f"{message}; delete this key"


def _of_the_nodes(registry: Registry) -> Found:
    if not registry.node_roles:
        for name in ("attach", "policy_name", "policy_path"):
            if name in registry.model_fields_set and (name != "attach" or not registry.attach):
                yield (
                    (name,),
                    "has no effect: without `node_roles`, there is no policy of nodes; add them, or delete this key",
                )


def _of_the_roles(registry: Registry) -> Found:
    settings = [registry.repository_settings(key) for key in registry.upstreams]
    needless = any(each.role_arn for each in settings) and not any(each.makes_role for each in settings)
    if registry.template_role == "shared" and needless:
        message = "has no effect: every template that needs a role has a `role_arn`"
        yield ("template_role",), f"{message}; delete this key, or `role_arn`"


def _overridden(registry: Registry) -> Found:
    upstreams = registry.upstreams.values()
    message = "has no effect: every upstream has its own; delete this key, or theirs"
    given = "pull_access" in registry.model_fields_set and not registry.pull_access.is_empty
    if given and all(each.pull_access is not None for each in upstreams):
        yield ("pull_access",), message
    for name in sorted(registry.repositories.model_fields_set):
        if all(name in each.repositories.model_fields_set for each in upstreams):
            yield ("repositories", name), message


def _accesses(registry: Registry) -> Iterator[tuple[Place, PullAccess]]:
    yield ("pull_access",), registry.pull_access
    for key, upstream in registry.upstreams.items():
        if upstream.pull_access is not None:
            yield ("upstreams", key, "pull_access"), upstream.pull_access


def _grants(registry: Registry, key: str) -> bool:
    """Whether the policy of the repositories of this cache has statements for `pull_access`."""
    return not registry.repository_settings(key).statements_only and not access_to(registry, key).is_empty
