"""How policies combine. Source: IAM User Guide, reference_policies_evaluation-logic.html."""

from typing import Any

import pytest

from emulator.outcomes import Kind
from emulator.policies import Policy, evaluate
from emulator.principals import Principal

OWNER, OTHER = "111111111111", "222222222222"
NODE = f"arn:aws:iam::{OWNER}:role/node"
SESSION = f"arn:aws:sts::{OWNER}:assumed-role/node/session"
RESOURCE = f"arn:aws:ecr:us-east-1:{OWNER}:repository/quay/argocd"
ACTION = "ecr:BatchGetImage"


def node(account: str = OWNER, **context: list[str]) -> Principal:
    keys = {key.replace("_", ":"): values for key, values in context.items()}
    return Principal(f"arn:aws:iam::{account}:role/node", account, keys, unique_id="AROAEXAMPLE")


def granting(kind: Kind, **elements: Any) -> Policy:
    statement = {"Effect": "Allow", "Action": ACTION} | elements
    if kind not in ("identity", "boundary"):
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


def test_a_decision_names_the_statement_that_denies() -> None:
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
        pytest.param({"AWS": [SESSION, SESSION.replace(OWNER, OTHER)]}, True, True, id="the role's session"),
        pytest.param({"AWS": "AROAEXAMPLE"}, True, True, id="its unique identifier"),
        pytest.param({"AWS": "333333333333"}, False, False, id="another account"),
        pytest.param({"AWS": f"{NODE}-2"}, False, False, id="another role"),
        pytest.param({"Federated": "*"}, False, False, id="an identity provider"),
        pytest.param({"Service": "ecr.amazonaws.com"}, False, False, id="a service"),
    ],
)
def test_principals_of_a_resource_based_policy(principal: Any, same_account: bool, with_identity_across: bool) -> None:
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
        ({"Resource": "arn:aws:ecr"}, True),
        ({"Resource": "arn:aws:ecr:us-east-1"}, True),
        ({"Resource": "arn:aws:ecr:*/argocd"}, False),
        ({"NotResource": RESOURCE}, False),
    ],
    ids=str,
)
def test_actions_and_resources(elements: dict[str, Any], matches: bool) -> None:
    assert allowed(granting("identity", **elements)) == matches


@pytest.mark.parametrize(
    ("not_principal", "denied"),
    [
        pytest.param({"AWS": "333333333333"}, True, id="another account"),
        pytest.param({"AWS": OWNER}, True, id="only its account"),
        pytest.param({"AWS": [OWNER, NODE]}, True, id="without its session"),
        pytest.param({"AWS": [f"arn:aws:iam::{OWNER}:root", NODE, SESSION]}, False, id="account, role and session"),
        pytest.param("*", False, id="everyone"),
    ],
)
def test_not_principal_denies_those_it_does_not_name(not_principal: Any, denied: bool) -> None:
    """Source: reference_policies_elements_notprincipal.html, which names the account beside role and session."""
    statement = {"Effect": "Deny", "Action": ACTION, "NotPrincipal": not_principal}
    policy = Policy("repository", "repository", {"Statement": [statement]})
    assert allowed(granting("identity"), policy) != denied


def test_a_deny_that_names_the_account_counts_for_its_roles() -> None:
    assert not allowed(granting("identity"), granting("repository", Effect="Deny", Principal={"AWS": OWNER}))


class TestPermissionsBoundary:
    """Source: access_policies_boundaries.html, and for resource-based policies the evaluation logic."""

    @pytest.mark.parametrize(
        ("policies", "inside", "outside"),
        [
            pytest.param([granting("identity")], True, False, id="identity policy"),
            pytest.param(
                [granting("repository", Principal={"AWS": NODE})], True, False, id="policy that names the role"
            ),
            pytest.param(
                [granting("repository", Principal={"AWS": SESSION})], True, True, id="policy that names the session"
            ),
            pytest.param([], False, False, id="the boundary alone"),
        ],
    )
    def test_it_limits(self, policies: list[Policy], inside: bool, outside: bool) -> None:
        within, without = granting("boundary"), granting("boundary", Action="s3:*")
        assert (allowed(*policies, within), allowed(*policies, without)) == (inside, outside)

    def test_a_deny_in_it_wins(self) -> None:
        assert not allowed(granting("identity"), granting("boundary"), granting("boundary", Effect="Deny"))

    def test_the_reason_names_it(self) -> None:
        policies = [granting("identity"), granting("boundary", Action="s3:*")]
        decision = evaluate(ACTION, RESOURCE, node(), policies, owner=OWNER)
        assert decision.reason.endswith(f"because no permissions boundary allows the {ACTION} action")


def test_a_variable_has_the_value_of_the_request() -> None:
    policy = granting("identity", Resource="arn:aws:ecr:*:${aws:PrincipalAccount}:repository/*")
    principal = node(aws_PrincipalAccount=[OWNER])
    assert (allowed(policy, principal=principal), allowed(policy)) == (True, False)
