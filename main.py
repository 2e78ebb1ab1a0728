"""Synthesizes a deployment file into Terraform JSON: run as `python main.py`, or by the cdktf command line."""

import gc
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cdktf import App

    from pull_through_cache.deployment import Deployment


def build_app(deployment: "Deployment", *, outdir: str | None = None) -> "App":
    """A cdktf app with every stack of `deployment`.

    It writes to `outdir`; by default where the environment variable CDKTF_OUTDIR says, else to cdktf.out.
    """
    from pull_through_cache.project import project
    from stacks.shared_services import SharedServicesStack
    from stacks.workload import WorkloadStack

    # isort: split
    from cdktf import App

    app, registry, modules = App(outdir=outdir), deployment.registry, project().modules
    hcl = app.hcl_output

    def settings(stack: str) -> dict[str, Any]:
        return {"name": stack, "hcl": hcl, **deployment.settings(stack)}

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


def main() -> None:
    import stacks  # noqa: F401 - first: Node starts while the deployment file is read

    # isort: split
    from pull_through_cache.deployment import read
    from pull_through_cache.problems import InvalidFile
    from pull_through_cache.project import project
    from stacks.output import synthesize

    try:
        deployment, warnings = read(Path(os.environ.get("DEPLOYMENT") or project().deployment))
        for warning in warnings:
            print(warning, file=sys.stderr)
        outdir = Path(os.environ.get("CDKTF_OUTDIR") or "cdktf.out")
        synthesize(lambda folder: build_app(deployment, outdir=folder), outdir)
    except InvalidFile as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    gc.freeze()  # the process ends: what it holds need not be looked through for garbage


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        os._exit(130)  # at once: Node has ended with Ctrl-C too, of which jsii would tell much
