"""This project's cdktf app."""

from collections.abc import Collection, Mapping
from typing import Any

from cdktf import App

from pull_through_cache.deployment import Deployment
from pull_through_cache.deployment.project import project
from stacks.shared_services import SharedServicesStack
from stacks.workload import WorkloadStack


def stack_names(deployment: Deployment) -> list[str]:
    """The names of the stacks of `deployment`. None of them refers to another."""
    regions = [f"shared-services-{region}" for region in deployment.registry.regions]
    return regions + [f"workload-{name}" for name in deployment.workloads]


def build_app(deployment: Deployment, outdir: str | None = None, only: Collection[str] | None = None) -> App:
    """A cdktf app with every stack of `deployment`, or with those whose names are in `only`.

    It writes to `outdir`; by default to the folder in the environment variable CDKTF_OUTDIR, else to cdktf.out.
    """
    app, registry, modules = App(outdir=outdir), deployment.registry, project().modules
    hcl = app.hcl_output
    wanted = set(stack_names(deployment) if only is None else only)

    def settings(stack: str) -> Mapping[str, Any]:
        return {"name": stack, "hcl": hcl, **deployment.settings(stack)}

    for region in registry.regions:
        name = f"shared-services-{region}"
        if name in wanted:
            SharedServicesStack(app, region, registry=registry, modules=modules, settings=settings(name))
    for name, workload in deployment.workloads.items():
        if f"workload-{name}" not in wanted:
            continue
        WorkloadStack(
            app,
            name,
            workload=workload,
            region=workload.region or registry.regions[0],
            repositories=registry.repositories_for_nodes,
            tags=registry.sets_tags,
            settings=settings(f"workload-{name}"),
        )
    return app
