"""Wildcards and variables in the strings of IAM policies.

Source: IAM User Guide, reference_policies_elements_resource.html and reference_policies_variables.html.
"""

import re
from collections.abc import Mapping, Sequence

Context = Mapping[str, Sequence[str]]
"""The context keys of a request, in lower case where `conditions` has read them, with their values."""

_TOKEN = re.compile(r"\$\{(?P<variable>[^}]+)\}|(?P<wildcard>[*?])")


def matches(
    value: str, pattern: str, context: Context | None = None, *, wildcards: bool = True, ignore_case: bool = False
) -> bool:
    """Whether the value matches a pattern with ``*``, ``?`` and variables such as ``${aws:PrincipalAccount}``.

    A variable without a value matches nothing, unless it has a default: ``${aws:PrincipalTag/team, 'none'}``.
    """
    regex, end = "", 0
    for token in _TOKEN.finditer(pattern):
        regex += re.escape(pattern[end : token.start()])
        end = token.end()
        if token["variable"]:
            replacement = _variable(token["variable"], context or {})
            if replacement is None:
                return False
            regex += re.escape(replacement)
        else:
            regex += {"*": ".*", "?": "."}[token["wildcard"]] if wildcards else re.escape(token["wildcard"])
    flags = re.DOTALL | (re.IGNORECASE if ignore_case else 0)
    return re.fullmatch(regex + re.escape(pattern[end:]), value, flags) is not None


def arn_matches(value: str, pattern: str, context: Context | None = None) -> bool:
    """Whether each of the six parts of the ARN matches: a wildcard does not match across a colon."""
    parts, patterns = value.split(":", 5), _split(pattern)
    return len(parts) == len(patterns) == 6 and all(
        matches(part, each, context) for part, each in zip(parts, patterns, strict=True)
    )


def resource_matches(value: str, pattern: str, context: Context | None = None) -> bool:
    """Whether a statement's Resource matches this one. Parts missing at the end of an ARN match everything."""
    if "*" in (pattern, value):
        return pattern == "*"
    missing = 6 - len(_split(pattern))
    return arn_matches(value, pattern + ":*" * missing, context)


def _split(pattern: str) -> list[str]:
    """The parts of an ARN. Variables in it can contain colons."""
    variables: list[str] = []

    def keep(token: re.Match[str]) -> str:
        variables.append(token[0])
        return f"\0{len(variables) - 1}\0"

    parts = re.sub(r"\$\{[^}]+\}", keep, pattern).split(":", 5)
    return [re.sub(r"\0(\d+)\0", lambda token: variables[int(token[1])], part) for part in parts]


def _variable(text: str, context: Context) -> str | None:
    if text in ("*", "?", "$"):
        return text
    key, _, default = text.partition(",")
    values = {name.lower(): values for name, values in context.items()}.get(key.strip().lower(), ())
    if len(values) == 1:
        return values[0]
    return default.strip().strip("'") if default else None
