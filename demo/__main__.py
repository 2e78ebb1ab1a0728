"""``python -m demo``: prints each step and a summary of the pulls. ``--help`` lists the options."""

import argparse
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from demo.accounts import organization_of, registry_account
from demo.commands import CommandFailed, Commands, Interrupted
from demo.expected import NotEmulated, create_expected
from demo.narrator import Narrator
from demo.own_file import OwnFile
from demo.story import Story, UnexpectedPull
from emulator.__main__ import connected, run
from emulator.aws import Emulator
from emulator.internet import Internet
from emulator.terraform import terraform_environment, terraform_executable
from pull_through_cache.deployment import Deployment, load
from pull_through_cache.files.problems import InvalidFile

# Whose values would be for another account, another folder or another deployment.
STRAY_VARIABLES = ("AWS_", "CDKTF_", "DEPLOYMENT", "TF_CLI_ARGS", "TF_DATA_DIR", "TF_WORKSPACE")


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0 if every step had the expected result, 1 if not, 2 without Terraform or with an invalid file, 128 + n
    after signal n.
    """
    parser = argparse.ArgumentParser(
        prog="python -m demo", description="Deploy, pull and destroy on this machine, without AWS."
    )
    parser.add_argument("--deployment", type=Path, metavar="FILE", help="your deployment file instead of the default")
    parser.add_argument(
        "--serve",
        action="store_true",
        help="only serve the emulator, with the accounts and node roles of the file, for your own Terraform and clients",
    )
    options = parser.parse_args(arguments)
    for name in [name for name in os.environ if name.startswith(STRAY_VARIABLES)]:
        del os.environ[name]
    os.environ |= {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    try:
        file = options.deployment.absolute() if options.deployment else None
        deployment = load(file) if file else None
        if options.serve:
            return _serve(deployment)
        return _run(file, deployment)
    except (FileNotFoundError, InvalidFile, NotEmulated) as problem:
        print(problem, file=sys.stderr)
        return 2


def _serve(deployment: Deployment | None) -> int:
    if deployment is None:
        run()
        return 0

    def prepare(emulator: Emulator) -> None:
        list(create_expected(emulator, deployment))

    run(organization_of(deployment), registry_account(deployment), deployment.registry.regions[0], prepare)
    return 0


def _run(file: Path | None, deployment: Deployment | None) -> int:
    commands, begun = Commands(), time.monotonic()
    # In a file or a pipe no line is folded.
    width = None if sys.stdout.isatty() else 1000
    console = Console(width=width, markup=False, highlight=False, emoji=False)
    executable = terraform_executable()
    try:
        with TemporaryDirectory() as folder, terraform_environment() as terraform:
            narrator = Narrator(console, commands, executable, terraform, Path(folder))
            if file and deployment:
                with connected(Path(folder), organization_of(deployment)) as (emulator, _):
                    OwnFile(narrator, emulator, file, deployment).run()
            else:
                with Emulator.start() as emulator, Internet() as internet:
                    Story(narrator, emulator, internet).run()
    except Interrupted as interrupted:
        console.print(f"{interrupted}. Everything the demo started has ended; nothing is left.")
        return interrupted.exit_code
    except (CommandFailed, UnexpectedPull) as failure:
        print(failure, file=sys.stderr)
        return 1
    console.print(
        f"Everything the demo started has ended; nothing is left. It took {time.monotonic() - begun:.0f} seconds."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
