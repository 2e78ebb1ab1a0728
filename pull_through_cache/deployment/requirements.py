"""The versions of Terraform and of the AWS provider that a deployment needs."""

from collections.abc import Iterator
from typing import NamedTuple

from pull_through_cache.deployment.model import Problems
from pull_through_cache.deployment.registry import Registry
from pull_through_cache.deployment.terraform import TerraformSettings
from pull_through_cache.deployment.versions import allows


class Requirement(NamedTuple):
    """The oldest version that works with a feature."""

    version: str
    feature: str


OLDEST_TERRAFORM = Requirement("1.0", "this project")


def terraform_requirement(terraform: TerraformSettings, registry: Registry) -> Requirement:
    """What the deployment needs of Terraform."""
    return next(_terraform(terraform, registry), OLDEST_TERRAFORM)


def _terraform(terraform: TerraformSettings, registry: Registry) -> Iterator[Requirement]:
    """The newest first."""
    upstreams = registry.upstreams.values()
    if any(upstream.credentials and upstream.credentials.store == "write_only" for upstream in upstreams):
        yield Requirement("1.11", "`store: write_only`")
    if terraform.locks_in_s3:
        yield Requirement("1.10", "`use_lockfile` of the s3 backend (set it to false, or lock with `dynamodb_table`)")
    scanning = registry.scanning
    if (
        any(upstream.adopt or (upstream.credentials and upstream.credentials.adopt) for upstream in upstreams)
        or registry.registry_policy.adopt
        or (scanning is not None and scanning.adopt)
    ):
        yield Requirement("1.5", "`adopt`")
    if any(upstream.renamed_from for upstream in upstreams):
        yield Requirement("1.1", "`renamed_from`")
    if "cloud" in terraform.backend:
        yield Requirement("1.1", "`cloud`")


def provider_requirement(registry: Registry) -> Requirement | None:
    """What the deployment needs of the AWS provider, beyond what every deployment needs."""
    # Changelog of the provider, 6.28.0.
    applied_for = (registry.repository_settings(key).applied_for for key in registry.upstreams)
    return Requirement("6.28.0", "CREATE_ON_PUSH") if any("CREATE_ON_PUSH" in each for each in applied_for) else None


def versions_too_old(terraform: TerraformSettings, registry: Registry) -> Problems:
    """Version constraints that exclude what the deployment needs."""
    own, needed = terraform.required_version, terraform_requirement(terraform, registry)
    if own and not allows(own, needed.version):
        yield ("required_version",), _message(own, needed)
    aws, of_provider = terraform.required_providers.aws, provider_requirement(registry)
    if of_provider and not allows(aws, of_provider.version):
        yield ("required_providers", "aws"), _message(aws, of_provider)


def _message(constraint: str, needed: Requirement) -> str:
    return f"{constraint!r} allows no version that works with {needed.feature}; allow {needed.version} or later"
