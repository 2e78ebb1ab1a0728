"""Statements of policies that exist in AWS, read into this project's own form."""

from collections.abc import Mapping
from typing import Any

from pull_through_cache.aws.statements import Condition, Statement
from pull_through_cache.check.grants import Document, listed


def statement_of(document: Document) -> Statement | None:
    """A statement of a resource policy; None if it uses NotAction, NotResource or NotPrincipal.

    - `document`: as `grants.statements_of` returns it.
    """
    if any(name.startswith("Not") for name in document):
        return None
    principal = document.get("Principal", {})
    principals: Mapping[str, Any] = principal if isinstance(principal, Mapping) else {"AWS": principal}
    return Statement(
        sid=str(document.get("Sid", "")),
        effect=document["Effect"],
        actions=_texts(document["Action"]),
        resources=_texts(document.get("Resource", [])),
        principals={kind: _texts(names) for kind, names in principals.items()},
        conditions=tuple(
            Condition(test, variable, _texts(values))
            for test, tests in document.get("Condition", {}).items()
            for variable, values in tests.items()
        ),
    )


def written(statement: Statement) -> dict[str, Any]:
    """A statement as a deployment file has it, without defaults."""
    conditions = [
        {"test": each.test, "variable": each.variable, "values": list(each.values)} for each in statement.conditions
    ]
    keys = {
        "sid": statement.sid,
        "effect": "" if statement.effect == "Allow" else statement.effect,
        "actions": list(statement.actions),
        "resources": list(statement.resources),
        "conditions": conditions,
        "principals": {kind: list(names) for kind, names in statement.principals.items()},
    }
    return {key: value for key, value in keys.items() if value}


def _texts(value: Any) -> tuple[str, ...]:
    """JSON may have a boolean or a number as the value of a condition; IAM compares text."""
    return tuple(each if isinstance(each, str) else str(each).lower() for each in listed(value))
