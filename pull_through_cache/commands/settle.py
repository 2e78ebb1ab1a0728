"""`settle`: existing repositories get the settings of their templates."""

import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pull_through_cache.aws.prefixes import ROOT
from pull_through_cache.commands.progress import shown
from pull_through_cache.commands.tables import print_lines, report
from pull_through_cache.deployment import load
from pull_through_cache.deployment.cdktf_json import read_cdktf_json
from pull_through_cache.files.printing import visible

if TYPE_CHECKING:
    from pull_through_cache.check import Account
    from pull_through_cache.check.settling import Change

SETTINGS = ("policy", "lifecycle", "tags", "mutability")
_COLUMNS = ("region", "repository", "setting", "now", "change")
_OF_ROOT = "nothing distinguishes the repositories of a cache with the prefix ROOT from other repositories"
_LIFECYCLE = "ECR then expires images by new lifecycle policies."


def _only(_context: click.Context, _option: click.Parameter, value: str | None) -> tuple[str, ...]:
    names = tuple(value.split(",")) if value is not None else SETTINGS
    for name in names:
        if name not in SETTINGS:
            raise click.BadParameter(f"{name!r} is not a setting; write some of {','.join(SETTINGS)}")
    return names


@click.command()
@click.argument("file", required=False, envvar="DEPLOYMENT", type=click.Path(path_type=Path))
@click.option("--apply", "applies", is_flag=True, help="Make the changes. Default: print them.")
@click.option("--yes", is_flag=True, help="Do not ask before the changes are made. For pipelines.")
@click.option("--only", callback=_only, metavar="SETTINGS", help=f"Some of {','.join(SETTINGS)}. Default: all.")
@click.option("--prefix", help="Only the repositories of the cache with this prefix.")
def settle(file: Path | None, applies: bool, yes: bool, only: tuple[str, ...], prefix: str | None) -> None:
    """Give existing repositories the settings of their templates.

    Templates shape only repositories that are created later. Prints what differs in the repositories under the prefixes of
    the deployment FILE. Changes it with --apply. Never changes images, encryption, or other repositories. Exit code 1 if
    there is something to change, or a change failed; 2 if AWS cannot be read.

    Default FILE: `DEPLOYMENT` of the environment, else the one in cdktf.json, else deployment.yaml.
    """
    settings = read_cdktf_json()
    file = file or settings.deployment
    registry = load(file, modules=settings.modules).registry
    if prefix is not None and prefix not in registry.prefixes:
        raise click.UsageError(f"--prefix: no cache has {prefix!r}; write one of {', '.join(registry.prefixes)}.")
    if prefix == ROOT:
        raise click.UsageError(f"--prefix: {_OF_ROOT}.")
    if applies and registry.known_account_id is None:
        raise click.UsageError(f"--apply: {file} does not name its account; write `account_id` under `registry`.")
    if applies and not yes and not sys.stdin.isatty():
        raise click.UsageError("--apply: there is no terminal to ask for confirmation; add --yes.")
    from botocore.exceptions import BotoCoreError, ClientError

    from pull_through_cache.check import Account, CouldNotRun
    from pull_through_cache.check.settling import plan

    try:
        account = Account(registry.regions[0])
        found = plan(registry, account, only, prefix, watch=shown)
    except (BotoCoreError, ClientError, CouldNotRun) as error:
        report(f"{file}: could not be compared with AWS: {error}")
        raise click.exceptions.Exit(2) from error
    for finding in found.blocked:
        report(f"{finding.where}: repositories left out: {finding.cause}; {finding.remedy}")
    if ROOT in registry.prefixes and prefix is None:
        report(f"repositories left out: {_OF_ROOT}")
    if not found.changes:
        click.echo(visible(f"{file}: nothing to change"))
    else:
        print_lines(map(vars, found.changes), _COLUMNS)
    failed = applies and bool(found.changes) and _apply(found.changes, account, ask=not yes)
    if found.blocked or failed or (found.changes and not applies):
        raise click.exceptions.Exit(1)


def _apply(changes: list["Change"], account: "Account", *, ask: bool) -> bool:
    """Make the changes, and print what came of them. Returns whether any failed."""
    from pull_through_cache.check.settling import apply

    if ask:
        click.confirm(f"Make these {len(changes):,} changes? {_LIFECYCLE}", abort=True, err=True)
    counts: Counter[str] = Counter()
    for outcome in shown(apply(changes, account), total=len(changes), what="changes"):
        counts[outcome.state] += 1
        if outcome.state == "failed":
            change = outcome.change
            report(f"{change.region}, {change.repository}: {change.setting}: failed: {outcome.message}")
    report(", ".join(f"{count:,} {state}" for state, count in sorted(counts.items())))
    return "failed" in counts
