"""A deployment file as a whole."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, StrictBool, ValidationInfo, ValidatorFunctionWrapHandler, field_validator

from pull_through_cache.deployment.errors import validated
from pull_through_cache.deployment.model import Model, Problems, raise_problems, validate_entries
from pull_through_cache.deployment.modules import DEFAULT_MODULES, Modules
from pull_through_cache.deployment.quotas import (
    inputs_that_modules_lack,
    node_policy_over_its_limit,
    policies_over_their_limit,
    providers_that_modules_exclude,
    template_role_over_its_limit,
)
from pull_through_cache.deployment.registry import Registry
from pull_through_cache.deployment.requirements import (
    OLDEST_TERRAFORM,
    provider_requirement,
    terraform_requirement,
    versions_too_old,
)
from pull_through_cache.deployment.sharing import caches_of, may_pull
from pull_through_cache.deployment.terraform import TerraformSettings
from pull_through_cache.deployment.values.terraform import WorkloadName
from pull_through_cache.deployment.warnings import WarningName, warnings
from pull_through_cache.deployment.workload import Workload
from pull_through_cache.files.problems import InvalidFile, Problem
from pull_through_cache.files.yaml_file import YamlFile


class Deployment(Model):
    """All keys of a deployment file."""

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
            description="Other accounts whose EKS nodes pull, each under a name. Each gets a stack.",
            examples=["{payments: {account_id: '210987654321', node_roles: [eks-nodes]}}"],
        ),
    ] = {}
    terraform: Annotated[
        TerraformSettings,
        Field(
            validate_default=True,
            description="Settings of Terraform itself.",
            examples=["{default_tags: {owner: platform}}"],
        ),
    ] = TerraformSettings()
    strict: Annotated[StrictBool, Field(description="Whether warnings are errors.", examples=["true"])] = False
    silence: Annotated[
        tuple[WarningName, ...],
        Field(description="Warnings to leave out, by name.", examples=["[immutable-tags]"]),
    ] = ()

    @field_validator("registry")
    @classmethod
    def _limits(cls, registry: Registry, info: ValidationInfo) -> Registry:
        raise_problems(inputs_that_modules_lack(registry, _modules(info)))
        raise_problems(policies_over_their_limit(registry))
        raise_problems(template_role_over_its_limit(registry))
        if registry.node_roles:
            raise_problems(node_policy_over_its_limit(registry))
        return registry

    @field_validator("workloads", mode="wrap")
    @classmethod
    def _workloads(
        cls, value: Any, handler: ValidatorFunctionWrapHandler, info: ValidationInfo
    ) -> Mapping[str, Workload]:
        def rule(workloads: Mapping[str, Workload]) -> Problems:
            registry = info.data.get("registry")
            return _conflicts(workloads, registry) if registry else iter(())

        return validate_entries(value, handler, rule)

    @field_validator("terraform")
    @classmethod
    def _terraform(cls, terraform: TerraformSettings, info: ValidationInfo) -> TerraformSettings:
        registry: Registry | None = info.data.get("registry")
        if registry:
            raise_problems(versions_too_old(terraform, registry))
            workloads = info.data.get("workloads", ())
            raise_problems(terraform.reserved_in([f"workload-{name}" for name in workloads]))
            stacks = len(registry.regions) + len(workloads)
            if terraform.backend_is_shared and stacks > 1:
                message = f"is one state for {stacks} stacks; write `{{stack}}` in the setting that names the state"
                raise_problems([(("backend",), message)])
        raise_problems(providers_that_modules_exclude(terraform, _modules(info)))
        return terraform

    @property
    def required_version(self) -> str:
        """The constraint on Terraform's version: the one in the file, and what the rest of the file needs."""
        needed, own = terraform_requirement(self.terraform, self.registry), self.terraform.required_version
        if own is None:
            return f">= {needed.version}"
        return own if needed == OLDEST_TERRAFORM else f"{own}, >= {needed.version}"

    @property
    def aws_version(self) -> str:
        """The constraint on the AWS provider's version: the one in the file, and what the rest of the file needs."""
        needed, own = provider_requirement(self.registry), self.terraform.required_providers.aws
        return f"{own}, >= {needed.version}" if needed else own


def read(path: Path, *, strict: bool = False, modules: Modules = DEFAULT_MODULES) -> tuple[Deployment, list[Problem]]:
    """The deployment in the file at `path`, and warnings.

    - `strict`: whether warnings are errors, even without `strict: true` in the file.
    - `modules`: the Terraform modules that the stacks will use, as cdktf.json names them.

    Raises InvalidFile with every error.
    """
    file = YamlFile(path)
    deployment = validated(file, Deployment, modules=modules)
    found = (warning for warning in warnings(deployment) if warning.name not in deployment.silence)
    problems = sorted({file.problem(warning.place, str(warning), warning.name) for warning in found})
    if problems and (strict or deployment.strict):
        raise InvalidFile(problems)
    return deployment, problems


def load(path: Path, *, modules: Modules = DEFAULT_MODULES) -> Deployment:
    """The deployment in the file at `path`. Raises InvalidFile as `read` does."""
    return read(path, modules=modules)[0]


def _modules(info: ValidationInfo) -> Modules:
    modules: Modules = (info.context or {}).get("modules", DEFAULT_MODULES)
    return modules


def _unknown_caches(workload: Workload, registry: Registry) -> Problems:
    if workload.caches and not registry.account_id:
        yield (), "need the registry's account; write `account_id` under `registry`, or delete this key"
    for index, key in enumerate(workload.caches):
        if key not in registry.upstreams:
            yield (index,), f"{key!r} is not an upstream; write one of {', '.join(registry.upstreams)}"
        elif not may_pull(registry, key, workload.account_id):
            message = f"account {workload.account_id} may not pull what {key!r} caches"
            at = "registry" if registry.upstreams[key].pull_access is None else f"registry.upstreams.{key}"
            yield (index,), f"{message}; delete this entry, or add the account to {at}.pull_access.accounts"


def _conflicts(workloads: Mapping[str, Workload], registry: Registry) -> Problems:
    """Workloads that do not match the registry, or that share the name of a policy."""
    account_id = registry.known_account_id
    owners = {}
    if account_id and registry.node_roles:
        owners[account_id, registry.policy_name.lower()] = "the registry"
    if not registry.node_roles:
        for caches in dict.fromkeys(tuple(caches_of(registry, workload)) for workload in workloads.values()):
            if registry.upstreams.keys() >= set(caches):
                yield from node_policy_over_its_limit(registry, caches)
    for name, workload in workloads.items():
        if not workload.attach and not registry.outputs:
            yield (name, "attach"), "needs its output; delete this key, or `outputs: false` of `registry`"
        yield from (((name, "caches", *place), message) for place, message in _unknown_caches(workload, registry))
        if workload.region and workload.region not in registry.regions:
            message = f"{workload.region} is not a Region of the registry"
            yield (name, "region"), f"{message}; write one of {', '.join(registry.regions)}"
        policy = (workload.account_id, workload.policy_name.lower())
        owner = owners.setdefault(policy, f"workload {name!r}")
        if owner != f"workload {name!r}":
            message = f"policy {workload.policy_name!r} of account {workload.account_id} is already used by {owner}"
            yield (name, "policy_name"), f"{message}; write another `policy_name`"
        if not caches_of(registry, workload):
            message = f"account {workload.account_id} may not pull"
            yield (name, "account_id"), f"{message}; add it to registry.pull_access.accounts"
