"""A deployment file as a whole: what it may say, and how it is read."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, StrictBool, ValidationInfo, ValidatorFunctionWrapHandler, field_validator

from pull_through_cache.forms import WorkloadName
from pull_through_cache.limits import inputs_that_modules_lack, policies_over_their_limit
from pull_through_cache.problems import InvalidFile, Place, Problem
from pull_through_cache.project import project
from pull_through_cache.registry import Registry
from pull_through_cache.terraform import TerraformSettings
from pull_through_cache.validation import Model, check_together, validated
from pull_through_cache.warnings import WarningName, warnings
from pull_through_cache.workload import Workload
from pull_through_cache.yaml_file import YamlFile


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
    terraform: Annotated[TerraformSettings, Field(validate_default=True, description="Terraform's own settings.")] = (
        TerraformSettings()
    )
    strict: Annotated[StrictBool, Field(description="Whether warnings are errors.", examples=["true"])] = False
    silence: Annotated[
        tuple[WarningName, ...],
        Field(description="Warnings that are not to be told, by name.", examples=["[immutable-tags]"]),
    ] = ()

    @field_validator("registry")
    @classmethod
    def _policies(cls, registry: Registry) -> Registry:
        for message in policies_over_their_limit(registry):
            raise ValueError(message)
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
    def _backend(cls, terraform: TerraformSettings, info: ValidationInfo) -> TerraformSettings:
        stacks = [*getattr(info.data.get("registry"), "regions", ()), *info.data.get("workloads", ())]
        if terraform.backend_is_shared and len(stacks) > 1:
            raise ValueError(
                "backend is one state for all stacks; write `{stack}` where their states' names must differ"
            )
        return terraform

    def settings(self, stack: str) -> dict[str, Any]:
        """What the stack of this name says to Terraform itself."""
        return {
            "required_version": self.required_version,
            "aws_version": self.terraform.required_providers.aws,
            "backend": self.terraform.backend_of(stack),
            "default_tags": self.terraform.default_tags,
        }

    @property
    def required_version(self) -> str:
        """The constraint on Terraform's version: the file's own, or what the rest of the file needs."""
        upstreams = self.registry.upstreams.values()
        if self.terraform.required_version:
            return self.terraform.required_version
        if any(upstream.credentials and upstream.credentials.store == "write_only" for upstream in upstreams):
            return ">= 1.11"
        return ">= 1.5" if any(upstream.adopt for upstream in upstreams) else ">= 1.0"


def read(path: Path, *, strict: bool = False) -> tuple[Deployment, list[Problem]]:
    """The deployment that the file at `path` says, and what it warns of.

    Raises InvalidFile with everything that is wrong in the file; with `strict`, or where the file says so, warnings are
    wrong too.
    """
    file = YamlFile(path)
    deployment = validated(file, Deployment)
    for place, message in inputs_that_modules_lack(deployment.registry, project().modules):
        raise InvalidFile([file.problem(place, message)])
    told = (warning for warning in warnings(deployment) if warning.name not in deployment.silence)
    problems = sorted({file.problem(warning.place, str(warning)) for warning in told})
    if problems and (strict or deployment.strict):
        raise InvalidFile(problems)
    return deployment, problems


def load(path: Path) -> Deployment:
    """The deployment that the file at `path` says. Raises InvalidFile as `read` does."""
    return read(path)[0]


def _fit(workloads: Mapping[str, Workload], registry: Registry) -> Iterator[tuple[Place, str]]:
    """Workloads must fit the registry, and not fight over the name of a policy."""
    taken = {}
    if registry.account_id and registry.node_roles:
        taken[registry.account_id, registry.policy_name.lower()] = "the registry's own"
    access = registry.pull_access
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
        if only_accounts and workload.account_id not in (*access.accounts, registry.account_id):
            message = f"account {workload.account_id} may not pull"
            yield (name, "account_id"), f"{message}; write it in registry.pull_access.accounts too"
