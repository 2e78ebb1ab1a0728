"""Synthesizes a deployment file into Terraform JSON: run as `python main.py`, or by the cdktf command line."""

import os
import sys
from pathlib import Path

from pull_through_cache.deployment import read
from pull_through_cache.deployment.cdktf_json import read_cdktf_json
from pull_through_cache.files.problems import InvalidFile
from stacks.app import build_app
from stacks.output import synthesize


def main() -> None:
    try:
        settings = read_cdktf_json()
        file = Path(os.environ.get("DEPLOYMENT") or settings.deployment)
        deployment, warnings = read(file, modules=settings.modules)
        for warning in warnings:
            print(warning, file=sys.stderr)
        outdir = Path(os.environ.get("CDKTF_OUTDIR") or "cdktf.out")
        synthesize(lambda folder: build_app(deployment, modules=settings.modules, outdir=folder), outdir)
    except InvalidFile as error:
        print(error, file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        os._exit(130)  # at once: Node has ended with Ctrl-C too, and jsii would print a traceback about it
