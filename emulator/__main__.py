"""Run the emulator for your own Terraform: ``python -m emulator``, Ctrl-C to end it."""

import os
import shlex
import signal
from threading import Event

from emulator.aws import Emulator
from emulator.terraform import terraform_environment


def main() -> None:
    """Print the variables to export, and serve until a signal comes or the starting process is gone."""
    ended = Event()
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, lambda *_: ended.set())
    parent = os.getppid()
    with Emulator.start() as emulator, terraform_environment() as terraform:
        variables = {**emulator.environment, **terraform}
        exports = [f"export {variable}={shlex.quote(value)}" for variable, value in variables.items()]
        note = "# AWS without images: pulls are decided, nothing is downloaded. Ctrl-C ends it."
        print("\n".join([*exports, note]), flush=True)
        while os.getppid() == parent and not ended.wait(timeout=0.2):
            pass


if __name__ == "__main__":
    main()
