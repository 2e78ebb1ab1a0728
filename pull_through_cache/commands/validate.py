"""`validate`: reports mistakes in a deployment file."""

from pathlib import Path

import click

from pull_through_cache.commands.tables import print_json
from pull_through_cache.deployment import read
from pull_through_cache.deployment.cdktf_json import read_cdktf_json
from pull_through_cache.files.printing import visible
from pull_through_cache.files.problems import InvalidFile, Problem


@click.command()
@click.argument("file", required=False, envvar="DEPLOYMENT", type=click.Path(path_type=Path))
@click.option("--strict", is_flag=True, help="Warnings are errors.")
@click.option("--json", "as_json", is_flag=True, help="Print a list of errors and warnings.")
def validate(file: Path | None, strict: bool, as_json: bool) -> None:
    """Print the errors and warnings of the deployment FILE.

    Exit code 2 if there are errors.

    Default FILE: `DEPLOYMENT` of the environment, else the one in cdktf.json, else deployment.yaml.
    """
    settings = read_cdktf_json()
    file = file or settings.deployment
    try:
        warnings = read(file, strict=strict, modules=settings.modules)[1]
    except InvalidFile as error:
        if not as_json:
            raise
        print_json(_record(problem, "error") for problem in error.problems)
        raise click.exceptions.Exit(2) from error
    if as_json:
        print_json(_record(warning, "warning") for warning in warnings)
    else:
        click.echo("".join(f"{warning}\n" for warning in warnings), err=True, nl=False)
        click.echo(visible(f"{file}: no errors"))


def _record(problem: Problem, severity: str) -> dict[str, object]:
    return {**vars(problem), "file": str(problem.file), "severity": severity}
