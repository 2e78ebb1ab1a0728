"""How policies combine. Source: IAM User Guide, reference_policies_evaluation-logic.html."""

from typing import Any

import pytest

from emulator.answers import Kind
from emulator.policies import Policy, Principal, evaluate

OWNER, OTHER = "111111111111", "222222222222"
NODE = f"arn:aws:iam::{OWNER}:role/node"
RESOURCE = f"arn:aws:ecr:us-east-1:{OWNER}:repository/quay/argocd"
ACTION = "ecr:BatchGetImage"


def node(account: str = OWNER, **context: list[str]) -> Principal:
    keys = {key.replace("_", ":"): values for key, values in context.items()}
    return Principal(f"arn:aws:iam::{account}:role/node", account, keys)


def granting(kind: Kind, **elements: Any) -> Policy:
    statement = {"Effect": "Allow", "Action": ACTION} | elements
    if kind != "identity":
        statement = {"Principal": "*"} | statement
    return Policy(kind, kind, {"Version": "2012-10-17", "Statement": statement})


def allowed(*policies: Policy, principal: Principal | None = None) -> bool:
    return evaluate(ACTION, RESOURCE, principal or node(), policies, owner=OWNER).allowed


@pytest.mark.parametrize(
    ("kinds", "same_account", "across_accounts"),
    [
        ((), False, False),
        (("identity",), True, False),
        (("repository",), True, False),
        (("registry",), True, False),
        (("identity", "repository"), True, True),
        (("identity", "registry"), True, True),
    ],
    ids=lambda value: "+".join(value) or "nothing" if isinstance(value, tuple) else None,
)
def test_who_must_grant(kinds: tuple[Kind, ...], same_account: bool, across_accounts: bool) -> None:
    policies = [granting(kind) for kind in kinds]
    assert (allowed(*policies), allowed(*policies, principal=node(OTHER))) == (same_account, across_accounts)


@pytest.mark.parametrize("kind", ["identity", "repository", "registry"])
def test_a_deny_wins(kind: Kind) -> None:
    assert not allowed(granting("identity"), granting("repository"), granting(kind, Effect="Deny"))


def test_a_deny_is_told_with_its_statement() -> None:
    decision = evaluate(ACTION, RESOURCE, node(), [granting("identity", Effect="Deny", Sid="No")], owner=OWNER)
    assert (
        decision.reason.endswith("with an explicit deny in an identity-based policy"),
        decision.statements[0].sid,
    ) == (
        True,
        "No",
    )


@pytest.mark.parametrize(
    ("principal", "same_account", "with_identity_across"),
    [
        pytest.param("*", True, True, id="everyone"),
        pytest.param({"AWS": "*"}, True, True, id="every AWS principal"),
        pytest.param({"AWS": [NODE, NODE.replace(OWNER, OTHER)]}, True, True, id="the role"),
        pytest.param({"AWS": [OWNER, OTHER]}, False, True, id="the account, which may delegate"),
        pytest.param({"AWS": [f"arn:aws:iam::{each}:root" for each in (OWNER, OTHER)]}, False, True, id="its root"),
        pytest.param({"AWS": "333333333333"}, False, False, id="another account"),
        pytest.param({"Service": "ecr.amazonaws.com"}, False, False, id="a service"),
    ],
)
def test_whom_a_resource_based_policy_names(principal: Any, same_account: bool, with_identity_across: bool) -> None:
    named = granting("repository", Principal=principal)
    across = allowed(named, granting("identity"), principal=node(OTHER))
    assert (allowed(named), across) == (same_account, with_identity_across)


@pytest.mark.parametrize(
    ("elements", "matches"),
    [
        ({"Action": "ecr:*"}, True),
        ({"Action": "ECR:batchgetimage"}, True),
        ({"Action": ["ecr:Batch*", "s3:*"]}, True),
        ({"Action": "ecr:BatchGet"}, False),
        ({"Action": [], "NotAction": "ecr:PutImage"}, True),
        ({"Action": [], "NotAction": "ecr:*"}, False),
        ({"Resource": RESOURCE}, True),
        ({"Resource": RESOURCE.replace("argocd", "*")}, True),
        ({"Resource": RESOURCE.replace("argocd", "argo?d")}, True),
        ({"Resource": RESOURCE.replace("quay", "Quay")}, False),
        ({"NotResource": RESOURCE}, False),
    ],
    ids=str,
)
def test_actions_and_resources(elements: dict[str, Any], matches: bool) -> None:
    assert allowed(granting("identity", **elements)) == matches


ORGANIZATION = "aws:PrincipalOrgID"
PATHS = "aws:PrincipalOrgPaths"


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ({"StringEquals": {ORGANIZATION: "o-1"}}, True),
        ({"StringEquals": {ORGANIZATION: ["o-2", "o-1"]}}, True),
        ({"StringEquals": {ORGANIZATION: "O-1"}}, False),
        ({"StringEqualsIgnoreCase": {ORGANIZATION: "O-1"}}, True),
        ({"StringEquals": {ORGANIZATION.lower(): "o-1"}}, True),
        ({"StringEquals": {ORGANIZATION: "o-*"}}, False),
        ({"StringLike": {ORGANIZATION: "o-*"}}, True),
        ({"StringNotEquals": {ORGANIZATION: "o-1"}}, False),
        ({"StringNotLike": {ORGANIZATION: "p-*"}}, True),
        ({"ForAnyValue:StringLike": {PATHS: "o-1/r-1/ou-2/*"}}, True),
        ({"ForAnyValue:StringLike": {PATHS: "o-1/r-1/ou-3/*"}}, False),
        ({"ForAllValues:StringLike": {PATHS: "o-1/r-1/ou-2/*"}}, False),
        ({"StringEquals": {ORGANIZATION: "o-1"}, "StringLike": {"aws:unknown": "*"}}, False),
        ({"StringEquals": {"aws:unknown": "x"}}, False),
        ({"StringNotEquals": {"aws:unknown": "x"}}, True),
        ({"StringEqualsIfExists": {"aws:unknown": "x"}}, True),
        ({"ForAllValues:StringEquals": {"aws:unknown": "x"}}, True),
        ({"ForAnyValue:StringEquals": {"aws:unknown": "x"}}, False),
        ({"Null": {"aws:unknown": "true"}}, True),
        ({"Null": {ORGANIZATION: "true"}}, False),
    ],
    ids=str,
)
def test_conditions(condition: dict[str, Any], holds: bool) -> None:
    principal = node(aws_PrincipalOrgID=["o-1"], aws_PrincipalOrgPaths=["o-1/r-1/ou-1/", "o-1/r-1/ou-2/"])
    assert allowed(granting("identity", Condition=condition), principal=principal) == holds


@pytest.mark.parametrize(
    "elements",
    [{"Condition": {"IpAddress": {ORGANIZATION: "10.0.0.0/8"}}}, {"NotPrincipal": {"AWS": OTHER}}],
    ids=str,
)
def test_what_is_not_evaluated_is_not_guessed(elements: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="not evaluated"):
        allowed(granting("repository", **elements), principal=node(aws_PrincipalOrgID=["o-1"]))
