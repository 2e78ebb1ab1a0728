"""Step 4: a pull through cache rule and a repository creation template for each upstream."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cdktf import TerraformHclModule, TerraformIterator
from constructs import Construct

from stacks.modules import ModuleSource


@dataclass(frozen=True, kw_only=True)
class PullThroughCache:
    """One rule: images of `upstream_registry_url` are cached in repositories that begin with `prefix`."""

    prefix: str
    upstream_registry_url: str
    credential_arn: str | None = None


class PullThroughCaches(Construct):
    """The caches, in one module block with `for_each` over the upstreams' keys.

    Cached tags are MUTABLE: ECR never refreshes an immutable tag.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        module: ModuleSource,
        upstreams: Mapping[str, PullThroughCache],
        repository_policy_statements: Mapping[str, Any],
    ) -> None:
        super().__init__(scope, id)
        caches = TerraformHclModule(
            self,
            "caches",
            source=module.source,
            version=module.version,
            for_each=TerraformIterator.from_map({key: _present(upstreams[key]) for key in sorted(upstreams)}),
            variables={
                "description": "${each.value.upstream_registry_url}",
                "prefix": "${each.value.prefix}",
                # Without it the module takes the upstream's URL and makes no rule.
                "create_pull_through_cache_rule": True,
                "upstream_registry_url": "${each.value.upstream_registry_url}",
                "credential_arn": "${try(each.value.credential_arn, null)}",
                "image_tag_mutability": "MUTABLE",
                "repository_policy_statements": repository_policy_statements,
            },
        )
        caches.override_logical_id("ecr_pull_through_caches")


def _present(cache: PullThroughCache) -> dict[str, str]:
    return {key: value for key, value in vars(cache).items() if value is not None}
