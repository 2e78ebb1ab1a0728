"""Conditions of IAM policies.

Source: IAM User Guide, reference_policies_elements_condition_operators.html, and for conditions on keys with several
values reference_policies_condition-single-vs-multi-valued-context-keys.html.
"""

import ipaddress
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from operator import eq, ge, gt, le, lt
from typing import Any

from emulator.patterns import Context, arn_matches, matches

Comparison = Callable[[str, str, Context], bool]


def conditions_hold(conditions: Mapping[str, Mapping[str, Any]], context: Context) -> bool:
    """Whether all of a statement's conditions are true for a request with these context keys.

    Raises ValueError for an operator that IAM does not document.
    """
    keys = {key.lower(): values for key, values in context.items()}
    return all(
        _holds(operator, [_text(each) for each in listed(wanted)], keys.get(key.lower()) or None, keys)
        for operator, comparisons in conditions.items()
        for key, wanted in comparisons.items()
    )


def check_operator(operator: str) -> None:
    """Raise ValueError unless IAM documents the operator."""
    quantifier, name, _ = _parts(operator)
    known = name in _COMPARISONS or name in _NEGATED or operator == "Null"
    if quantifier not in ("", "ForAllValues", "ForAnyValue") or not known:
        raise ValueError(f"the condition operator {operator} does not exist")


def listed(value: Any) -> list[Any]:
    """The value as a list: in policies, a list of one may be written without brackets."""
    return value if isinstance(value, list) else [value]


def _holds(operator: str, wanted: Sequence[str], values: Sequence[str] | None, context: Context) -> bool:
    check_operator(operator)
    quantifier, name, if_exists = _parts(operator)
    if operator == "Null":
        return str(values is None).lower() in [each.lower() for each in wanted]
    negated = name in _NEGATED
    if values is None:
        return if_exists or quantifier == "ForAllValues" or (negated and not quantifier)
    compare = _COMPARISONS[_NEGATED.get(name, name)]
    results = [any(compare(value, each, context) for each in wanted) != negated for value in values]
    # IAM documents a set operator for a key with several values. Without one, a negated operator must hold for all.
    return all(results) if quantifier == "ForAllValues" or (negated and not quantifier) else any(results)


def _parts(operator: str) -> tuple[str, str, bool]:
    """The set operator, the operator itself, and whether it ends with IfExists."""
    quantifier, _, name = operator.rpartition(":")
    return quantifier, name.removesuffix("IfExists"), name.endswith("IfExists")


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _parsed(parse: Callable[[str], Any], compare: Callable[[Any, Any], bool]) -> Comparison:
    """A comparison of values that `parse` reads. A value that it cannot read does not match."""

    def comparison(value: str, wanted: str, _: Context) -> bool:
        try:
            return compare(parse(value), parse(wanted))
        except ValueError:
            return False

    return comparison


def _date(text: str) -> datetime:
    """W3C's ISO 8601, or seconds since 1970."""
    if text.isdecimal():
        return datetime.fromtimestamp(int(text), UTC)
    date = datetime.fromisoformat(text)
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def _in_network(address: str, network: str, _: Context) -> bool:
    try:
        return ipaddress.ip_address(address) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False


def _ordered(prefix: str, parse: Callable[[str], Any]) -> dict[str, Comparison]:
    names = {"Equals": eq, "LessThan": lt, "LessThanEquals": le, "GreaterThan": gt, "GreaterThanEquals": ge}
    return {f"{prefix}{name}": _parsed(parse, compare) for name, compare in names.items()}


_COMPARISONS: dict[str, Comparison] = {
    "StringEquals": lambda value, wanted, context: matches(value, wanted, context, wildcards=False),
    "StringEqualsIgnoreCase": lambda value, wanted, context: matches(
        value, wanted, context, wildcards=False, ignore_case=True
    ),
    "StringLike": matches,
    **_ordered("Numeric", float),
    **_ordered("Date", _date),
    "Bool": _parsed(str.lower, eq),
    "BinaryEquals": _parsed(str, eq),
    "IpAddress": _in_network,
    "ArnEquals": arn_matches,
    "ArnLike": arn_matches,
}
_NEGATED = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
    "NotIpAddress": "IpAddress",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
}
