"""This project's cdktf app."""

from cdktf import App

from pull_through_cache.deployment import Deployment
from pull_through_cache.deployment.modules import DEFAULT_MODULES, Modules
from stacks.settings import StackSettings
from stacks.shared_services import SharedServicesStack
from stacks.workload import WorkloadStack


def build_app(deployment: Deployment, *, modules: Modules = DEFAULT_MODULES, outdir: str | None = None) -> App:
    """A cdktf app with every stack of `deployment`.

    - `modules`: the Terraform modules, by their names in cdktf.json.
    - `outdir`: the folder for the output. Default: the environment variable CDKTF_OUTDIR, else cdktf.out.
    """
    app, registry = App(outdir=outdir), deployment.registry
    for region in registry.regions:
        settings = StackSettings.of(
            deployment, f"shared-services-{region}", region=region, account_id=registry.account_id
        )
        SharedServicesStack(app, settings, registry=registry, modules=modules)
    for name, workload in deployment.workloads.items():
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
