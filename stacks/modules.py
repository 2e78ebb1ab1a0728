"""Where the community modules come from. Their versions stand in cdktf.json, where `cdktf get` reads them too."""

from typing import NamedTuple


class ModuleSource(NamedTuple):
    """A module of a Terraform registry and the constraint on its version."""

    source: str
    version: str
