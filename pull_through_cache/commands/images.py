"""`images`: which images are used, where, and through which cache."""

from collections.abc import Iterator
from pathlib import Path

import click

from pull_through_cache.commands.files import documents_of, files_argument
from pull_through_cache.commands.options import with_caches
from pull_through_cache.commands.tables import Row, print_json, print_rows
from pull_through_cache.images.names import Caches
from pull_through_cache.images.rewriting import rewrite


@click.command()
@files_argument
@with_caches
@click.option("--json", "as_json", is_flag=True, help="Print a list of images, their places, states and caches.")
def images(files: tuple[Path, ...], caches: Caches, as_json: bool) -> None:
    """List the images of Kubernetes manifests, Helm values or Compose files.

    Without FILE, or for `-`, reads standard input. Tells for each image its state, its cache and its place. States:
    `cached`, it comes from the cache; `cacheable`, it could; `own`, it is in the same registry, but in no cache;
    `uncovered`, no cache covers it; `unknown`, its name is filled in later, or is none.
    """
    columns = ("image", "state", "cache", "where")
    rows = (row for file in files for row in _rows(file, caches))
    if as_json:
        print_json(rows)
    else:
        print_rows(rows, columns, on_a_pipe=columns)


def _rows(file: Path, caches: Caches) -> Iterator[Row]:
    for document in documents_of(file):
        for finding in rewrite(document, caches).findings:
            answer = finding.answer
            yield {
                "image": finding.image,
                "state": answer.state if answer else "unknown",
                "cache": answer and answer.cache,
                "cached": finding.cached,
                "where": finding.where(document),
            }
