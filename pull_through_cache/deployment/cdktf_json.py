"""Reads cdktf.json: the default deployment file, and the versions of the Terraform modules."""

import json
from pathlib import Path
from typing import NamedTuple

from pull_through_cache.deployment.modules import DEFAULT_MODULES, Modules, ModuleSource

PATH = Path(__file__).parents[2] / "cdktf.json"
"""Beside the package, in a checkout of this project."""


class CdktfJson(NamedTuple):
    """The part of cdktf.json that this project uses."""

    deployment: Path
    modules: Modules


def read_cdktf_json(path: Path = PATH) -> CdktfJson:
    """The content of the cdktf.json at `path`. An installed package has none: then deployment.yaml in the current folder."""
    if not path.exists():
        return CdktfJson(Path("deployment.yaml"), DEFAULT_MODULES)
    settings = json.loads(path.read_text(encoding="utf-8"))
    modules = {
        module["name"]: ModuleSource(module["source"], module["version"]) for module in settings["terraformModules"]
    }
    file = path.parent / settings["context"]["deployment"]
    return CdktfJson(file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file, modules)
