"""Synthesizes a deployment file into Terraform JSON: run as `python main.py`, or by the cdktf command line."""

from pull_through_cache import faults  # first: makes Ctrl-C quiet, and prints one line for a fault of the machine

# isort: split
import os
import sys
from pathlib import Path

from pull_through_cache.deployment import read
from pull_through_cache.deployment.cdktf_json import read_cdktf_json
from pull_through_cache.files.printing import visible
from pull_through_cache.files.problems import InvalidFile
from stacks.app import build_app, stack_names
from stacks.output import synthesize

_SHOWN = 8
"""Names of stacks in the last line."""


def main() -> None:
    try:
        settings, named = read_cdktf_json(), os.environ.get("DEPLOYMENT")
        file = Path(named or settings.deployment)
        deployment, warnings = read(file, modules=settings.modules)
        for warning in warnings:
            print(warning, file=sys.stderr)
        if warnings and not named:
            about = f"{file} is the default; its warnings stop nothing. For your own file, set DEPLOYMENT."
            print(visible(about), file=sys.stderr)
        outdir = Path(os.environ.get("CDKTF_OUTDIR") or "cdktf.out")
        names = stack_names(deployment)
        synthesize(
            lambda folder, only: build_app(deployment, modules=settings.modules, outdir=folder, only=only),
            outdir,
            names=names,
        )
        shown = ", ".join(names if len(names) <= _SHOWN else [*names[:_SHOWN], "…"])
        print(visible(f"{file}: wrote {shown} to {outdir / 'stacks'}"), flush=True)
    except InvalidFile as error:
        print(error, file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    faults.started()
    with faults.interruptible():
        main()
