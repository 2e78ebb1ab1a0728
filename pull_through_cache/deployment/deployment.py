"""A deployment file as a whole: what it may say, and how it is read."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, StrictBool, ValidationInfo, ValidatorFunctionWrapHandler, field_validator

from pull_through_cache.aws.arns import role_account
from pull_through_cache.deployment.model import Model, check_together, refuse, validated
from pull_through_cache.deployment.project import project
from pull_through_cache.deployment.quotas import (
    inputs_that_modules_lack,
    node_policy_over_its_limit,
    policies_over_their_limit,
    providers_that_modules_refuse,
)
from pull_through_cache.deployment.registry import Registry
from pull_through_cache.deployment.terraform import TerraformSettings
from pull_through_cache.deployment.values import WorkloadName
from pull_through_cache.deployment.versions import allows
from pull_through_cache.deployment.warnings import WarningName, warnings
from pull_through_cache.deployment.workload import Workload
from pull_through_cache.files.problems import InvalidFile, Place, Problem
from pull_through_cache.files.yaml_file import YamlFile


class Deployment(Model):
    """Everything that a deployment file says."""

    registry: Annotated[
        Registry,
        Field(
            description="The registry that caches.",
            examples=["{regions: [eu-central-1], upstreams: {public-ecr: {url: public.ecr.aws}}}"],
        ),
    ]
    workloads: Annotated[
        Mapping[WorkloadName, Workload],
        Field(
            description="Other accounts, whose EKS nodes pull; each under a name, a stack each.",
            examples=["{payments: {account_id: '210987654321', node_roles: [eks-nodes]}}"],
        ),
    ] = {}
    terraform: Annotated[
        TerraformSettings,
        Field(
            validate_default=True,
            description="Terraform's own settings.",
            examples=["{default_tags: {owner: platform}}"],
        ),
    ] = TerraformSettings()
    strict: Annotated[StrictBool, Field(description="Whether warnings are errors.", examples=["true"])] = False
    silence: Annotated[
        tuple[WarningName, ...],
        Field(description="Warnings that are not to be told, by name.", examples=["[immutable-tags]"]),
    ] = ()

    @field_validator("registry")
    @classmethod
    def _policies(cls, registry: Registry) -> Registry:
        refuse(inputs_that_modules_lack(registry, project().modules))
        refuse(policies_over_their_limit(registry))
        if registry.node_roles:
            refuse(node_policy_over_its_limit(registry))
        return registry

    @field_validator("workloads", mode="wrap")
    @classmethod
    def _workloads(
        cls, value: Any, handler: ValidatorFunctionWrapHandler, info: ValidationInfo
    ) -> Mapping[str, Workload]:
        def rule(workloads: Mapping[str, Workload]) -> Iterator[tuple[Place, str]]:
            registry = info.data.get("registry")
            return _fit(workloads, registry) if registry else iter(())

        return check_together(value, handler, rule)

    @field_validator("terraform")
    @classmethod
    def _terraform(cls, terraform: TerraformSettings, info: ValidationInfo) -> TerraformSettings:
        registry: Registry | None = info.data.get("registry")
        if registry:
            refuse(_unfit(terraform, registry, len(registry.regions) + len(info.data.get("workloads", ()))))
        refuse(providers_that_modules_refuse(terraform, project().modules))
        return terraform

    @property
    def required_version(self) -> str:
        """The constraint on Terraform's version: the file's own, and what the rest of the file needs."""
        needed = _min_terraform(self.terraform, self.registry)
        own = self.terraform.required_version
        if own is None:
            return f">= {needed}"
        return own if needed == "1.0" else f"{own}, >= {needed}"


def read(path: Path, *, strict: bool = False) -> tuple[Deployment, list[Problem]]:
    """The deployment that the file at `path` says, and what it warns of.

    Raises InvalidFile with everything that is wrong in the file; with `strict`, or where the file says so, warnings are
    wrong too.
    """
    file = YamlFile(path)
    deployment = validated(file, Deployment)
    told = (warning for warning in warnings(deployment) if warning.name not in deployment.silence)
    problems = sorted({file.problem(warning.place, str(warning)) for warning in told})
    if problems and (strict or deployment.strict):
        raise InvalidFile(problems)
    return deployment, problems


def load(path: Path) -> Deployment:
    """The deployment that the file at `path` says. Raises InvalidFile as `read` does."""
    return read(path)[0]


def _min_terraform(terraform: TerraformSettings, registry: Registry) -> str:
    """The oldest Terraform that knows everything that a deployment uses."""
    upstreams = registry.upstreams.values()
    if any(upstream.credentials and upstream.credentials.store == "write_only" for upstream in upstreams):
        return "1.11"
    if terraform.min_terraform == "1.10":
        return "1.10"
    if any(upstream.adopt for upstream in upstreams):
        return "1.5"
    return "1.1" if any(upstream.renamed_from for upstream in upstreams) else terraform.min_terraform


def _unfit(terraform: TerraformSettings, registry: Registry, stacks: int) -> Iterator[tuple[Place, str]]:
    """Terraform's settings must fit the rest."""
    needed, own = _min_terraform(terraform, registry), terraform.required_version
    if own and not allows(own, needed):
        yield (
            ("required_version",),
            f"{own!r} allows no version from {needed} on, which this file needs; write one that does",
        )
    if terraform.backend_is_shared and stacks > 1:
        message = "is one state for all stacks; write `{stack}` where their states' names must differ"
        yield ("backend",), message


def _fit(workloads: Mapping[str, Workload], registry: Registry) -> Iterator[tuple[Place, str]]:
    """Workloads must fit the registry, and not fight over the name of a policy."""
    accounts = [registry.account_id, *map(role_account, registry.node_roles)]
    account_id = next(filter(None, accounts), None)
    taken = {}
    if account_id and registry.node_roles:
        taken[account_id, registry.policy_name.lower()] = "the registry's own"
    access = registry.pull_access
    if workloads and not registry.node_roles:
        yield from node_policy_over_its_limit(registry)
    for name, workload in workloads.items():
        if workload.region and workload.region not in registry.regions:
            here = ", ".join(registry.regions)
            yield (name, "region"), f"{workload.region} has no caches; write a Region of the registry: {here}"
        policy = (workload.account_id, workload.policy_name.lower())
        other = taken.setdefault(policy, f"that of {name}")
        if other != f"that of {name}":
            message = f"the policy {workload.policy_name} of account {workload.account_id} is {other} already"
            yield (name, "policy_name"), f"{message}; write another `policy_name`"
        only_accounts = not access.organization and not access.organizational_units
        if only_accounts and workload.account_id not in (*access.accounts, account_id):
            message = f"account {workload.account_id} may not pull"
            yield (name, "account_id"), f"{message}; write it in registry.pull_access.accounts too"
