"""The permissions that docs/permissions/check.json grants: they suffice, and `check` uses each of them."""

import json
from pathlib import Path

import pytest

from emulator.organization import SHARED_SERVICES
from tests.aws import Aws, allow, policy
from tests.check.conftest import LOGIN, NODE, SHOP, Enter, OtherCluster, OtherRegistry, World

DOCUMENT = (Path(__file__).parents[2] / "docs" / "permissions" / "check.json").read_text()
DOCUMENTED = [action for statement in json.loads(DOCUMENT)["Statement"] for action in statement["Action"]]


def grant(aws: Aws, name: str, text: str) -> str:
    """A role of the registry's account with this policy, which the account may assume; its ARN."""
    iam = aws.client("iam")
    trust = policy(allow("sts:AssumeRole", principal={"AWS": SHARED_SERVICES.id}))
    arn = str(iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"])
    iam.put_role_policy(RoleName=name, PolicyName="check", PolicyDocument=text)
    return arn


def checked(world: World, text: str = DOCUMENT) -> tuple[str, set[str]]:
    """What `check` prints as a role with this policy, and the permissions it needed."""
    session = assume(world.aws, grant(world.aws, "checker", text))
    world.aws.emulator.authorize()
    result = world.run("--strict", account=SHARED_SERVICES, **session)
    return f"{result.stdout}{result.stderr}", set(world.aws.emulator.permissions())


def assume(aws: Aws, arn: str) -> dict[str, str]:
    given = aws.client("sts").assume_role(RoleArn=arn, RoleSessionName="check")["Credentials"]
    return {
        "AWS_ACCESS_KEY_ID": given["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": given["SecretAccessKey"],
        "AWS_SESSION_TOKEN": given["SessionToken"],
    }


def prepare(world: World) -> World:
    """Everything that `check` looks at: a role that another account trusts, an attached policy, a scope."""
    if isinstance(world, OtherCluster):
        trust = policy(allow("sts:AssumeRole", principal={"AWS": SHARED_SERVICES.id}))
        there = world.aws.client("iam", SHOP)
        there.create_role(RoleName="terraform", AssumeRolePolicyDocument=trust)
        there.put_role_policy(RoleName="terraform", PolicyName="check", PolicyDocument=DOCUMENT)
    world.set_scope(deployment="V2", registry="V2")
    world.attach("eks-nodes", LOGIN, NODE)
    return world


@pytest.mark.parametrize("kind", [World, OtherRegistry, OtherCluster])
def test_they_suffice(enter: Enter, kind: type[World]) -> None:
    world = prepare(enter(kind))
    printed, _ = checked(world)
    assert printed == f"{world.file}: no findings\n"


def test_each_is_used(enter: Enter) -> None:
    used = [checked(prepare(enter(kind)))[1] for kind in (World, OtherRegistry, OtherCluster)]
    assert set.union(*used) == set(DOCUMENTED)


@pytest.mark.parametrize("missing", [action for action in DOCUMENTED if action != "sts:AssumeRole"])
def test_without_one_it_is_reported(enter: Enter, missing: str) -> None:
    statement = allow(*(set(DOCUMENTED) - {missing}), resource="*")
    printed, _ = checked(prepare(enter(World)), policy(statement))
    assert missing.partition(":")[2] in printed
