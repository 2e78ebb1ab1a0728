"""IAM's evaluation of policies: whether a principal may do an action on a resource.

moto's own evaluation (``moto.iam.access_control``) ignores resources, conditions, and resource-based policies.
Not evaluated here: service control policies, resource control policies, and session policies.
Source: IAM User Guide, reference_policies_evaluation-logic.html and reference_policies_elements_principal.html.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from emulator.conditions import conditions_hold, listed
from emulator.outcomes import Decision, Kind, MatchedStatement
from emulator.patterns import Context, matches, resource_matches
from emulator.principals import Naming, Principal, naming

KIND_NAMES: Mapping[Kind, str] = {"identity": "an identity-based policy", "boundary": "a permissions boundary"}


@dataclass(frozen=True)
class Policy:
    """A policy document, as parsed JSON."""

    kind: Kind
    name: str
    document: Mapping[str, Any]


@dataclass(frozen=True)
class Match:
    """A statement that applies to the request, and how it names the principal."""

    effect: Literal["Allow", "Deny"]
    statement: MatchedStatement
    naming: Naming


def evaluate(
    action: str,
    resource: str,
    principal: Principal,
    policies: Sequence[Policy],
    *,
    owner: str,
    context: Context | None = None,
) -> Decision:
    """Decide whether the principal may do ``action`` on the ``resource`` of the account ``owner``.

    In one account an identity policy or a resource-based policy grants; across accounts both must. A policy that
    names an account, not the principal, only lets that account grant. A permissions boundary limits what identity
    policies and policies that name the role grant, not what a policy grants to a role's session or a user.

    - ``context``: condition keys of the request, in addition to those of the principal.
    """
    keys = {**principal.context, **(context or {})}
    found = [match for policy in policies for match in _matches(policy, action, resource, principal, keys)]
    denials = tuple(match.statement for match in found if match.effect == "Deny")
    grants = [match for match in found if match.effect == "Allow"]
    bounded = any(policy.kind == "boundary" for policy in policies)
    why = _why_denied(action, denials, grants, same_account=principal.account == owner, bounded=bounded)
    if why is None:
        statements = tuple(match.statement for match in grants if match.statement.kind != "boundary")
        return Decision(action, resource, True, "", statements)
    reason = f"User: {principal.session_arn} is not authorized to perform: {action} on resource: {resource} {why}"
    return Decision(action, resource, False, reason, denials)


def _why_denied(
    action: str, denials: Sequence[MatchedStatement], grants: Sequence[Match], *, same_account: bool, bounded: bool
) -> str | None:
    """The end of AWS's sentence; None when allowed. Wording: IAM User Guide, troubleshoot_access-denied.html."""
    if denials:
        return f"with an explicit deny in {KIND_NAMES.get(denials[0].kind, 'a resource-based policy')}"
    by_identity = any(match.statement.kind == "identity" for match in grants)
    by_boundary = not bounded or any(match.statement.kind == "boundary" for match in grants)
    by_resource = {match.naming for match in grants if match.statement.kind not in ("identity", "boundary")}
    if same_account and "session" in by_resource:
        return None
    if not by_identity and not (same_account and "direct" in by_resource):
        return f"because no identity-based policy allows the {action} action"
    if not same_account and not by_resource:
        return f"because no resource-based policy allows the {action} action"
    if not by_boundary:
        return f"because no permissions boundary allows the {action} action"
    return None


def _matches(policy: Policy, action: str, resource: str, principal: Principal, context: Context) -> Iterator[Match]:
    """The policy's statements that apply to this request."""
    identity = policy.kind in ("identity", "boundary")
    for number, statement in enumerate(listed(policy.document["Statement"]), start=1):
        named: Naming | None = "direct" if identity else naming(statement, principal)
        if (
            named
            and _selects(statement, "Action", action, lambda value, each: matches(value, each, ignore_case=True))
            and _selects(statement, "Resource", resource, lambda value, each: resource_matches(value, each, context))
            and conditions_hold(statement.get("Condition", {}), context)
        ):
            sid = statement.get("Sid") or f"statement {number}"
            yield Match(statement["Effect"], MatchedStatement(policy.kind, policy.name, sid), named)


def _selects(statement: Mapping[str, Any], element: str, value: str, match: Any) -> bool:
    """``Action``, ``NotAction``, ``Resource`` or ``NotResource``; a repository policy has no resource."""
    if f"Not{element}" in statement:
        return not any(match(value, each) for each in listed(statement[f"Not{element}"]))
    return any(match(value, each) for each in listed(statement.get(element, "*")))
