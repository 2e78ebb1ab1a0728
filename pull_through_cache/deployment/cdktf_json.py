"""Reads cdktf.json: the default deployment file, and the versions of the Terraform modules."""

import json
from pathlib import Path
from typing import NamedTuple

from pull_through_cache.deployment.modules import DEFAULT_MODULES, Modules, ModuleSource

PATH = Path(__file__).parents[2] / "cdktf.json"


class CdktfJson(NamedTuple):
    """The part of cdktf.json that this project uses."""

    deployment: Path
    modules: Modules


def read_cdktf_json(path: Path = PATH) -> CdktfJson:
    """The content of the cdktf.json at `path`; defaults if there is no such file."""
    if not path.exists():
        return CdktfJson(Path("deployments/blog-post.yaml"), DEFAULT_MODULES)
    settings = json.loads(path.read_text(encoding="utf-8"))
    modules = {
        module["name"]: ModuleSource(module["source"], module["version"]) for module in settings["terraformModules"]
    }
    return CdktfJson(path.parent / settings["context"]["deployment"], modules)
