"""Which policy documents IAM, ECR and Secrets Manager store. Source: IAM User Guide, reference_policies_elements.html."""

from collections.abc import Callable
from typing import Any

import pytest

from emulator.organization import MEMBERS, SHARED_SERVICES
from tests.aws import IN_CACHE, Aws, Json, allow, error_of, policy

NODE = f"arn:aws:iam::{SHARED_SERVICES.id}:role/node"


def repository(aws: Aws, text: str) -> None:
    aws.client("ecr").create_repository(repositoryName="team/service")
    aws.client("ecr").set_repository_policy(repositoryName="team/service", policyText=text)


def template(aws: Aws, text: str) -> None:
    aws.client("ecr").create_repository_creation_template(
        prefix="quay", appliedFor=["REPLICATION"], repositoryPolicy=text
    )


def registry(aws: Aws, text: str) -> None:
    aws.client("ecr").put_registry_policy(policyText=text)


def secret(aws: Aws, text: str) -> None:
    aws.client("secretsmanager").put_resource_policy(SecretId=aws.secret(), ResourcePolicy=text)


def trust(aws: Aws, text: str) -> None:
    aws.client("iam").create_role(RoleName="other", AssumeRolePolicyDocument=text)


def managed(aws: Aws, text: str) -> None:
    aws.client("iam").create_policy(PolicyName="pull", PolicyDocument=text)


def inline(aws: Aws, text: str) -> None:
    aws.client("iam").put_role_policy(RoleName="node", PolicyName="pull", PolicyDocument=text)


Store = Callable[[Aws, str], None]
RESOURCES: dict[Store, tuple[str, str]] = {
    repository: ("ecr:BatchGetImage", "InvalidParameterException: "),
    template: ("ecr:BatchGetImage", "InvalidParameterException: "),
    registry: ("ecr:BatchGetImage", "InvalidParameterException: "),
    secret: ("secretsmanager:GetSecretValue", "MalformedPolicyDocumentException: "),
    trust: ("sts:AssumeRole", "MalformedPolicyDocument: "),
}
IDENTITIES: tuple[Store, ...] = (managed, inline)


def statement(store: Store, **elements: Any) -> Json:
    """A statement that the store accepts, with these elements in place of its own."""
    action = RESOURCES[store][0] if store in RESOURCES else "ecr:BatchGetImage"
    principal = {} if store in IDENTITIES else {"principal": {"AWS": SHARED_SERVICES.id}}
    resource = {} if store in (trust, repository, template) else {"resource": IN_CACHE if store is registry else "*"}
    return allow(action, **principal, **resource) | elements


@pytest.fixture
def node(aws: Aws) -> Aws:
    """AWS with the role that policies are for, and name."""
    aws.role()
    return aws


@pytest.mark.parametrize("store", [*RESOURCES, *IDENTITIES])
@pytest.mark.parametrize(
    "operator", ["ForAnyValue:StringLike", "ForAllValues:ArnNotEqualsIfExists", "NotIpAddress", "Null", "BinaryEquals"]
)
def test_documented_condition_operators(node: Aws, store: Store, operator: str) -> None:
    store(node, policy(statement(store, Condition={operator: {"aws:PrincipalOrgID": "true"}})))


@pytest.mark.parametrize("store", [*RESOURCES, *IDENTITIES])
@pytest.mark.parametrize("operator", ["StringMatches", "NumericNotLessThan", "NullIfExists", "ForSome:StringLike"])
def test_other_condition_operators(node: Aws, store: Store, operator: str) -> None:
    text = policy(statement(store, Condition={operator: {"aws:PrincipalOrgID": "o-1"}}))
    _, error = RESOURCES.get(store, ("", "MalformedPolicyDocument: "))
    assert error_of(store, aws=node, text=text).startswith(error)


