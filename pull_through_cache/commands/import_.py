"""`import`: writes a deployment file for the caches that exist."""

from pathlib import Path

import click

from pull_through_cache.commands.files import write_whole
from pull_through_cache.commands.tables import report
from pull_through_cache.deployment.cdktf_json import read_cdktf_json
from pull_through_cache.deployment.values.regions import check_region


def _regions(_context: click.Context, _option: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    try:
        return tuple(dict.fromkeys(map(check_region, values)))
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


@click.command("import")
@click.option(
    "--region",
    "regions",
    multiple=True,
    callback=_regions,
    help="Read the registry in this Region. Can be repeated. Default: the Region of the profile or the environment.",
)
@click.option("--profile", help="Read AWS with this profile. Default: the credentials that botocore finds.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write this file.")
@click.option("--force", is_flag=True, help="Replace the file of --output if it exists.")
def import_(regions: tuple[str, ...], profile: str | None, output: Path | None, force: bool) -> None:
    """Write a deployment file for the caches that exist.

    Reads the rules, the templates, the registry policy, and the scanning configuration of an account, and changes nothing in
    AWS. Prints the deployment file, or writes it to --output. Its comments describe what a deployment file cannot have.
    Exit code 1 if there is nothing to import; 2 if AWS cannot be read, or one file cannot describe the registry.
    """
    if output and output.exists() and not force:
        raise click.UsageError(f"--output: {output} exists; write another file, or add --force.")
    from botocore.exceptions import BotoCoreError, ClientError

    from pull_through_cache.check.account import session_of
    from pull_through_cache.importing import Account, CouldNotRun, NothingToImport, deployment_text

    try:
        session = session_of(profile)
        regions = regions or _default(session.get_config_variable("region"))
        text = deployment_text(Account(regions[0], session), regions, read_cdktf_json().modules)
    except NothingToImport as nothing:
        report(f"nothing to import: {nothing}")
        raise click.exceptions.Exit(1) from nothing
    except (BotoCoreError, ClientError, CouldNotRun) as error:
        report(f"could not import: {error}")
        raise click.exceptions.Exit(2) from error
    if output:
        write_whole(output, text.encode())
    else:
        click.echo(text, nl=False)


def _default(region: str | None) -> tuple[str, ...]:
    if region is None:
        raise click.UsageError("--region is missing; write for example `--region eu-central-1`.")
    try:
        return (check_region(region),)
    except ValueError as error:
        raise click.UsageError(f"the default Region: {error}.") from error
