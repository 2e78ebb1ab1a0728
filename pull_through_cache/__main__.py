"""The command line: `pull-through-cache --help`, or `python -m pull_through_cache --help`."""

from pull_through_cache import faults  # first: makes Ctrl-C quiet while the rest is imported


def main() -> None:
    """Runs the command line."""
    from pull_through_cache.commands import commands  # here, because the script of an installation imports `main`

    faults.started()
    commands(prog_name="pull-through-cache")


if __name__ == "__main__":
    main()
