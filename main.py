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

    try:
        deployment, warnings = read(Path(os.environ.get("DEPLOYMENT") or project().deployment))
    except InvalidFile as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    for warning in warnings:
        print(warning, file=sys.stderr)
    outdir = Path(os.environ.get("CDKTF_OUTDIR") or "cdktf.out")
    try:
        outdir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        print(f"{outdir}: cannot be written to ({error.strerror}); name another CDKTF_OUTDIR", file=sys.stderr)
        sys.exit(2)
    app = build_app(deployment, outdir=str(outdir))
    app.synth()
    for file in outdir.glob("stacks/*/cdk.tf.json"):
        if app.node.try_find_child(file.parent.name) is None:
            file.unlink()  # of a stack that an earlier deployment file had: nobody must apply it
    gc.freeze()  # the process ends: what it holds need not be looked through for garbage


if __name__ == "__main__":
    main()
