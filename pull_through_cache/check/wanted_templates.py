"""The creation template that a deploy makes for a cache, as ECR describes templates."""

from typing import Any

from pull_through_cache.aws.statements import policy_text
from pull_through_cache.check.access import organization_of
from pull_through_cache.check.account import Account
from pull_through_cache.deployment.registry import Registry
from pull_through_cache.deployment.repository_policy import whole_repository_policy


def wanted_template(registry: Registry, key: str, account: Account, region: str) -> dict[str, Any]:
    """The settings of the template of the upstream `key` that repositories get."""
    settings = registry.repository_settings(key)
    statements = whole_repository_policy(
        registry,
        key,
        organization=organization_of(registry, account),
        account_root=f"arn:aws:iam::{account.id}:root",
    )
    filters = settings.image_tag_mutability_exclusion_filters
    return {
        "imageTagMutability": settings.image_tag_mutability,
        "imageTagMutabilityExclusionFilters": [{"filter": each, "filterType": "WILDCARD"} for each in filters],
        "encryptionConfiguration": {
            "encryptionType": settings.encryption.type,
            "kmsKey": settings.encryption.key_in(region),
        },
        "resourceTags": [{"Key": name, "Value": value} for name, value in settings.tags.items()],
        "repositoryPolicy": policy_text(statements) if statements else None,
        "lifecyclePolicy": settings.lifecycle.policy_json,
    }
