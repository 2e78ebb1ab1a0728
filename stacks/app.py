"""This project's cdktf app."""

from collections.abc import Mapping
from typing import Any

from cdktf import App

from pull_through_cache.deployment import Deployment
from pull_through_cache.deployment.modules import DEFAULT_MODULES, Modules
from stacks.shared_services import SharedServicesStack
from stacks.workload import WorkloadStack


def build_app(deployment: Deployment, *, modules: Modules = DEFAULT_MODULES, outdir: str | None = None) -> App:
    """A cdktf app with every stack of `deployment`.

    `modules` are the Terraform modules of its stacks. It writes to `outdir`; by default to the folder in the environment variable CDKTF_OUTDIR, else to cdktf.out.
    """
    app, registry = App(outdir=outdir), deployment.registry
    hcl = app.hcl_output

    def settings(stack: str) -> Mapping[str, Any]:
        return {"name": stack, "hcl": hcl, **deployment.stack_settings(stack)}

    for region in registry.regions:
        name = f"shared-services-{region}"
        SharedServicesStack(app, region, registry=registry, modules=modules, settings=settings(name))
    for name, workload in deployment.workloads.items():
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
