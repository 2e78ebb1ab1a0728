"""`image`: the cached names of images."""

import click

from pull_through_cache.commands.options import with_caches
from pull_through_cache.commands.tables import print_json, print_lines, report
from pull_through_cache.images.names import CachedName, Caches, InvalidImageName


@click.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@with_caches
@click.option("--reverse", is_flag=True, help="Print the upstream names of cached names.")
@click.option("--strict", is_flag=True, help="Exit code 1 if no cache covers a name.")
@click.option("--json", "as_json", is_flag=True, help="Print a list of names, their states and caches.")
def image(names: tuple[str, ...], caches: Caches, reverse: bool, strict: bool, as_json: bool) -> None:
    """Print the cached name of each image NAME.

    A name that is already cached does not change. Neither does a name that no cache covers; standard error lists it. Exit
    code 1 if a NAME is not the name of an image.
    """
    rows, failed = [], False
    for name in names:
        try:
            answer = caches.upstream(name) if reverse else caches.cached(name)
        except InvalidImageName as error:
            report(f"{name}: {error}")
            rows.append({"image": name, "name": name, "state": "invalid", "cache": None})
            failed = True
            continue
        rows.append({"image": name, **answer._asdict()})
        if why := _stays(answer, reverse):
            report(f"{name}: {why}")
            failed = failed or strict
    if as_json:
        print_json(rows)
    else:
        print_lines(rows, ("name",))
    if failed:
        raise click.exceptions.Exit(1)


def _stays(answer: CachedName, reverse: bool) -> str:
    """Why a name has no other name; empty if none is expected."""
    if reverse:
        return "" if answer.cache else "is not the name of a cached image"
    return "no cache covers it" if answer.state == "uncovered" else ""
