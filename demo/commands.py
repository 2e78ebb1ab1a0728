"""Runs the demo's commands, and ends them when a signal comes."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
GRACE = 10
"""Seconds a command has to end by itself after a signal."""


class Interrupted(Exception):  # noqa: N818 - not an error
    """A signal came; what was running has ended."""

    def __init__(self, number: int) -> None:
        super().__init__(f"{signal.Signals(number).name} came")
        self.exit_code = 128 + number


class CommandFailed(Exception):  # noqa: N818 - as in a sentence
    """A command exited with another code than it should. Its text is the command's own error."""


class Commands:
    """Commands, run one at a time. From now on the first SIGINT, SIGTERM or SIGHUP ends the one that runs.

    Each has a process group of its own: the terminal's Ctrl-C would reach Terraform and its providers too, and a
    second one makes Terraform give up at once.
    """

    def __init__(self) -> None:
        self._running: subprocess.Popen[str] | None = None
        self._received: int | None = None
        self._is_reported = False
        for each in SIGNALS:
            signal.signal(each, self._receive)
        signal.signal(signal.SIGALRM, self._kill)
        # A demo that is killed cannot end Terraform and its providers itself.
        leash = Path(__file__).with_name("leash.py")
        self._leash = subprocess.Popen([sys.executable, leash], stdin=subprocess.PIPE, text=True, process_group=0)

    def run(
        self, command: Sequence[str], folder: Path, environment: Mapping[str, str], see: Callable[[str], None]
    ) -> None:
        """Run to the end, and hand each line it prints to ``see``. Raises CommandFailed, or Interrupted."""
        self.check()
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            process_group=0,
        )
        self._running = process
        self._hold(process.pid)
        if self._received:
            self._end()
        lines = []
        with process:
            try:
                for line in process.stdout or ():
                    lines.append(line.rstrip())
                    see(lines[-1])
            except BaseException:  # the reader of the demo's output may be gone
                self._end()
                process.communicate()
                raise
            finally:
                signal.alarm(0)
        self._running = None
        self._hold(0)
        self.check()
        if process.returncode:
            # Before its error Terraform prints the plan.
            first = next((number for number, line in enumerate(lines) if line.startswith("Error")), 0)
            raise CommandFailed("\n".join(lines[first:]).strip())

    def _hold(self, group: int) -> None:
        """Name the process group that ends if this process is killed; 0 for none."""
        if self._leash.stdin:
            self._leash.stdin.write(f"{group}\n")
            self._leash.stdin.flush()

    def check(self) -> None:
        """Raise Interrupted if a signal came."""
        if self._received:
            raise Interrupted(self._received)

    # A handler that raised could do so between the start of a process and the line that remembers it.
    def _receive(self, number: int, _: object) -> None:
        if not self._received:
            self._received = number
            self._end()

    def _end(self) -> None:
        if self._running and not self._is_reported:
            self._is_reported = True
            self._running.send_signal(signal.SIGINT)
            signal.alarm(GRACE)

    def _kill(self, *_: object) -> None:
        if self._running:
            with suppress(ProcessLookupError):
                os.killpg(self._running.pid, signal.SIGKILL)
