"""The command line: `pull-through-cache --help`, or `python -m pull_through_cache --help`."""

import sys


def main() -> None:
    """Runs the command line. Ctrl-C is quiet while it imports, too."""
    try:
        from pull_through_cache.commands import commands
    except KeyboardInterrupt:
        sys.exit(130)
    commands(prog_name="pull-through-cache")


if __name__ == "__main__":
    main()
