"""The whole policy of the repositories of a cache, as the repository-template module writes it into the template."""

from pull_through_cache.aws.policies import module_policy
from pull_through_cache.aws.statements import Statement
from pull_through_cache.deployment.registry import Registry
from pull_through_cache.deployment.sharing import repository_statements


def whole_repository_policy(registry: Registry, key: str, *, organization: str, account_root: str) -> list[Statement]:
    """Every statement of the policy of the repositories that cache the upstream `key`.

    - `organization`: the ID that `caller` means.
    - `account_root`: the ARN of the registry's own account.
    """
    settings = registry.repository_settings(key)
    own = [each.statement for each in settings.statements]
    if settings.statements_only:
        return own
    of_the_module = module_policy(
        account_root=account_root,
        readers=settings.read_access,
        writers=settings.read_write_access,
        functions=settings.lambda_read_access,
    )
    return [*of_the_module, *repository_statements(registry, key, organization=organization), *own]
