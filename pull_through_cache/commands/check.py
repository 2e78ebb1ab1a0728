"""`check`: compares AWS with the deployment."""

from pathlib import Path

import click

from pull_through_cache.commands.progress import shown
from pull_through_cache.commands.tables import print_json, print_table, report
from pull_through_cache.deployment import load
from pull_through_cache.deployment.cdktf_json import read_cdktf_json
from pull_through_cache.files.printing import visible


@click.command()
@click.argument("file", required=False, envvar="DEPLOYMENT", type=click.Path(path_type=Path))
@click.option("--strict", is_flag=True, help="Exit code 1 also if something could not be checked.")
@click.option("--json", "as_json", is_flag=True, help="Print a list of findings and of what could not be checked.")
def check(file: Path | None, strict: bool, as_json: bool) -> None:
    """Compare AWS with the deployment FILE.

    Checks the registry and the node roles. Reads AWS with the credentials that botocore finds, which must be of the
    registry's account, and changes nothing there. Prints for each finding where, why, and what to do. Standard error has
    what could not be checked, and YAML to paste into FILE. Exit code 1 if there are findings, 2 if AWS cannot be read.

    Default FILE: `DEPLOYMENT` of the environment, else the one in cdktf.json, else deployment.yaml.
    """
    settings = read_cdktf_json()
    file = file or settings.deployment
    deployment = load(file, modules=settings.modules)
    from botocore.exceptions import BotoCoreError, ClientError

    from pull_through_cache.check import Account, CouldNotRun, grouped
    from pull_through_cache.check import check as findings_of

    try:
        found = list(findings_of(deployment, Account(deployment.registry.regions[0]), shown))
    except (BotoCoreError, ClientError, CouldNotRun) as error:
        report(f"{file}: could not be checked: {error}")
        raise click.exceptions.Exit(2) from error
    wrong = [vars(finding) for finding in grouped(found) if finding.state == "wrong"]
    if as_json:
        print_json(finding.row() for finding in found)
    elif wrong:
        print_table(wrong, ("where", "cause", "remedy"))
    else:
        click.echo(visible(f"{file}: no findings"))
    for paste in dict.fromkeys(finding.paste for finding in found if finding.paste):
        for line in ("", "# Under `registry:`", *paste.splitlines()):
            report(line)
    for finding in found:
        if finding.state == "unchecked":
            report(f"{finding.where}: not checked: {finding.cause}; {finding.remedy}")
    if wrong or (strict and found):
        raise click.exceptions.Exit(1)
