"""Synthesizes a deployment file into Terraform JSON: run as `python main.py`, or by the cdktf command line."""

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cdktf import App

    from pull_through_cache.deployment import Deployment

PROJECT = Path(__file__).parent


def build_app(deployment: "Deployment", *, outdir: str | None = None) -> "App":
    """A cdktf app with every stack of `deployment`.

    It writes to `outdir`; by default where the environment variable CDKTF_OUTDIR says, else to cdktf.out.
    """
    from stacks.modules import ModuleSource
    from stacks.shared_services import SharedServicesStack

    # isort: split
    from cdktf import App

    modules = {m["name"]: ModuleSource(m["source"], m["version"]) for m in _settings()["terraformModules"]}
    app = App(outdir=outdir)
    for region in deployment.registry.regions:
        SharedServicesStack(
            app, region=region, registry=deployment.registry, terraform=deployment.terraform, modules=modules
        )
    return app


def main() -> None:
    from pull_through_cache.deployment import load
    from pull_through_cache.problems import InvalidFile

    path = os.environ.get("DEPLOYMENT") or PROJECT / _settings()["context"]["deployment"]
    try:
        deployment = load(Path(path))
    except InvalidFile as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    app = build_app(deployment)
    app.synth()
    for file in Path(app.outdir).glob("stacks/*/cdk.tf.json"):
        if app.node.try_find_child(file.parent.name) is None:
            file.unlink()  # of a stack that an earlier deployment file had: nobody must apply it


def _settings() -> Any:
    return json.loads((PROJECT / "cdktf.json").read_text())


if __name__ == "__main__":
    main()
