"""`picture`: a deployment as a diagram."""

from pathlib import Path

import click

from pull_through_cache.deployment import load
from pull_through_cache.deployment.cdktf_json import read_cdktf_json
from pull_through_cache.diagram.mermaid import mermaid
from pull_through_cache.diagram.svg import svg


@click.command()
@click.argument("file", required=False, envvar="DEPLOYMENT", type=click.Path(path_type=Path))
@click.option("--mermaid", "as_mermaid", is_flag=True, help="Print the text of a Mermaid flowchart.")
def picture(file: Path | None, as_mermaid: bool) -> None:
    """Draw the deployment FILE as a diagram, in SVG.

    The diagram shows accounts, Regions, upstream registries, caches, and who may pull, by which policies.

    Default FILE: `DEPLOYMENT` of the environment, else the one in cdktf.json, else deployment.yaml.
    """
    settings = read_cdktf_json()
    deployment = load(file or settings.deployment, modules=settings.modules)
    click.echo(mermaid(deployment) if as_mermaid else svg(deployment), nl=False)
