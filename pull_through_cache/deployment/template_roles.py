"""What the roles of creation templates must allow, and which templates share one with `template_role: shared`."""

from collections.abc import Mapping
from types import MappingProxyType

from pull_through_cache.aws.arns import repository_arns
from pull_through_cache.aws.policies import TemplateRoleUse
from pull_through_cache.deployment.registry import Registry


def shares_role(registry: Registry, key: str) -> bool:
    """Whether the template of the upstream `key` uses the registry's shared role."""
    return registry.template_role == "shared" and registry.repository_settings(key).makes_role


def template_role_use(
    registry: Registry, key: str, *, account_id: str, region: str, keys: Mapping[str, str] = MappingProxyType({})
) -> TemplateRoleUse:
    """What the template of the upstream `key` needs of its role in a Region.

    - `keys`: the ARNs of KMS keys, by the Terraform variable that has them.
    """
    settings = registry.repository_settings(key)
    return TemplateRoleUse(
        repositories=repository_arns([registry.prefix(key)], account_id=account_id, regions=[region]),
        tags=bool(settings.tags),
        replication="REPLICATION" in settings.applied_for,
        kms_key_arn=settings.encryption.key_in(region, of_variable=keys.get(settings.encryption.variable or "")),
    )


def shared_role_uses(
    registry: Registry, *, account_id: str, region: str, keys: Mapping[str, str]
) -> list[TemplateRoleUse]:
    """What the shared role must allow in a Region; empty if no template uses it. `keys`: see `template_role_use`."""
    return [
        template_role_use(registry, key, account_id=account_id, region=region, keys=keys)
        for key in sorted(registry.upstreams)
        if shares_role(registry, key)
    ]


def key_variables(registry: Registry) -> list[str]:
    """The names of the Terraform variables with KMS keys, in order."""
    names = (registry.repository_settings(key).encryption.variable for key in registry.upstreams)
    return sorted({name for name in names if name})
