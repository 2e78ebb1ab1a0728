"""The options that select the registry and its caches."""

import functools
import re
from collections.abc import Callable
from pathlib import Path

import click

from pull_through_cache.deployment import load
from pull_through_cache.deployment.cdktf_json import read_cdktf_json
from pull_through_cache.files.problems import InvalidFile, Problem
from pull_through_cache.images.names import Caches, caches


def _account_id(_context: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    if value is not None and not re.fullmatch("[0-9]{12}", value):
        raise click.BadParameter(f"{value!r} is not an account id; write its 12 digits")
    return value


_OPTIONS = (
    click.option(
        "--deployment",
        "file",
        envvar="DEPLOYMENT",
        show_envvar=True,
        type=click.Path(path_type=Path),
        help="The deployment file. Default: the one in cdktf.json, else deployment.yaml.",
    ),
    click.option("--region", help="Pull from the registry in this Region. Default: the first Region."),
    click.option("--workload", help="Pull from the Region of this workload."),
    click.option("--account-id", callback=_account_id, help="The registry's account, if the file does not have it."),
)


def with_caches(command: Callable[..., None]) -> Callable[..., None]:
    """Gives `command` the deployment's caches as its argument `caches`, by options that it gets here."""

    @functools.wraps(command)
    def run(
        *args: object,
        file: Path | None,
        region: str | None,
        workload: str | None,
        account_id: str | None,
        **rest: object,
    ) -> None:
        command(*args, caches=_caches(file, region, workload, account_id), **rest)

    for option in reversed(_OPTIONS):
        run = option(run)
    return run


def _caches(file: Path | None, region: str | None, workload: str | None, account_id: str | None) -> Caches:
    settings = read_cdktf_json()
    file = file or settings.deployment
    deployment = load(file, modules=settings.modules)
    registry, workloads = deployment.registry, deployment.workloads
    if region and workload:
        raise click.UsageError("--region and --workload exclude each other; use one of the two.")
    if region and region not in registry.regions:
        raise click.UsageError(
            f"--region: the registry is not in {region}; write one of {', '.join(registry.regions)}."
        )
    if workload and workload not in workloads:
        known = f"write one of {', '.join(workloads)}" if workloads else f"{file} has none"
        raise click.UsageError(f"--workload: {workload} does not exist; {known}.")
    if workload:
        region = workloads[workload].region
    account_id = account_id or registry.account_id
    if account_id is None:
        advice = 'is missing; write for example `account_id: "123456789012"`, or give --account-id'
        raise InvalidFile([Problem(file, 0, "registry.account_id", advice)])
    usable = workloads[workload].caches if workload else ()
    return caches(registry, account_id=account_id, region=region or registry.regions[0], usable=usable)
