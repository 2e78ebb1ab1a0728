"""Whether policies grant what they must, whatever their syntax.

A wider grant counts too. Other statements do not matter unless they deny what is needed. Session policies, service
control policies, and policy variables are not checked. "IAM Guide" is the AWS IAM User Guide.
Source: IAM Guide, reference_policies_evaluation-logic.html and reference_policies_elements_condition_operators.html.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any, NamedTuple

from pull_through_cache.aws.statements import Condition, Statement

Document = Mapping[str, Any]
"""A policy as JSON."""
_ELEMENTS = "Sid Effect Principal NotPrincipal Action NotAction Resource NotResource Condition".split()
Test = tuple[str, str, tuple[str, ...]]


class _Request(NamedTuple):
    """One action of one principal on one resource, under conditions that hold."""

    action: str
    resource: str
    kind: str
    principal: str
    conditions: tuple[Test, ...]


def statements_of(document: Document) -> list[Document]:
    """The statements of a policy, with the names of their elements as AWS documents them, in whatever case they are."""
    found = {key.lower(): value for key, value in document.items()}.get("statement", [])
    names = {name.lower(): name for name in _ELEMENTS}
    return [{names.get(key.lower(), key): value for key, value in each.items()} for each in listed(found)]


def lacking(documents: Iterable[Document], statement: Statement) -> str:
    """What the policies of one principal or resource lack of `statement`, in words; empty if they have it all."""
    statements = [each for document in documents for each in statements_of(document)]
    missing: dict[str, list[str]] = {}
    for request in _requests(statement):
        if not _decided(statements, request, statement.effect):
            actions = missing.setdefault(request.resource, [])
            actions += [request.action] if request.action not in actions else []
    same: dict[str, list[str]] = {}
    for resource, actions in missing.items():
        same.setdefault(", ".join(actions), []).append(resource)
    everywhere = not statement.resources
    return "; ".join(text if everywhere else f"{text} on {', '.join(on)}" for text, on in same.items())


def _requests(statement: Statement) -> Iterator[_Request]:
    kinds = {"*": "AWS"}
    named = [(kinds.get(kind, kind), name) for kind, names in statement.principals.items() for name in names]
    tests = [list(_tests(condition)) for condition in statement.conditions]
    everything = product(statement.actions, statement.resources or ("*",), named or [("", "")], product(*tests))
    for action, resource, (kind, name), conditions in everything:
        yield _Request(action, resource, kind, name, conditions)


def _tests(condition: Condition) -> Iterator[Test]:
    """One of several values has to match, so each is a condition of its own. A negation applies to all values."""
    together = [condition.values] if "not" in condition.test.lower() else [(value,) for value in condition.values]
    for values in together:
        yield condition.test, condition.variable, values


def _decided(statements: Sequence[Document], request: _Request, effect: str) -> bool:
    effects = {each["Effect"] for each in statements if _covers(each, request)}
    return effect in effects and (effect == "Deny" or "Deny" not in effects)


def _covers(statement: Document, request: _Request) -> bool:
    """Whether a statement covers the whole request."""
    return (
        _selects(statement, "Action", request.action, re.IGNORECASE)
        and _selects(statement, "Resource", request.resource)
        and (not request.kind or _names(statement, request.kind, request.principal))
        and all(
            any(_holds(test, key, [str(value) for value in listed(values)], known) for known in request.conditions)
            for test, keys in statement.get("Condition", {}).items()
            for key, values in keys.items()
        )
    )


def _selects(statement: Document, element: str, value: str, flags: int = 0) -> bool:
    """`Action` or `NotAction`, `Resource` or `NotResource`; a repository policy has no resource."""
    if f"Not{element}" in statement:
        return not any(_like(value, each, flags) for each in listed(statement[f"Not{element}"]))
    return any(_like(value, each, flags) for each in listed(statement.get(element, "*")))


def _names(statement: Document, kind: str, name: str) -> bool:
    if "NotPrincipal" in statement:
        return not _names({"Principal": statement["NotPrincipal"]}, kind, name)
    principal = statement.get("Principal", {})
    names = listed({"AWS": "*"}.get(kind, []) if principal == "*" else principal.get(kind, []))
    account = name.split(":")[4] if name.startswith("arn:") else name
    # An account, by its id or as its root, means the principals in it that its own policies allow.
    return bool({"*", name, *((account, f"arn:aws:iam::{account}:root") if kind == "AWS" else ())} & set(names))


def _holds(test: str, key: str, wanted: Sequence[str], known: Test) -> bool:
    """Whether a condition of a statement holds whenever the `known` one does."""
    known_test, variable, values = known
    if key.lower() != variable.lower():
        return False
    if test.lower() not in {known_test.lower(), known_test.lower().replace("equals", "like")}:
        return False
    if "not" in test.lower():
        return set(wanted) <= set(values)
    if test.lower().endswith("like"):
        return all(any(_like(value, each) for each in wanted) for value in values)
    return set(values) <= set(wanted)


def _like(value: str, pattern: str, flags: int = 0) -> bool:
    """A `*` in `value` is only matched by a `*`: patterns are compared as sets."""
    regex = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "[^*]")
    return re.fullmatch(regex, value, flags) is not None


def listed(value: Any) -> list[Any]:
    """The values of an element, which may be one value alone."""
    return value if isinstance(value, list) else [value]
