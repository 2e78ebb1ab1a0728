"""Commands of the demo end with it."""

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[2]
SCRIPT = """
import os, sys
from pathlib import Path
from demo.commands import Commands
command = [sys.executable, "-c", "import os, time; print(os.getpid(), flush=True); time.sleep(600)"]
Commands().run(command, Path("."), os.environ, lambda line: print(line, flush=True))
"""


def test_a_command_ends_when_the_demo_is_killed() -> None:
    demo = subprocess.Popen([sys.executable, "-c", SCRIPT], cwd=PROJECT, stdout=subprocess.PIPE, text=True)
    assert demo.stdout
    with demo, demo.stdout as output:
        command = os.pidfd_open(int(output.readline()))
        demo.send_signal(signal.SIGKILL)
        # A pidfd is readable once the process has ended.
        ended, _, _ = select.select([command], [], [], 60)
        os.close(command)

    assert ended
