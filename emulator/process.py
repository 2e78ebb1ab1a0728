"""The emulator's process. Its arguments are the file descriptor of a listening socket and an organization in JSON.

It ends when its standard input is closed: then the process that started it has ended.
"""

import os
import sys
from threading import Thread


def end_with_standard_input() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    Thread(target=end_with_standard_input, daemon=True).start()
    from emulator.organization import Organization
    from emulator.server import serve  # moto takes half a second to load; meanwhile the parent process may end

    serve(int(sys.argv[1]), Organization.from_json(sys.argv[2]))
