"""What commands print: lines with columns, a table of sentences on a terminal, JSON for scripts."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence

import click

from pull_through_cache.files.printing import visible

Row = Mapping[str, object]


def print_lines(rows: Iterable[Row], columns: Sequence[str]) -> None:
    """Prints a line for each row, in columns on a terminal; elsewhere tab-separated, each row at once.

    No line is broken, so that names can be copied.
    """
    lines = ([_cell(row, column) for column in columns] for row in rows)
    if not sys.stdout.isatty():
        for line in lines:
            click.echo("\t".join(line))
        return
    shown = list(lines)
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    for line in shown:
        click.echo("  ".join(map(str.ljust, line, widths)).rstrip())


def print_table(rows: Iterable[Row], columns: Sequence[str]) -> None:
    """Prints a table on a terminal, whose cells are broken where they do not fit; elsewhere lines as `print_lines`."""
    if not sys.stdout.isatty():
        print_lines(rows, columns)
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
