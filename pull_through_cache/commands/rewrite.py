"""`rewrite`: replaces images with their cached names."""

import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path

import click

from pull_through_cache.commands.files import STANDARD_INPUT, check_replaceable, documents_of, replacement
from pull_through_cache.commands.options import with_caches
from pull_through_cache.commands.requests import Asked, with_files
from pull_through_cache.commands.tables import report
from pull_through_cache.files.printing import visible
from pull_through_cache.files.problems import InvalidFile, Problem
from pull_through_cache.files.yaml_stream import Document
from pull_through_cache.images.differences import hunks
from pull_through_cache.images.names import Caches
from pull_through_cache.images.requests import Requests
from pull_through_cache.images.rewriting import Outcome, Rewritten, reject_encrypted
from pull_through_cache.images.rewriting import rewrite as rewritten

IN_MEMORY = 1 << 20  # bytes; what is longer waits in a temporary file
_COUNTED: tuple[Outcome, ...] = ("rewritten", "cached", "uncovered", "left", "unknown")


@click.command()
@with_files
@with_caches
@click.option("--diff", "mode", flag_value="diff", help="Show what would change.")
@click.option("--in-place", "mode", flag_value="in-place", help="Change the files; each as a whole or not at all.")
@click.option("--check", "mode", flag_value="check", help="List what would change; exit code 1 if anything would.")
@click.option("--strict", is_flag=True, help="Exit code 1 if an image is left, or its name is unknown.")
@click.option("--reverse", is_flag=True, help="Write the upstream names of cached images.")
def rewrite(asked: Asked, caches: Caches, mode: str | None, strict: bool, reverse: bool) -> None:
    """Replace images with cached names in files.

    Reads manifests, Helm values, Compose files, pipelines, and Dockerfiles. Without FILE, or for `-`, reads standard input. In a folder, reads YAML, JSON, and Dockerfiles. Every other byte stays
    the same. Standard error lists the images that stay, and why. Writes nothing for an invalid FILE.
    """
    if mode == "in-place" and STANDARD_INPUT in asked.files:
        raise click.UsageError("--in-place changes files; name one.")
    if mode is None and len(asked.files) > 1:
        raise click.UsageError("Several files need --in-place, --diff or --check.")
    problems: list[Problem] = []
    counts: Counter[Outcome] = Counter()
    for file in asked.files:
        try:
            if mode == "in-place":
                check_replaceable(file)
            counts += _rewrite(file, caches, asked.of(file), mode, reverse)
        except InvalidFile as error:
            problems += error.problems
    if problems:
        raise InvalidFile(problems)
    if mode or strict:
        report(", ".join(f"{counts[outcome]} {outcome}" for outcome in _COUNTED))
    if (mode == "check" and counts["rewritten"]) or (strict and counts["left"] + counts["unknown"]):
        raise click.exceptions.Exit(1)


def _rewrite(file: Path, caches: Caches, requests: Requests, mode: str | None, reverse: bool) -> Counter[Outcome]:
    """The results for the images of a file. Writes only a file that was read to the end."""
    counts: Counter[Outcome] = Counter()
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as output:
        for document in documents_of(file):
            result = rewritten(document, caches, requests, reverse=reverse)
            reject_encrypted(document, result)
            counts.update(finding.outcome for finding in result.findings)
            for finding in result.findings:
                if why := finding.stays or finding.note:
                    report(f"{finding.where(document)}: {finding.image}: {why}")
            output.write(_shown(document, result, mode).encode())
        output.seek(0)
        if mode == "in-place":
            if counts["rewritten"]:
                with replacement(file) as stream:
                    shutil.copyfileobj(output, stream)
        else:
            if mode == "diff" and counts["rewritten"]:
                click.echo(f"--- {visible(file)}\n+++ {visible(file)}")
            shutil.copyfileobj(output, sys.stdout.buffer)
            sys.stdout.flush()  # here a closed pipe is no error
    return counts


def _shown(document: Document, result: Rewritten, mode: str | None) -> str:
    if mode == "diff":
        return "".join(_visible_line(line) for line in hunks(document.text, result.text, document.before))
    if mode == "check":
        return "".join(
            visible(f"{finding.where(document)}: {finding.image} could be {finding.cached}") + "\n"
            for finding in result.findings
            if finding.outcome == "rewritten"
        )
    return result.text


def _visible_line(lines: str) -> str:
    """Lines of a difference, with their line ends unchanged."""
    pieces = (piece.partition("\r") if piece.endswith("\r") else (piece, "", "") for piece in lines.split("\n"))
    return "\n".join(visible(text) + end for text, end, _ in pieces)
