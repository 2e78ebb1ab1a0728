"""IAM's policy evaluation, as far as pulling an image needs it.

moto's own (``moto.iam.access_control``) knows neither resources, conditions nor resource-based policies.
Not evaluated: permissions boundaries, service control policies, session policies and policy variables.
Source: IAM User Guide, reference_policies_evaluation-logic.html and reference_policies_elements_condition_operators.html.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from emulator.answers import Decision, Kind, Statement


@dataclass(frozen=True)
class Principal:
    """An assumed role and what is known of it: the condition keys its requests carry."""

    arn: str
    account: str
    context: Mapping[str, Sequence[str]]

    @property
    def session_arn(self) -> str:
        return f"arn:aws:sts::{self.account}:assumed-role/{self.arn.rsplit('/', 1)[-1]}/session"


@dataclass(frozen=True)
class Policy:
    kind: Kind
    name: str
    document: Mapping[str, Any]


def evaluate(action: str, resource: str, principal: Principal, policies: Sequence[Policy], *, owner: str) -> Decision:
    """Decide whether the principal may do ``action`` on the ``resource`` of the account ``owner``.

    In one account an identity policy or a resource-based policy grants; across accounts both must. A policy that
    names an account, not the principal, only lets that account grant (reference_policies_elements_principal.html).
    """
    matches = [match for policy in policies for match in _matches(policy, action, resource, principal)]
    denials = tuple(statement for effect, statement, _ in matches if effect == "Deny")
    grants = [(statement, direct) for effect, statement, direct in matches if effect == "Allow"]
    by_identity = any(statement.kind == "identity" for statement, _ in grants)
    by_resource = any(statement.kind != "identity" for statement, _ in grants)
    directly = any(direct for statement, direct in grants if statement.kind != "identity")
    same_account = principal.account == owner
    # Wording: IAM User Guide, troubleshoot_access-denied.html
    if denials:
        kind = "an identity-based" if denials[0].kind == "identity" else "a resource-based"
        why = f"with an explicit deny in {kind} policy"
    elif not by_identity and not (same_account and directly):
        why = f"because no identity-based policy allows the {action} action"
    elif not same_account and not by_resource:
        why = f"because no resource-based policy allows the {action} action"
    else:
        return Decision(action, resource, True, "", tuple(statement for statement, _ in grants))
    reason = f"User: {principal.session_arn} is not authorized to perform: {action} on resource: {resource} {why}"
    return Decision(action, resource, False, reason, denials)


def _matches(policy: Policy, action: str, resource: str, principal: Principal) -> Iterator[tuple[str, Statement, bool]]:
    """The statements about this request: effect, statement, and whether it names the principal itself."""
    for number, statement in enumerate(_listed(policy.document["Statement"]), start=1):
        direct = policy.kind == "identity" or _named(statement, principal)
        by_account = direct or _named(statement, principal, f"arn:aws:iam::{principal.account}:root")
        if (
            by_account
            and _selected(statement, "Action", action, ignore_case=True)
            and _selected(statement, "Resource", resource)
            and _conditions_hold(statement.get("Condition", {}), principal.context)
        ):
            reference = Statement(policy.kind, policy.name, statement.get("Sid") or f"statement {number}")
            yield statement["Effect"], reference, direct


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _named(statement: Mapping[str, Any], principal: Principal, arn: str | None = None) -> bool:
    if "NotPrincipal" in statement:
        raise ValueError("NotPrincipal is not evaluated: name the principals instead")
    named = statement.get("Principal", {})
    names = ["*"] if named == "*" else _listed(named.get("AWS", []))
    if arn:
        return arn in names or principal.account in names
    return "*" in names or principal.arn in names


def _selected(statement: Mapping[str, Any], element: str, value: str, *, ignore_case: bool = False) -> bool:
    """``Action``, ``NotAction``, ``Resource`` or ``NotResource``; a repository policy has no resource."""
    if f"Not{element}" in statement:
        return not any(_like(value, each, ignore_case) for each in _listed(statement[f"Not{element}"]))
    return any(_like(value, each, ignore_case) for each in _listed(statement.get(element, "*")))


def _like(value: str, pattern: str, ignore_case: bool = False) -> bool:
    regex = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(regex, value, re.IGNORECASE if ignore_case else 0) is not None


_OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "StringEquals": str.__eq__,
    "StringEqualsIgnoreCase": lambda value, wanted: value.lower() == wanted.lower(),
    "StringLike": _like,
    "ArnEquals": _like,
    "ArnLike": _like,
}


def _conditions_hold(conditions: Mapping[str, Mapping[str, Any]], context: Mapping[str, Sequence[str]]) -> bool:
    keys = {key.lower(): values for key, values in context.items()}
    return all(
        _condition_holds(operator, _listed(wanted), keys.get(key.lower()))
        for operator, comparisons in conditions.items()
        for key, wanted in comparisons.items()
    )


def _condition_holds(operator: str, wanted: Sequence[str], values: Sequence[str] | None) -> bool:
    quantifier, _, name = operator.rpartition(":")
    if name == "Null":
        return (values is None) == (str(wanted[0]).lower() == "true")
    optional, name = name.endswith("IfExists"), name.removesuffix("IfExists")
    negated, name = "Not" in name, name.replace("Not", "")
    if name not in _OPERATORS:
        raise ValueError(f"the condition operator {operator} is not evaluated")
    if values is None:
        return optional or negated or quantifier == "ForAllValues"
    each = [any(_OPERATORS[name](value, str(one)) for one in wanted) != negated for value in values]
    return all(each) if quantifier == "ForAllValues" or (negated and not quantifier) else any(each)
