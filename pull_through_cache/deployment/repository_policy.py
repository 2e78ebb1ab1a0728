"""The whole policy of the repositories of a cache, as the repository-template module writes it into the template."""

from pull_through_cache.aws.actions import PULL, PULL_OF_THE_POST
from pull_through_cache.aws.policies import Pullers, module_policy, repository_policy
from pull_through_cache.aws.statements import Statement
from pull_through_cache.deployment.registry import Registry


def granted_to(pullers: Pullers, registry: Registry) -> list[Statement]:
    """What the policy of the cached repositories grants to other accounts."""
    actions = PULL_OF_THE_POST if registry.repository_policy == "post" else PULL
    return repository_policy(pullers, actions=actions)


def whole_repository_policy(registry: Registry, key: str, *, pullers: Pullers, account_root: str) -> list[Statement]:
    """Every statement of the policy of the repositories that cache the upstream `key`.

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
    return [*of_the_module, *granted_to(pullers, registry), *own]
