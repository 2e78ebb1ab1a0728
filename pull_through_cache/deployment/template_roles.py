"""What the roles of creation templates must allow, and which templates share one with `template_role: shared`."""

from pull_through_cache.aws.arns import repository_arns
from pull_through_cache.aws.policies import TemplateRoleUse
from pull_through_cache.deployment.registry import Registry
from pull_through_cache.deployment.values.regions import in_region


def shares_role(registry: Registry, key: str) -> bool:
    """Whether the template of the upstream `key` uses the registry's shared role."""
    return registry.template_role == "shared" and registry.repository_settings(key).makes_role


def template_role_use(registry: Registry, key: str, *, account_id: str, region: str) -> TemplateRoleUse:
    """What the template of the upstream `key` needs of its role in a Region."""
    settings = registry.repository_settings(key)
    return TemplateRoleUse(
        repositories=repository_arns([registry.prefix(key)], account_id=account_id, regions=[region]),
        tags=bool(settings.tags),
        replication="REPLICATION" in settings.applied_for,
        kms_key_arn=in_region(settings.encryption.kms_key_arn, region),
    )


def shared_role_uses(registry: Registry, *, account_id: str, region: str) -> list[TemplateRoleUse]:
    """What the shared role must allow in a Region; empty if no template uses it."""
    keys = [key for key in sorted(registry.upstreams) if shares_role(registry, key)]
    return [template_role_use(registry, key, account_id=account_id, region=region) for key in keys]
