"""YAML text, as libyaml reads it."""

import re
from typing import Any, ClassVar

from yaml.composer import Composer
from yaml.constructor import SafeConstructor
from yaml.cyaml import CParser
from yaml.error import MarkedYAMLError
from yaml.nodes import ScalarNode
from yaml.reader import ReaderError
from yaml.resolver import Resolver

PREFIX = "tag:yaml.org,2002:"
# What a scalar without quotes can be instead of text: https://yaml.org/spec/1.2.2/#103-core-schema, and merge keys.
KINDS = {
    "null": "~|null|Null|NULL|",
    "bool": "true|True|TRUE|false|False|FALSE",
    "int": "[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+",
    "float": r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
    "merge": "<<",
}
# What libyaml reports of a tab, among others.
_NOTHING_BEGINS_SO = "found character that cannot start any token"
TAGS = {PREFIX + kind for kind in ("map", "seq", "str", *KINDS)}


# PyYAML has no types.
class Loader(Composer, CParser, SafeConstructor, Resolver):  # type: ignore[misc]
    """Nodes, and plain data, of one YAML 1.2 document: `no` and `2024-01-01` are text.

    Nodes are composed in Python: very deep nesting crashes the composer in C. Raises YAMLError, which `flaw` describes,
    RecursionError, and ValueError or LookupError for scalars that do not match their tags.
    """

    yaml_implicit_resolvers: ClassVar[dict[str | None, Any]] = {}

    def __init__(self, text: str) -> None:
        CParser.__init__(self, text)
        Composer.__init__(self)
        SafeConstructor.__init__(self)
        Resolver.__init__(self)

    def construct_yaml_int(self, node: ScalarNode) -> int:
        value = self.construct_scalar(node)
        return int(value, {"0o": 8, "0x": 16}.get(value[:2], 10))


for _kind, _form in KINDS.items():
    Loader.add_implicit_resolver(PREFIX + _kind, re.compile(rf"(?:{_form})\Z"), None)
Loader.add_constructor(f"{PREFIX}int", Loader.construct_yaml_int)
Loader.add_constructor(f"{PREFIX}merge", Loader.construct_yaml_str)  # if it is not a key


def flaw(error: Exception, text: str) -> tuple[int, str]:
    """The line of the error in `text`, counted from 1, or 0 if unknown, and a description."""
    if isinstance(error, MarkedYAMLError):
        is_key = error.context == "while scanning a simple key"  # libyaml reports where it ends
        mark = error.context_mark if is_key else error.problem_mark
        if (
            mark
            and error.problem == _NOTHING_BEGINS_SO
            and text.splitlines()[mark.line][mark.column :].startswith("\t")
        ):
            return mark.line + 1, "has a tab character where YAML allows only spaces"
        return mark.line + 1 if mark else 0, error.problem or str(error)
    if isinstance(error, ReaderError):
        return text.encode()[: error.position].count(b"\n") + 1, f"has the character #x{error.character:02x}"
    return 0, str(error)
