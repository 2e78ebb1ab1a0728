"""What `check` finds of secrets, roles, and policies that exist before the first deploy, and what it says to write."""

import pytest

from emulator.organization import SHARED_SERVICES
from tests.aws import policy
from tests.check.worlds import DEPLOY, LOGIN, SECRET, OtherRegistry, World

PLACE = "us-east-1, secret of docker-hub"
NODE_POLICY = f"arn:aws:iam::{SHARED_SERVICES.id}:policy/container-registry-pull-through-access"


@pytest.fixture
def no_rule(world: World) -> World:
    world.ecr.delete_pull_through_cache_rule(ecrRepositoryPrefix="docker-hub")
    return world


def secret_arn(world: World) -> str:
    return str(world.secrets.describe_secret(SecretId=SECRET)["ARN"])


def test_a_secret_with_the_name_of_one_that_a_deploy_creates(no_rule: World) -> None:
    [(cause, remedy)] = no_rule.found()[PLACE]
    assert cause == f"a secret {SECRET} exists already"
    assert remedy == (
        f"if Terraform did not make it, write `adopt: {secret_arn(no_rule)}` under its `credentials` (with several Regions, an "
        "ARN for each), or another `name`"
    )


def test_a_secret_that_is_adopted_is_no_finding(no_rule: World) -> None:
    no_rule.deployment(f"{{name: {SECRET}}}", f"{{name: {SECRET}, adopt: '{secret_arn(no_rule)}'}}")
    assert PLACE not in no_rule.found()


def test_no_such_secret_is_no_finding(no_rule: World) -> None:
    no_rule.secrets.delete_secret(SecretId=SECRET, ForceDeleteWithoutRecovery=True)
    assert PLACE not in no_rule.found()


def test_without_permission_it_is_not_checked(no_rule: World) -> None:
    no_rule.emulator.fail("secretsmanager:DescribeSecret", "AccessDeniedException")
    assert no_rule.found()[f"{PLACE}: not checked"][0][0] == "DescribeSecret is denied"


@pytest.mark.parametrize(("part", "role"), [("rule", "upstream"), ("template", "template")])
def test_the_role_of_an_adopted_rule_or_template(other_registry: OtherRegistry, part: str, role: str) -> None:
    other_registry.deployment("      registry: ecr\n", f"      registry: ecr\n      adopt: [{part}]\n")
    arn = f"arn:aws:iam::{SHARED_SERVICES.id}:role/{role}"
    assert other_registry.found() == {
        f"us-east-1, {part} base": [
            (f"a deploy takes the role {arn} from it", f"to keep the role, write `role_arn: {arn}`")
        ]
    }


@pytest.mark.parametrize(
    ("error", "remedy"),
    [
        pytest.param(
            None,
            f"{DEPLOY}; if Terraform did not make the policy container-registry-pull-through-access, run `terraform import "
            f"aws_iam_policy.container_registry_pull_through_access {NODE_POLICY}` in the folder of "
            "shared-services-us-east-1 first",
            id="allowed to look",
        ),
        pytest.param("AccessDeniedException", DEPLOY, id="not allowed to look"),
    ],
)
def test_a_policy_with_the_name_of_the_nodes_policy(world: World, error: str | None, remedy: str) -> None:
    world.grant("eks-nodes", LOGIN)
    assert {found for _, found in world.found()["node role eks-nodes"]} == {DEPLOY}
    name = NODE_POLICY.rpartition("/")[2]
    world.iam.create_policy(PolicyName=name, PolicyDocument=policy(LOGIN))
    if error:
        world.emulator.fail("iam:GetPolicy", error)
    assert {found for _, found in world.found()["node role eks-nodes"]} == {remedy}
