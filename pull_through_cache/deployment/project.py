"""What cdktf.json says: the default deployment, and where the community modules come from."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

SETTINGS = Path(__file__).parents[2] / "cdktf.json"


class ModuleSource(NamedTuple):
    """A module of a Terraform registry and the constraint on its version."""

    source: str
    version: str

    def is_at_least(self, major: int, minor: int) -> bool:
        """Whether the lowest version that the constraint allows is this one or later."""
        lowest = re.search(r"(?:^|,)\s*(?:=|~>|>=|>)?\s*(\d+)(?:\.(\d+))?", self.version)
        return lowest is not None and (int(lowest[1]), int(lowest[2] or 0)) >= (major, minor)


class Project(NamedTuple):
    """The settings of this project. `modules` are by the names they have in cdktf.json."""

    deployment: Path
    modules: Mapping[str, ModuleSource]


def project() -> Project:
    """What cdktf.json says, where `cdktf get` reads the modules too."""
    settings = json.loads(SETTINGS.read_text(encoding="utf-8"))
    modules = {
        module["name"]: ModuleSource(module["source"], module["version"]) for module in settings["terraformModules"]
    }
    return Project(SETTINGS.parent / settings["context"]["deployment"], modules)
