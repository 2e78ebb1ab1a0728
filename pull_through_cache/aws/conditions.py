"""Condition operators of IAM policies.

Source: AWS IAM User Guide, reference_policies_elements_condition_operators.html and
reference_policies_condition-single-vs-multi-valued-context-keys.html.
"""

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


def is_operator(text: str) -> bool:
    """Whether AWS accepts `text` as the operator of a condition, in any case."""
    quantifier, _, operator = text.lower().rpartition(":")
    if quantifier not in ("", "foranyvalue", "forallvalues") or text.startswith(":"):
        return False
    return operator == "null" or operator.removesuffix("ifexists") in _KNOWN - {"null"}
