"""Pulls from other accounts, with the registry policy: what is allowed, what is denied, and that every grant is needed."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import pytest

from emulator.organization import MEMBERS, PRODUCTION, STRANGER, organization_path
from tests.aws import allow
from tests.terraform.conftest import Sandbox, granting_statements, image

SHOP = MEMBERS[0]
ACCESS = {
    "organization": "organization: caller",
    "organizational unit": f"organizational_units: ['{organization_path(PRODUCTION)}*']",
    "accounts": f"accounts: ['{SHOP.id}']",
}
DEPLOYMENT = """\
registry:
  account_id: '123456789012'
  regions: [eu-central-1]
  upstreams: {{quay: {{registry: quay}}}}
  pull_access: {{{access}}}
workloads:
  shop:
    account_id: '{shop}'
    assume_role_arn: arn:aws:iam::{shop}:role/terraform
    node_roles: [eks-nodes]
"""
NODE = f"arn:aws:iam::{SHOP.id}:role/eks-nodes"
NO_REPOSITORY = "name unknown: The repository with name '{}' does not exist in the registry"
NO_IMAGE = "manifest unknown: Requested image not found"
fresh = count()


def new_image() -> str:
    return f"quay/team/image-{next(fresh)}"


@pytest.fixture(scope="module", params=ACCESS.values(), ids=list(ACCESS))
def applied(shared_sandbox: Sandbox, request: pytest.FixtureRequest) -> Sandbox:
    """A registry and a workload. The workload's stack is applied first."""
    shared_sandbox.emulator.reset()
    shared_sandbox.aws.role(name="eks-nodes", account=SHOP)
    stacks = shared_sandbox.synthesize(DEPLOYMENT.format(access=request.param, shop=SHOP.id))
    for name in ("workload-shop", "shared-services-eu-central-1"):
        stacks[name].init().apply()
    return shared_sandbox


def test_a_first_pull_works(applied: Sandbox) -> None:
    answer = applied.emulator.pull(image(new_image()), NODE)

    assert answer.allowed, answer
    assert answer.repository_created


def test_a_first_pull_is_allowed_by_both_accounts(applied: Sandbox) -> None:
    granted = granting_statements(applied.emulator.pull(image(new_image()), NODE))

    kinds = {action: {kind for kind, _ in statements} for action, statements in granted.items()}
    assert kinds == {
        "ecr:GetAuthorizationToken": {"identity"},
        "ecr:CreateRepository": {"identity", "registry"},
        "ecr:BatchImportUpstreamImage": {"identity", "registry"},
        "ecr:BatchGetImage": {"identity", "repository"},
        "ecr:GetDownloadUrlForLayer": {"identity", "repository"},
    }


def test_another_organization_is_denied(applied: Sandbox) -> None:
    everything = allow("ecr:*", resource="*")
    stranger = applied.aws.role(everything, name=f"nodes-{next(fresh)}", account=STRANGER)
    cached, first = new_image(), new_image()
    applied.emulator.pull(image(cached), NODE)

    assert applied.emulator.pull(image(first), stranger).error == (
        f"{NO_REPOSITORY.format(first)} with id '123456789012'"
    )
    assert "no resource-based policy allows the ecr:BatchGetImage" in str(
        applied.emulator.pull(image(cached), stranger).error
    )


def test_another_role_of_the_workload_is_denied(applied: Sandbox) -> None:
    other = applied.aws.role(name=f"other-{next(fresh)}", account=SHOP)

    assert "no identity-based policy allows the ecr:GetAuthorizationToken action" in str(
        applied.emulator.pull(image(new_image()), other).error
    )


def test_a_repository_outside_the_caches_is_denied(applied: Sandbox) -> None:
    name = f"apps/shop-{next(fresh)}"
    applied.client("ecr").create_repository(repositoryName=name)

    assert applied.emulator.pull(image(name), NODE).error == NO_IMAGE


def test_a_push_is_denied(applied: Sandbox) -> None:
    name = new_image()
    applied.emulator.pull(image(name), NODE)

    answer = applied.emulator.push(image(name), NODE)

    assert not answer.allowed
    assert "no identity-based policy allows the ecr:BatchCheckLayerAvailability action" in str(answer.error)


