"""What commands answer: a table on a terminal, tab-separated lines on a pipe, JSON for scripts."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence

import click

from pull_through_cache.files.printing import visible

Row = Mapping[str, object]


def print_rows(rows: Iterable[Row], columns: Sequence[str], *, on_a_pipe: Sequence[str]) -> None:
    """Prints these columns of `rows` on a terminal; elsewhere those `on_a_pipe`, each row at once."""
    if not sys.stdout.isatty():
        for row in rows:
            click.echo("\t".join(_cell(row, column) for column in on_a_pipe))
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(_cell(row, column) for column in columns))
    Console(markup=False, highlight=False, emoji=False).print(table)


def print_json(rows: Iterable[Row]) -> None:
    """Prints `rows` as a JSON list."""
    click.echo(json.dumps(list(rows), indent=2))


def _cell(row: Row, column: str) -> str:
    return visible(row[column] or "-")


def report(text: str) -> None:
    """Prints one line on standard error."""
    click.echo(visible(text), err=True)
