"""The command line: `python -m pull_through_cache --help`."""

from pull_through_cache.commands import commands

if __name__ == "__main__":
    commands(prog_name="pull-through-cache")
