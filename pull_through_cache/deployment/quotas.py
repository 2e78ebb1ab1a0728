"""Checks the limits of AWS and of the Terraform modules before a deployment fails because of them."""

from collections.abc import Sequence

from pull_through_cache.aws.policies import node_policy, template_role_policy
from pull_through_cache.aws.quotas import MAX_MANAGED_POLICY, MAX_RESOURCE_POLICY, MAX_ROLE_POLICY
from pull_through_cache.aws.statements import length
from pull_through_cache.deployment.model import Problems
from pull_through_cache.deployment.modules import Modules
from pull_through_cache.deployment.registry import Registry
from pull_through_cache.deployment.repository_policy import whole_repository_policy
from pull_through_cache.deployment.sharing import registry_statements
from pull_through_cache.deployment.template_roles import key_variables, shared_role_uses
from pull_through_cache.deployment.terraform import TerraformSettings
from pull_through_cache.deployment.versions import allows
from pull_through_cache.files.problems import Place

_ACCOUNT = "0" * 12
_ORGANIZATION = "o-" + "0" * 32  # Organizations API: OrganizationId has 10 to 32 characters after `o-`
_KEY = f"arn:aws:kms:ap-southeast-3:{_ACCOUNT}:key/mrk-{'0' * 32}"
_ROOT = f"arn:aws:iam::{_ACCOUNT}:root"


def policies_over_their_limit(registry: Registry) -> Problems:
    """Policies of the registry and its repositories that are longer than AWS accepts."""
    region = max(registry.regions, key=len)
    own = registry_statements(registry, organization=_ORGANIZATION, account_id=_ACCOUNT, region=region)
    if registry.registry_policy.mode != "none":
        less = "pull_access, upstreams or extra_statements"
        yield from _over(("registry_policy",), length(own), MAX_RESOURCE_POLICY, less)

    for key in registry.upstreams:
        policy = whole_repository_policy(registry, key, organization=_ORGANIZATION, account_root=_ROOT)
        total = length(policy)
        less = "pull_access, readers or statements"
        yield from _over(("upstreams", key), total, MAX_RESOURCE_POLICY, less, "has a repository policy that")


def template_role_over_its_limit(registry: Registry) -> Problems:
    """A shared role of templates with a policy that is longer than AWS accepts."""
    keys = {name: f"{_KEY}{name}" for name in key_variables(registry)}
    in_each = (shared_role_uses(registry, account_id=_ACCOUNT, region=region, keys=keys) for region in registry.regions)
    longest = max(length(template_role_policy(uses)) for uses in in_each)
    what, less = "needs a policy that", "upstreams with tags or keys"
    yield from _over(("template_role",), longest, MAX_ROLE_POLICY, less, what)


def node_policy_over_its_limit(registry: Registry, caches: Sequence[str] = ()) -> Problems:
    """A policy of nodes that may use these `caches` (default: all) and that is longer than AWS accepts."""
    statements = node_policy(registry.repositories_for_nodes(caches), tags=registry.sets_tags)
    what, less = "needs a policy for nodes that", "upstreams or regions"
    yield from _over((), length(statements), MAX_MANAGED_POLICY, less, what)


def inputs_that_modules_lack(registry: Registry, modules: Modules) -> Problems:
    """Settings that a module's version has no input for."""
    module = modules["ecr_repository_template"]
    name = "image_tag_mutability_exclusion_filters"
    if module.is_at_least(3, 1):
        return
    for key in registry.upstreams:
        if registry.repository_settings(key).image_tag_mutability_exclusion_filters:
            remedy = f"change its version in cdktf.json, {module.version}, to ~> 3.1"
            yield registry.place_of(key, name), f"needs version 3.1 of {module.source}; {remedy}"


def providers_that_modules_exclude(terraform: TerraformSettings, modules: Modules) -> Problems:
    """A constraint on the AWS provider that excludes every version that a module accepts."""
    floors = {"ecr_repository_template": ((3, 0), "6.8"), "secrets_manager": ((2, 0), "6.0")}
    aws = terraform.required_providers.aws
    for name, (version, floor) in floors.items():
        if modules[name].is_at_least(*version) and not allows(aws, floor):
            message = f"{aws!r} allows no version that works with {modules[name].source}"
            yield ("required_providers", "aws"), f"{message}; allow {floor} or later"


def _over(place: Place, characters: int, limit: int, less: str, what: str = "") -> Problems:
    if characters > limit:
        message = f"{what} would have {characters:,} characters, and AWS accepts {limit:,}; write fewer {less}"
        yield place, message.strip()
