"""This project's cdktf app."""

from collections.abc import Collection

from cdktf import App

from pull_through_cache.deployment import Deployment
from pull_through_cache.deployment.modules import DEFAULT_MODULES, Modules
from pull_through_cache.deployment.replicas import has_replica
from stacks.settings import StackSettings
from stacks.shared_services import SharedServicesStack
from stacks.workload import WorkloadStack


def stack_names(deployment: Deployment) -> list[str]:
    """The names of the stacks of `deployment`, those of the registry first.

    None of them refers to another. With a replicated secret, those of other Regions depend on that of the first.
    """
    regions = [f"shared-services-{region}" for region in deployment.registry.regions]
    return regions + [f"workload-{name}" for name in deployment.workloads]


def build_app(
    deployment: Deployment,
    *,
    modules: Modules = DEFAULT_MODULES,
    outdir: str | None = None,
    only: Collection[str] | None = None,
) -> App:
    """A cdktf app with the stacks of `deployment`.

    - `modules`: the Terraform modules, by their names in cdktf.json.
    - `outdir`: the folder for the output. Default: the environment variable CDKTF_OUTDIR, else cdktf.out.
    - `only`: the names of the stacks to build. Default: all.
    """
    app, registry = App(outdir=outdir), deployment.registry
    wanted = set(stack_names(deployment) if only is None else only)
    first: SharedServicesStack | None = None
    for region in registry.regions:
        if f"shared-services-{region}" not in wanted:
            continue
        settings = StackSettings.of(
            deployment, f"shared-services-{region}", region=region, account_id=registry.account_id
        )
        stack = SharedServicesStack(app, settings, registry=registry, modules=modules)
        if first and any(has_replica(registry, key, region) for key in registry.upstreams):
            stack.add_dependency(first)
        first = first or stack
    for name, workload in deployment.workloads.items():
        if f"workload-{name}" not in wanted:
            continue
        settings = StackSettings.of(
            deployment,
            f"workload-{name}",
            region=workload.region or registry.regions[0],
            account_id=workload.account_id,
            assume_role_arn=workload.assume_role_arn,
            profile=workload.profile,
        )
        WorkloadStack(app, settings, workload=workload, registry=registry)
    return app
