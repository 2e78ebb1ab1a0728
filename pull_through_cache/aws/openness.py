"""Who a statement of a resource policy allows in, judged by what identifies the callers.

A statement is public unless it names principals of certain accounts, or a condition identifies the caller's
organization, organizational unit, account or ARN. Statements are JSON in any form that AWS accepts. Only the statement
itself counts: a Deny statement elsewhere in the policy does not make it less open.

"IAM Guide" is the AWS IAM User Guide. Sources: reference_policies_elements_principal.html,
reference_policies_condition-keys.html, reference_policies_elements_condition_operators.html, confused-deputy.html.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

_ACCOUNT = "[0-9]{12}"
_IN_ACCOUNT = re.compile(rf"{_ACCOUNT}|arn:aws[a-z-]*:(iam|sts)::{_ACCOUNT}:.+|A[A-Z0-9]{{15,}}")
_SERVICE = re.compile(r"[a-z0-9.-]+\.amazonaws\.com(\.cn)?")
_READS = re.compile(r"ecr:(batchcheck|batchget|describe|get|list)[a-z*?]*", re.IGNORECASE)
_ORGANIZATION = "o-[a-z0-9]{10,32}"
_IDENTIFYING = {
    "aws:principalorgid": _ORGANIZATION,
    "aws:principalorgpaths": f"{_ORGANIZATION}/.*",
    "aws:principalaccount": _ACCOUNT,
    "aws:principalarn": rf"arn:aws[a-z-]*:(iam|sts)::{_ACCOUNT}:.+",
    "aws:sourceorgid": _ORGANIZATION,
    "aws:sourceorgpaths": f"{_ORGANIZATION}/.*",
    "aws:sourceaccount": _ACCOUNT,
    # With StringLike, `*` matches colons too: arn:aws:logs:*:<account>:* matches a stranger's log group that is named
    # after the account ID. The ARN of a stranger's Lambda function cannot have `:<account>:function:` in it.
    "aws:sourcearn": rf"arn:aws[a-z-]*:([a-z0-9-]+:[a-z0-9-]*|lambda:[a-z0-9*-]*(?=:{_ACCOUNT}:function:)):{_ACCOUNT}:.+",
}
"""Patterns of the values that identify a caller, by context key."""
_ACCOUNT_OF = re.compile(rf"(?:arn:[^:]+:[^:]+:[^:]*:)?({_ACCOUNT})(?::.+)?")
# ArnLike compares each part by itself.
_SOURCE_BY_PARTS = rf"arn:aws[a-z-]*:[a-z0-9*-]+:[a-z0-9*-]*:{_ACCOUNT}:.+"
_FALSE_WITHOUT_THE_KEY = {"stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike"}


def public(statement: Mapping[str, Any]) -> str | None:
    """Why `statement` allows strangers; None if it does not.

    A service principal acts for every account. It counts if the statement allows more than reading: see
    `services_for_everyone`.
    """
    elements = _lowered(statement)
    if str(elements.get("effect")).lower() == "deny":
        return None
    if "notprincipal" in elements:
        return "NotPrincipal allows every principal that it does not name"
    if _identifies(elements.get("condition")):
        return None
    for kind, name in _principals(elements):
        if kind == "service" and _SERVICE.fullmatch(name):
            if not _only_reads(elements):
                return f"{name} acts for every account"
        elif kind != "aws" or not _IN_ACCOUNT.fullmatch(name):
            return "'*' allows every account" if name == "*" else f"{name} is not a principal of one account"
    return None


def services_for_everyone(statement: Mapping[str, Any]) -> list[str]:
    """The service principals that `statement` allows to read for every account.

    Any account can make such a service read here, unless a condition such as aws:SourceAccount restricts the accounts.
    """
    elements = _lowered(statement)
    if str(elements.get("effect")).lower() == "deny" or _identifies(elements.get("condition")):
        return []
    return [name for kind, name in _principals(elements) if kind == "service"]


def allows(statement: Mapping[str, Any], actions: Iterable[str]) -> bool:
    """Whether `statement` allows any of these actions."""
    elements = _lowered(statement)
    if str(elements.get("effect")).lower() == "deny":
        return False
    if "notaction" in elements:
        return True
    patterns = [str(action).lower() for action in _listed(elements.get("action", []))]
    return any(fnmatchcase(action.lower(), pattern) for action in actions for pattern in patterns)


def only_for(statement: Mapping[str, Any], account: str) -> bool:
    """Whether a condition of `statement` restricts its callers to `account`."""
    return any(
        _is_identifying(*test)
        and all((found := _ACCOUNT_OF.fullmatch(each)) and found[1] == account for each in test[2])
        for test in _tests(_lowered(statement).get("condition"))
    )


def _identifies(condition: Any) -> bool:
    """Whether at least one of the conditions identifies the caller. All of them must hold."""
    return any(_is_identifying(*test) for test in _tests(condition))


def _tests(condition: Any) -> Iterator[tuple[str, str, list[str]]]:
    """The conditions of a statement: operator and key, in lowercase, and values."""
    for operator, tests in condition.items() if isinstance(condition, Mapping) else ():
        for key, values in tests.items() if isinstance(tests, Mapping) else ():
            yield operator.lower(), key.lower(), [str(value) for value in _listed(values)]


def _is_identifying(operator: str, key: str, values: list[str]) -> bool:
    name = operator.removeprefix("foranyvalue:")
    if name not in _FALSE_WITHOUT_THE_KEY or (name.startswith("arn") and not key.endswith("arn")):
        return False
    by_parts = key == "aws:sourcearn" and name.startswith("arn")
    pattern = _SOURCE_BY_PARTS if by_parts else _IDENTIFYING.get(key)
    return pattern is not None and bool(values) and all(re.fullmatch(pattern, value) for value in values)


def _principals(elements: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The principals of a statement: type, in lowercase, and name."""
    principal = elements.get("principal", {})
    for kind, names in principal.items() if isinstance(principal, Mapping) else [("aws", principal)]:
        yield from ((kind.lower(), str(name)) for name in _listed(names))


def _only_reads(elements: Mapping[str, Any]) -> bool:
    return "notaction" not in elements and all(
        _READS.fullmatch(str(action)) for action in _listed(elements.get("action", []))
    )


def _lowered(statement: Mapping[str, Any]) -> dict[str, Any]:
    return {key.lower(): value for key, value in statement.items()}


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]
