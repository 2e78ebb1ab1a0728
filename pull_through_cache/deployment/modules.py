"""The Terraform modules that the stacks use, and what their versions accept."""

import re
from collections.abc import Mapping
from typing import NamedTuple


class ModuleSource(NamedTuple):
    """A module of a Terraform registry and the constraint on its version."""

    source: str
    version: str

    def is_at_least(self, major: int, minor: int) -> bool:
        """Whether the lowest version that the constraint allows is this one or later."""
        lowest = re.search(r"(?:^|,)\s*(?:=|~>|>=|>)?\s*(\d+)(?:\.(\d+))?", self.version)
        return lowest is not None and (int(lowest[1]), int(lowest[2] or 0)) >= (major, minor)


Modules = Mapping[str, ModuleSource]
"""The modules, by their names in cdktf.json."""

DEFAULT_MODULES: Modules = {
    "secrets_manager": ModuleSource("terraform-aws-modules/secrets-manager/aws", "~> 1.0"),
    "ecr_repository_template": ModuleSource("terraform-aws-modules/ecr/aws//modules/repository-template", "~> 2.3.0"),
}
"""The modules to use if cdktf.json names no others."""
