"""The command line: `python -m pull_through_cache --help`."""

import sys

if __name__ == "__main__":
    try:
        from pull_through_cache.commands import commands
    except KeyboardInterrupt:
        sys.exit(130)
    commands(prog_name="pull-through-cache")
