"""The permissions that docs/permissions grants `check` and `settle`: they suffice, and each is used."""

import json
from pathlib import Path

import pytest

from emulator.organization import SHARED_SERVICES
from pull_through_cache.deployment import load
from tests.aws import Aws, allow, policy
from tests.check.test_settle import settle
from tests.check.worlds import LOGIN, NODE, PULL, SET_UP, SHOP, Enter, OtherCluster, OtherRegistry, World

PERMISSIONS = Path(__file__).parents[2] / "docs" / "permissions"
DOCUMENT = (PERMISSIONS / "check.json").read_text()
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
    world.scan(*(f"{prefix}/*" for prefix in load(world.file).registry.prefixes))
    world.attach("eks-nodes", LOGIN, NODE)
    world.cached_repository()
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
    kind = OtherRegistry if missing == "ecr:ListTagsForResource" else World
    printed, _ = checked(prepare(enter(kind)), policy(statement))
    assert missing.partition(":")[2] in printed


def test_those_of_settle(other_registry: World) -> None:
    world, document = other_registry, (PERMISSIONS / "settle.json").read_text()
    world.repository("base/old", allow(*PULL, principal={"AWS": SHOP.id}), imageTagMutability="IMMUTABLE")
    world.attach("template", SET_UP)
    session = assume(world.aws, grant(world.aws, "settler", document))
    world.emulator.authorize()
    first = settle(world, "--apply", "--yes", account=SHARED_SERVICES, **session)
    assert (first.exit_code, first.stderr) == (0, "4 changed\n")
    used = set(world.emulator.permissions())

    world.registry_setting("pull_access: {}")
    world.deployment("        lifecycle: {keep_last: 50}\n", "")
    world.template("base", lifecyclePolicy="", repositoryPolicy="")
    prepared = len(world.emulator.permissions())
    assert settle(world, "--apply", "--yes", account=SHARED_SERVICES, **session).stderr == "2 changed\n"
    used.update(world.emulator.permissions()[prepared:])

    granted = {action for statement in json.loads(document)["Statement"] for action in statement["Action"]}
    assert used == granted
