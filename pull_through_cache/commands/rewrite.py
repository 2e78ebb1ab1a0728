"""`rewrite`: cached names in the place of images."""

import shutil
import sys
import tempfile
from pathlib import Path

import click

from pull_through_cache.commands.files import STANDARD_INPUT, documents_of, files_argument, replacement
from pull_through_cache.commands.options import with_caches
from pull_through_cache.files.problems import InvalidFile, Problem
from pull_through_cache.files.yaml_stream import Document
from pull_through_cache.images.differences import hunks
from pull_through_cache.images.names import Caches
from pull_through_cache.images.rewriting import Rewritten
from pull_through_cache.images.rewriting import rewrite as rewritten

IN_MEMORY = 1 << 20  # bytes; what is longer waits in a temporary file


@click.command()
@files_argument
@with_caches
@click.option("--diff", "mode", flag_value="diff", help="Show what would change.")
@click.option("--in-place", "mode", flag_value="in-place", help="Change the files; each as a whole or not at all.")
@click.option("--check", "mode", flag_value="check", help="Tell what would change; exit code 1 if there is any.")
def rewrite(files: tuple[Path, ...], caches: Caches, mode: str | None) -> None:
    """Write Kubernetes manifests, Helm values or Compose files with cached names in the place of images.

    Without FILE, or for `-`, reads standard input. All else stays to the byte. Standard error says which images stay,
    and why. Nothing is written of a FILE that is not YAML.
    """
    if mode == "in-place" and STANDARD_INPUT in files:
        raise click.UsageError("--in-place changes files; name one.")
    if mode is None and len(files) > 1:
        raise click.UsageError("Several files need --in-place, --diff or --check.")
    problems: list[Problem] = []
    cacheable = False
    for file in files:
        try:
            cacheable |= _rewrite(file, caches, mode)
        except InvalidFile as error:
            problems += error.problems
    if problems:
        raise InvalidFile(problems)
    if mode == "check" and cacheable:
        raise click.exceptions.Exit(1)


def _rewrite(file: Path, caches: Caches, mode: str | None) -> bool:
    """Whether an image of the file could come from a cache and does not. Writes only what is known to the end."""
    cacheable = changes = False
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as output:
        for document in documents_of(file):
            result = rewritten(document, caches)
            for finding in result.findings:
                if finding.stays:
                    click.echo(f"{finding.where(document)}: {finding.image}: {finding.stays}", err=True)
                cacheable |= finding.answer is not None and finding.answer.state == "cacheable"
                changes |= finding.changes
            output.write(_shown(document, result, mode).encode())
        output.seek(0)
        if mode == "in-place":
            if changes:
                with replacement(file) as stream:
                    shutil.copyfileobj(output, stream)
        else:
            if mode == "diff" and changes:
                click.echo(f"--- {file}\n+++ {file}")
            shutil.copyfileobj(output, sys.stdout.buffer)
            sys.stdout.flush()  # here a closed pipe is no error
    return cacheable


def _shown(document: Document, result: Rewritten, mode: str | None) -> str:
    if mode == "diff":
        return "".join(hunks(document.text, result.text, document.before))
    if mode == "check":
        return "".join(
            f"{finding.where(document)}: {finding.image} could be {finding.cached}\n"
            for finding in result.findings
            if finding.changes
        )
    return result.text
