"""``python -m demo``: tells each step, and sums the pulls up."""

import os
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from demo.commands import CommandFailed, Commands, Interrupted
from demo.story import Story, UnexpectedPull
from emulator.aws import Emulator
from emulator.terraform import terraform_environment, terraform_executable

# Whose values would be for another account, another folder or another deployment.
STRAY_VARIABLES = ("AWS_", "CDKTF_", "DEPLOYMENT", "TF_CLI_ARGS", "TF_DATA_DIR", "TF_WORKSPACE")


def main() -> int:
    """Exit code 0 when everything went as told, 1 when not, 2 without Terraform, 128 + n after signal n."""
    commands, begun = Commands(), time.monotonic()
    for name in [name for name in os.environ if name.startswith(STRAY_VARIABLES)]:
        del os.environ[name]
    os.environ |= {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    # In a file or a pipe no line is folded.
    width = None if sys.stdout.isatty() else 1000
    console = Console(width=width, markup=False, highlight=False, emoji=False)
    try:
        executable = terraform_executable()
        with TemporaryDirectory() as folder, Emulator.start() as emulator, terraform_environment() as terraform:
            story = Story(console, commands, emulator, executable, terraform, Path(folder))
            story.tell()
    except Interrupted as interrupted:
        console.print(f"{interrupted}. Everything the demo started has ended; nothing is left.")
        return interrupted.exit_code
    except FileNotFoundError as missing:
        print(missing, file=sys.stderr)
        return 2
    except (CommandFailed, UnexpectedPull) as failure:
        print(failure, file=sys.stderr)
        return 1
    console.print(
        f"Everything the demo started has ended; nothing is left. It took {time.monotonic() - begun:.0f} seconds."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
