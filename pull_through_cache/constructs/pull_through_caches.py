"""Step 4 of the post: a pull through cache rule and a repository creation template for each upstream."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cdktf import Fn, TerraformHclModule, TerraformIterator, Token
from constructs import Construct

from pull_through_cache.constructs.pinned import pinned


@dataclass(frozen=True, kw_only=True)
class PullThroughCache:
    """One cache: the inputs of the repository-template module, with the module's meaning and defaults.

    Two defaults differ. There is a rule, and tags are mutable because ECR never refreshes an immutable tag.
    """

    prefix: str
    description: str
    upstream_registry_url: str
    credential_arn: str | None = None
    create_pull_through_cache_rule: bool = True
    image_tag_mutability: str = "MUTABLE"
    image_tag_mutability_exclusion_filter: Sequence[Mapping[str, str]] | None = None
    applied_for: Sequence[str] = ("PULL_THROUGH_CACHE",)
    encryption_type: str = "AES256"
    kms_key_arn: str | None = None
    lifecycle_policy: str | None = None
    resource_tags: Mapping[str, str] = field(default_factory=dict)
    create_repository_policy: bool = True
    repository_policy: str | None = None
    repository_policy_statements: Mapping[str, Any] = field(default_factory=dict)
    repository_read_access_arns: Sequence[str] = ()
    repository_read_write_access_arns: Sequence[str] = ()
    repository_lambda_read_access_arns: Sequence[str] = ()
    create_iam_role: bool = True
    custom_role_arn: str | None = None
    iam_role_name: str | None = None
    iam_role_path: str | None = None
    iam_role_permissions_boundary: str | None = None


_IN_FOR_EACH = ("prefix", "description", "upstream_registry_url", "credential_arn")
"""Always in `for_each`, even if all caches have the same value."""
_ALWAYS_SET = ("create_pull_through_cache_rule", "image_tag_mutability")  # the module has other defaults
_DEFAULTS = vars(PullThroughCache(prefix="", description="", upstream_registry_url=""))


class PullThroughCaches(Construct):
    """The caches by key, in one module block with `for_each` over the keys.

    `for_each` contains what identifies a cache, and every input in which the caches differ. The block contains the
    inputs that all caches have in common, unless they are the module's defaults.

    - `source`, `version`: of the repository-template module.
    - `address`: the name of the module block.

    Attributes: `module`, and `role_arns`, a map of the template roles by key.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        source: str,
        version: str,
        caches: Mapping[str, PullThroughCache],
        address: str | None = None,
    ) -> None:
        super().__init__(scope, id)
        inputs = {key: _as_json(vars(caches[key])) for key in sorted(caches)}
        differing = [name for name in _DEFAULTS if name in _IN_FOR_EACH or _differ(name, inputs)]
        first, *_ = inputs.values()
        common = {name: first[name] for name in _DEFAULTS if name not in differing}
        defaults = _as_json(_DEFAULTS)
        each = TerraformIterator.from_map(
            {key: {name: cache[name] for name in differing if cache[name] is not None} for key, cache in inputs.items()}
        )
        self.module = pinned(
            TerraformHclModule(
                self,
                "caches",
                source=source,
                version=version,
                for_each=each,
                variables={
                    **{name: _of_each(each, name, inputs) for name in differing},
                    **{name: common[name] for name in common if name in _ALWAYS_SET or common[name] != defaults[name]},
                },
            ),
            address,
        )
        # TerraformIterator would name the variables of this expression differently.
        self.role_arns = (
            f"${{{{ for key, cache in module.{self.module.friendly_unique_id} : key => cache.iam_role_arn }}}}"
        )


def _differ(name: str, inputs: Mapping[str, Mapping[str, Any]]) -> bool:
    first, *others = (cache[name] for cache in inputs.values())
    return any(value != first for value in others)


def _of_each(each: TerraformIterator, name: str, inputs: Mapping[str, Mapping[str, Any]]) -> Any:
    """`each.value.<name>`, with null as the default if a cache may lack the input."""
    optional = name == "credential_arn" or any(cache[name] is None for cache in inputs.values())
    value = each.get_any(name)
    literal_null = Token.as_any("null")  # a plain None produces no text
    return Fn.try_([value, literal_null]) if optional else value


def _as_json(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Lists in place of tuples."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in inputs.items()}