@pytest.mark.parametrize("store", RESOURCES)
@pytest.mark.parametrize(
    "principal",
    [
        "*",
        {"AWS": "*"},
        {"AWS": [MEMBERS[0].id, f"arn:aws:iam::{MEMBERS[0].id}:root"]},
        {"AWS": NODE},
        {"AWS": f"arn:aws:sts::{SHARED_SERVICES.id}:assumed-role/node/i-0123456789abcdef0"},
        {"AWS": f"arn:aws:iam::{SHARED_SERVICES.id}:user/administrator"},
        {"Service": ["ecr.amazonaws.com", "lambda.amazonaws.com"]},
        {"AWS": "arn:aws:iam::111122223333:role/of-an-account-outside-the-emulator"},
    ],
    ids=str,
)
def test_principals_that_exist(node: Aws, store: Store, principal: Any) -> None:
    store(node, policy(statement(store, Principal=principal)))


@pytest.mark.parametrize("store", RESOURCES)
@pytest.mark.parametrize(
    "principal",
    [
        {"AWS": f"{NODE}-2"},
        {"AWS": f"arn:aws:iam::{SHARED_SERVICES.id}:user/missing"},
        {"AWS": f"arn:aws:iam::{SHARED_SERVICES.id}:role/*"},
        {"AWS": f"arn:aws:sts::{SHARED_SERVICES.id}:assumed-role/missing/session"},
        {"AWS": "12345678901"},
        {"AWS": "node"},
        {"Service": "ecr"},
        {"Role": NODE},
        {},
        "node",
    ],
    ids=str,
)
def test_principals_that_do_not_exist(node: Aws, store: Store, principal: Any) -> None:
    error = error_of(store, aws=node, text=policy(statement(store, Principal=principal)))
    assert error.startswith(RESOURCES[store][1])


@pytest.mark.parametrize("store", [repository, template, registry, secret])
@pytest.mark.parametrize("action", ["ecr:PullImage", "s3:GetObject", "ecr:Nothing*", "GetObject"])
def test_actions_that_do_not_exist(node: Aws, store: Store, action: str) -> None:
    error = error_of(store, aws=node, text=policy(statement(store, Action=action)))
    assert error.startswith(RESOURCES[store][1])


@pytest.mark.parametrize("action", ["ecr:BatchImportUpstreamImage", "ECR:replicateimage", "ecr:GetImageCopyStatus"])
def test_actions_that_are_permissions_only(node: Aws, action: str) -> None:
    repository(node, policy(statement(repository, Action=action)))


def test_an_identity_policy_may_name_any_action(node: Aws) -> None:
    managed(node, policy(statement(managed, Action="ecr:PullImage")))


@pytest.mark.parametrize("store", IDENTITIES)
def test_an_identity_policy_names_no_principal(node: Aws, store: Store) -> None:
    error = error_of(store, aws=node, text=policy(statement(store, Principal="*")))
    assert error == "MalformedPolicyDocument: Policy document should not specify a principal."


class TestBlockPublicPolicy:
    """API: PutResourcePolicy of Secrets Manager."""

    def put(self, aws: Aws, **elements: Any) -> None:
        manager, arn = aws.client("secretsmanager"), aws.secret()
        text = policy(statement(secret, **elements))
        manager.put_resource_policy(SecretId=arn, ResourcePolicy=text, BlockPublicPolicy=True)

    @pytest.mark.parametrize("principal", ["*", {"AWS": "*"}, {"AWS": ["*", NODE]}], ids=str)
    def test_everyone(self, node: Aws, principal: Any) -> None:
        assert error_of(self.put, aws=node, Principal=principal).startswith("PublicPolicyException: ")

    @pytest.mark.parametrize(
        "elements",
        [
            {"Principal": {"AWS": NODE}},
            {"Principal": "*", "Effect": "Deny"},
            {"Principal": "*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-exampleorg"}}},
        ],
        ids=str,
    )
    def test_not_everyone(self, node: Aws, elements: Json) -> None:
        self.put(node, **elements)

    def test_without_it_everyone_may_be_let_in(self, node: Aws) -> None:
        secret(node, policy(statement(secret, Principal="*")))
