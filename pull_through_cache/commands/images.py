"""`images`: lists images, their places, and their caches."""

from collections.abc import Iterator
from pathlib import Path

import click

from pull_through_cache.commands.files import documents_of
from pull_through_cache.commands.options import with_caches
from pull_through_cache.commands.requests import Asked, with_files
from pull_through_cache.commands.tables import Row, print_json, print_lines
from pull_through_cache.files.problems import InvalidFile, Problem
from pull_through_cache.images.names import Caches
from pull_through_cache.images.requests import Requests
from pull_through_cache.images.rewriting import Finding, rewrite


@click.command()
@with_files
@with_caches
@click.option("--json", "as_json", is_flag=True, help="Print a list of images, their places, states and caches.")
def images(asked: Asked, caches: Caches, as_json: bool) -> None:
    """List the images in files.

    Reads manifests, Helm values, Compose files, pipelines, and Dockerfiles. Without FILE, or for `-`, reads standard input. Prints for each image its state, its cache and its place. States:
    `cached`, it comes from the cache; `cacheable`, it could; `own`, it is in the same registry, but in no cache;
    `uncovered`, no cache covers it; `unknown`, its name is filled in later, or is not valid; `left`, it could come from a
    cache, but a new name might be wrong; `kept`, it is not pulled by this name.
    """
    problems: list[Problem] = []
    rows = (row for file in asked.files for row in _rows(file, caches, asked.of(file), problems))
    if as_json:
        print_json(rows)
    else:
        print_lines(rows, ("image", "state", "cache", "where"))
    if problems:
        raise InvalidFile(problems)


def _rows(file: Path, caches: Caches, requests: Requests, problems: list[Problem]) -> Iterator[Row]:
    """The images of a file. `problems` gets those of an invalid file."""
    try:
        for document in documents_of(file):
            for finding in rewrite(document, caches, requests).findings:
                yield {
                    "image": finding.image,
                    "state": _state(finding),
                    "cache": finding.answer and finding.answer.cache,
                    "cached": finding.cached,
                    "where": finding.where(document),
                }
    except InvalidFile as error:
        problems += error.problems


def _state(finding: Finding) -> str:
    if finding.answer is None or finding.outcome in ("left", "kept"):
        return finding.outcome
    return finding.answer.state
