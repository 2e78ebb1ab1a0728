"""Statements of IAM policies, as this project writes, compares and counts them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True)
class Condition:
    """One condition of a statement: the operator `test`, a context key, and values. One of the values must match."""

    test: str
    variable: str
    values: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement of a policy.

    - `principals`: names by type, for example `{"AWS": ("*",)}`. Empty in an identity policy. `{"*": ("*",)}` means the
      same, and is another text in JSON, which Terraform reports as a difference.
    - `resources`: ARNs. Empty in a repository policy, which applies to its repository.
    - `conditions`: all of them must hold.
    """

    actions: tuple[str, ...]
    resources: tuple[str, ...] = ()
    principals: Mapping[Any, tuple[str, ...]] = field(default_factory=dict)
    conditions: tuple[Condition, ...] = ()
    effect: Literal["Allow", "Deny"] = "Allow"
    sid: str = ""

    def document(self) -> dict[str, Any]:
        """The statement in the JSON of a policy, as Terraform writes it."""
        document: dict[str, Any] = {"Effect": self.effect, "Action": _one_or_all(self.actions)}
        if self.sid:
            document["Sid"] = self.sid
        if "*" in self.principals:
            document["Principal"] = "*"
        elif self.principals:
            document["Principal"] = {kind: _one_or_all(names) for kind, names in self.principals.items()}
        if self.resources:
            document["Resource"] = _one_or_all(self.resources)
        if self.conditions:
            tests: dict[str, dict[str, Any]] = {}
            for condition in self.conditions:
                tests.setdefault(condition.test, {})[condition.variable] = _one_or_all(condition.values)
            document["Condition"] = tests
        return document


def policy_text(statements: Iterable[Statement]) -> str:
    """A policy with these statements, as JSON without white space."""
    document = {"Version": "2012-10-17", "Statement": [statement.document() for statement in statements]}
    return json.dumps(document, separators=(",", ":"))


def length(statements: Iterable[Statement]) -> int:
    """The number of characters of that text."""
    return len(policy_text(statements))


def _one_or_all(values: Sequence[str]) -> Any:
    return values[0] if len(values) == 1 else list(values)
