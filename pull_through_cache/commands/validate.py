"""`validate`: what is wrong with a deployment file."""

from pathlib import Path

import click

from pull_through_cache.commands.tables import print_json
from pull_through_cache.deployment import read
from pull_through_cache.deployment.cdktf_json import read_cdktf_json
from pull_through_cache.files.printing import visible
from pull_through_cache.files.problems import InvalidFile, Problem


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--strict", is_flag=True, help="Warnings are errors.")
@click.option("--json", "as_json", is_flag=True, help="Print a list of what was found.")
def validate(file: Path, strict: bool, as_json: bool) -> None:
    """Print every error and warning of the deployment FILE.

    Exit code 2 if there are errors.
    """
    modules = read_cdktf_json().modules
    if not as_json:
        warnings = read(file, strict=strict, modules=modules)[1]
        click.echo("".join(f"{warning}\n" for warning in warnings), err=True, nl=False)
        click.echo(visible(f"{file}: no errors"))
        return
    try:
        print_json(_record(warning) for warning in read(file, strict=strict, modules=modules)[1])
    except InvalidFile as error:
        print_json(map(_record, error.problems))
        raise click.exceptions.Exit(2) from error


def _record(problem: Problem) -> dict[str, object]:
    return {**vars(problem), "file": str(problem.file)}
