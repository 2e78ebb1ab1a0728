"""Who makes a request, and whether a statement of a resource-based policy names them.

Source: IAM User Guide, reference_policies_elements_principal.html and reference_policies_elements_notprincipal.html.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from emulator.conditions import listed
from emulator.patterns import Context

Naming = Literal["account", "direct", "session"]
"""How a statement names a principal: its account only; the role, or everyone; the role's session, or the user."""
PrincipalKind = Literal["role", "user", "service"]


@dataclass(frozen=True)
class Principal:
    """A role's session, a user or a service, with the condition keys that its requests carry.

    - ``arn``: the role's or the user's ARN; for a service its name, such as ``ecr.amazonaws.com``.
    - ``account``: its account; for a service, the account that it works for.
    - ``unique_id``: the role's or user's unique identifier, AROA… or AIDA….
    """

    arn: str
    account: str
    context: Context = field(default_factory=dict)
    kind: PrincipalKind = "role"
    unique_id: str | None = None
    session: str = "session"

    @property
    def session_arn(self) -> str:
        """The ARN of the role's session; a user's own ARN, or a service's name."""
        if self.kind != "role":
            return self.arn
        return f"arn:aws:sts::{self.account}:assumed-role/{self.arn.rsplit('/', 1)[-1]}/{self.session}"


def naming(statement: Mapping[str, Any], principal: Principal) -> Naming | None:
    """How the statement names the principal; None if it does not."""
    if "NotPrincipal" in statement:
        return None if _excepted(statement["NotPrincipal"], principal) else "direct"
    return _naming(statement.get("Principal", {}), principal)


def _naming(element: Any, principal: Principal) -> Naming | None:
    names = _names(element, principal)
    if principal.kind != "service":
        if principal.session_arn in names:
            return "session"
        if not _account_names(principal).isdisjoint(names) and principal.arn not in names and "*" not in names:
            return "account"
    return "direct" if {"*", principal.arn, principal.unique_id or "*"} & names else None


def _excepted(element: Any, principal: Principal) -> bool:
    """Whether NotPrincipal excludes the principal. It must name its account, its role, and its session."""
    names = _names(element, principal)
    if "*" in names:
        return True
    if principal.kind == "service":
        return principal.arn in names
    return not _account_names(principal).isdisjoint(names) and {principal.arn, principal.session_arn} <= names


def _names(element: Any, principal: Principal) -> set[str]:
    """The names in the element that can match this principal."""
    if element == "*":
        return {"*"}
    if principal.kind == "service":
        return set(listed(element.get("Service", [])))
    return set(listed(element.get("AWS", [])))


def _account_names(principal: Principal) -> set[str]:
    return {principal.account, f"arn:aws:iam::{principal.account}:root"}
