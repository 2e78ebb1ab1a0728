"""Condition operators of IAM policies.

Source: AWS IAM User Guide, reference_policies_elements_condition_operators.html,
reference_policies_condition-single-vs-multi-valued-context-keys.html and access-analyzer-reference-policy-checks.html
("Invalid condition data type").
"""

import re
from contextlib import suppress
from ipaddress import ip_network

OPERATORS = (
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
    "DateEquals",
    "DateNotEquals",
    "DateLessThan",
    "DateLessThanEquals",
    "DateGreaterThan",
    "DateGreaterThanEquals",
    "Bool",
    "BinaryEquals",
    "IpAddress",
    "NotIpAddress",
    "ArnEquals",
    "ArnLike",
    "ArnNotEquals",
    "ArnNotLike",
    "Null",
)
"""Every operator, without the prefixes and the suffix that it can have."""

_KNOWN = {operator.lower() for operator in OPERATORS}

_DATE = (
    r"[0-9]{4}(-[0-9]{2}(-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?(Z|[+-][0-9]{2}:?[0-9]{2}))?)?)?|[0-9]+"
)
_VALUES = {
    "bool": ("(?i:true|false)", "true or false"),
    "null": ("(?i:true|false)", "true or false"),
    "numeric": (r"[+-]?[0-9]+([.][0-9]+)?", "a number"),
    "date": (_DATE, "a date such as 2030-01-31T00:00:00Z"),
}
"""The pattern of an operator's values, and its description, by the beginning of the operator."""


def needed_value(operator: str, value: str) -> str | None:
    """What to write instead of `value` for `operator`, which exists; None if the value fits."""
    name = operator.lower().rpartition(":")[2]
    if "ipaddress" in name:
        with suppress(ValueError):
            ip_network(value, strict=False)
            return None
        return "an IP address or range such as 203.0.113.0/24"
    for kind, (pattern, description) in _VALUES.items():
        if name.startswith(kind) and not re.fullmatch(pattern, value):
            return description
    return None


def is_operator(text: str) -> bool:
    """Whether AWS accepts `text` as the operator of a condition, in any case."""
    quantifier, _, operator = text.lower().rpartition(":")
    if quantifier not in ("", "foranyvalue", "forallvalues") or text.startswith(":"):
        return False
    return operator == "null" or operator.removesuffix("ifexists") in _KNOWN - {"null"}
