"""Writes data as YAML that YAML 1.1 and 1.2 read in the same way."""

import re
from collections.abc import Mapping
from typing import Any

import yaml

from pull_through_cache.files.yaml_text import KINDS, PREFIX


class _Dumper(yaml.SafeDumper):  # type: ignore[misc]
    """Writes no anchors, and quotes text that either version takes for something else."""

    def ignore_aliases(self, _data: object) -> bool:
        return True


for _kind, _form in KINDS.items():
    _Dumper.add_implicit_resolver(PREFIX + _kind, re.compile(rf"(?:{_form})\Z"), None)


def yaml_of(data: Mapping[str, Any], *, short: bool = False) -> str:
    """`data` as YAML, with its keys in their order. Text that is not ASCII is escaped.

    - `short`: whether lists and mappings of plain values are on one line.
    """
    text: str = yaml.dump(
        data, Dumper=_Dumper, sort_keys=False, width=1_000, default_flow_style=None if short else False
    )
    return text
