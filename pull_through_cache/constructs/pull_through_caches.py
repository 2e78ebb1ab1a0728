"""Step 4: a pull through cache rule and a repository creation template for each upstream."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cdktf import TerraformHclModule, TerraformIterator
from constructs import Construct

ADDRESS = "ecr_pull_through_caches"


@dataclass(frozen=True, kw_only=True)
class PullThroughCache:
    """One cache, in the words of the repository-template module: its inputs, their meaning and their defaults.

    Two defaults are others: a rule is made, and tags are mutable, as ECR never refreshes an immutable one.
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
    repository_policy_statements: Mapping[str, Any] = field(default_factory=dict)
    repository_read_access_arns: Sequence[str] = ()
    repository_read_write_access_arns: Sequence[str] = ()
    repository_lambda_read_access_arns: Sequence[str] = ()
    create_iam_role: bool = True
    custom_role_arn: str | None = None
    iam_role_name: str | None = None
    iam_role_path: str | None = None
    iam_role_permissions_boundary: str | None = None


_OWN = ("prefix", "description", "upstream_registry_url", "credential_arn")
_NEEDED = ("create_pull_through_cache_rule", "image_tag_mutability")  # the module's defaults would be wrong
_MODULE_DEFAULTS = vars(PullThroughCache(prefix="", description="", upstream_registry_url=""))


class PullThroughCaches(Construct):
    """The caches, in one module block with `for_each` over the upstreams' keys.

    What makes a cache itself stands in `for_each`, and so does every input in which caches differ; what all have alike
    stands in the block, unless it is the module's default.
    """

    def __init__(
        self, scope: Construct, id: str, *, source: str, version: str, caches: Mapping[str, PullThroughCache]
    ) -> None:
        super().__init__(scope, id)
        inputs = {key: _plain(vars(caches[key])) for key in sorted(caches)}
        variables: dict[str, Any] = {}
        own: list[str] = list(_OWN)
        for name, default in _plain(_MODULE_DEFAULTS).items():
            values = [given[name] for given in inputs.values()]
            if name in own:
                continue
            if any(value != values[0] for value in values):
                own.append(name)
            elif name in _NEEDED or values[0] != default:
                variables[name] = values[0]
        for name in own:
            optional = any(given[name] is None for given in inputs.values()) or name == "credential_arn"
            variables[name] = f"${{try(each.value.{name}, null)}}" if optional else f"${{each.value.{name}}}"
        each = {key: {name: given[name] for name in own if given[name] is not None} for key, given in inputs.items()}
        made = TerraformHclModule(
            self,
            "caches",
            source=source,
            version=version,
            for_each=TerraformIterator.from_map(each),
            variables=variables,
        )
        made.override_logical_id(ADDRESS)


def _plain(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Inputs as JSON has them: lists, not tuples."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in inputs.items()}
