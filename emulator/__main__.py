"""Run the emulator for your own Terraform: ``python -m emulator``, Ctrl-C to end it."""

import os
import signal
from threading import Event

from emulator.aws import Emulator


def main() -> None:
    """Print the variables to export, and serve until a signal comes or the starting process is gone."""
    ended = Event()
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, lambda *_: ended.set())
    parent = os.getppid()
    with Emulator.start() as emulator:
        exports = [f"export {variable}={value}" for variable, value in emulator.environment.items()]
        note = "# AWS without images: pulls are decided, nothing is downloaded. Ctrl-C ends it."
        print("\n".join([*exports, note]), flush=True)
        while os.getppid() == parent and not ended.wait(timeout=1):
            pass


if __name__ == "__main__":
    main()