@contextmanager
def without(sandbox: Sandbox, side: str, action: str) -> Iterator[None]:
    """Remove one action from the policy of the nodes, of the registry, or of the repositories in the template."""
    ecr, iam = sandbox.client("ecr"), sandbox.client("iam", SHOP)
    [policy] = iam.list_policies(Scope="Local")["Policies"]
    if side == "identity":
        version = iam.get_policy_version(PolicyArn=policy["Arn"], VersionId=policy["DefaultVersionId"])
        before = version["PolicyVersion"]["Document"]
    elif side == "registry":
        before = json.loads(ecr.get_registry_policy()["policyText"])
    else:
        [template] = ecr.describe_repository_creation_templates()["repositoryCreationTemplates"]
        before = json.loads(template["repositoryPolicy"])

    def put(document: Any) -> None:
        text = json.dumps(document)
        if side == "identity":
            versions = iam.list_policy_versions(PolicyArn=policy["Arn"])["Versions"]
            for old in [version for version in versions if not version["IsDefaultVersion"]]:
                iam.delete_policy_version(PolicyArn=policy["Arn"], VersionId=old["VersionId"])
            iam.create_policy_version(PolicyArn=policy["Arn"], PolicyDocument=text, SetAsDefault=True)
        elif side == "registry":
            ecr.put_registry_policy(policyText=text)
        else:
            ecr.update_repository_creation_template(prefix="quay", repositoryPolicy=text)

    def less(statement: dict[str, Any]) -> dict[str, Any]:
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        return {**statement, "Action": [each for each in actions if each != action] or ["ecr:DescribeRegistry"]}

    put({**before, "Statement": [less(statement) for statement in before["Statement"]]})
    try:
        yield
    finally:
        put(before)


@pytest.mark.parametrize("applied", [ACCESS["organization"]], ids=["organization"], indirect=True)
@pytest.mark.parametrize(
    ("side", "action", "error"),
    [
        (
            "identity",
            "ecr:GetAuthorizationToken",
            "no identity-based policy allows the ecr:GetAuthorizationToken action",
        ),
        ("identity", "ecr:CreateRepository", NO_REPOSITORY),
        ("identity", "ecr:BatchImportUpstreamImage", NO_IMAGE),
        ("identity", "ecr:BatchGetImage", "no identity-based policy allows the ecr:BatchGetImage action"),
        (
            "identity",
            "ecr:GetDownloadUrlForLayer",
            "no identity-based policy allows the ecr:GetDownloadUrlForLayer action",
        ),
        ("registry", "ecr:CreateRepository", NO_REPOSITORY),
        ("registry", "ecr:BatchImportUpstreamImage", NO_IMAGE),
        ("repository", "ecr:BatchGetImage", "no resource-based policy allows the ecr:BatchGetImage action"),
        (
            "repository",
            "ecr:GetDownloadUrlForLayer",
            "no resource-based policy allows the ecr:GetDownloadUrlForLayer action",
        ),
    ],
)
def test_every_grant_is_needed(applied: Sandbox, side: str, action: str, error: str) -> None:
    name = new_image()

    with without(applied, side, action):
        answer = applied.emulator.pull(image(name), NODE)

    assert not answer.allowed
    assert error.format(name) in str(answer.error)
    assert applied.emulator.pull(image(new_image()), NODE).allowed


def test_the_stacks_of_a_thousand_workloads_are_valid(sandbox: Sandbox) -> None:
    workloads = "".join(
        f"  team-{number}: {{account_id: '{10**11 + number}', node_roles: [nodes]}}\n" for number in range(1000)
    )
    registry = "registry: {account_id: '123456789012', regions: [eu-central-1], upstreams: {quay: {registry: quay}}}\n"

    stacks = sandbox.synthesize(f"{registry}workloads:\n{workloads}")

    assert set(stacks) == {"shared-services-eu-central-1", *(f"workload-team-{number}" for number in range(1000))}
    for name in ("shared-services-eu-central-1", "workload-team-0", "workload-team-999"):
        stacks[name].init().run("validate")
