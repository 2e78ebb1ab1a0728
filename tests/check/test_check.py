"""The command: what it prints, and how it ends."""

import json
import socket

import pytest

from emulator.organization import SHARED_SERVICES, STRANGER, Account
from tests.check.worlds import SHOP, VALUE, WORLDS, Enter, OtherCluster, OtherRegistry, World

DENIED = "AccessDeniedException"


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@pytest.mark.parametrize("kind", WORLDS)
def test_all_is_well(enter: Enter, kind: type[World]) -> None:
    world = enter(kind)
    result = world.run()
    assert (result.exit_code, result.stdout, result.stderr) == (0, f"{world.file}: no findings\n", "")


@pytest.mark.parametrize(
    ("kind", "prefix", "account"),
    [
        pytest.param(World, "quay", SHARED_SERVICES, id="quay"),
        pytest.param(World, "docker-hub", SHARED_SERVICES, id="docker-hub"),
        pytest.param(OtherRegistry, "base", SHARED_SERVICES, id="another account's registry"),
        pytest.param(OtherCluster, "quay", SHOP, id="a workload"),
    ],
)
def test_where_all_is_well_nodes_can_pull(enter: Enter, kind: type[World], prefix: str, account: Account) -> None:
    image = f"{SHARED_SERVICES.id}.dkr.ecr.us-east-1.amazonaws.com/{prefix}/team/image:1.0"
    answer = enter(kind).emulator.pull(image, f"arn:aws:iam::{account.id}:role/eks-nodes")
    assert answer.repository_created, answer


def test_all_is_well_as_json(world: World) -> None:
    result = world.run("--json")
    assert (result.exit_code, json.loads(result.stdout)) == (0, [])


def test_a_finding_on_a_pipe_is_a_line(world: World) -> None:
    world.ecr.delete_registry_policy()
    result = world.run()
    assert (result.exit_code, result.stdout) == (
        1,
        "us-east-1, registry policy\tit does not exist: the first pull of an image from another account fails\t"
        "deploy shared-services-us-east-1\n",
    )


def test_a_finding_as_json(world: World) -> None:
    world.ecr.delete_registry_policy()
    result = world.run("--json")
    assert (result.exit_code, json.loads(result.stdout)) == (
        1,
        [
            {
                "where": "us-east-1, registry policy",
                "cause": "it does not exist: the first pull of an image from another account fails",
                "remedy": "deploy shared-services-us-east-1",
                "state": "wrong",
            }
        ],
    )


@pytest.mark.parametrize("option", ["--json", "--strict"])
def test_the_values_of_a_secret_are_never_told(world: World, option: str) -> None:
    world.secret_value(json.dumps({**VALUE, "a third": "that nobody may see either"}))
    result = world.run(option)
    assert result.exit_code == 1
    assert not any(word in result.output for word in ("somebody", "nobody", "a third"))


@pytest.mark.parametrize("kind", WORLDS)
def test_it_changes_nothing(enter: Enter, kind: type[World]) -> None:
    world = enter(kind)
    assert world.found() == {}
    reading = ("Get", "Describe", "List", "Validate", "AssumeRole")
    assert [call for call in world.emulator.calls() if not call.partition(":")[2].startswith(reading)] == []


def test_what_the_credentials_may_not_see_is_said(world: World) -> None:
    world.emulator.fail("iam:GetRole", DENIED)
    result = world.run()
    assert (result.exit_code, result.stdout) == (0, f"{world.file}: no findings\n")
    assert result.stderr == ("node role eks-nodes: not checked: GetRole is denied; allow it for the credentials\n")


def test_what_the_credentials_may_not_see_is_wrong_with_strict(world: World) -> None:
    world.emulator.fail("iam:GetRole", DENIED)
    assert world.run("--strict").exit_code == 1


def test_what_the_credentials_may_not_see_as_json(world: World) -> None:
    world.emulator.fail("iam:GetRole", DENIED)
    result = world.run("--json")
    assert [finding["state"] for finding in json.loads(result.stdout)] == ["unchecked"]
    assert result.exit_code == 0


def test_without_credentials(world: World) -> None:
    result = world.run(
        AWS_ACCESS_KEY_ID=None,
        AWS_SECRET_ACCESS_KEY=None,
        AWS_CONFIG_FILE="/dev/null",
        AWS_SHARED_CREDENTIALS_FILE="/dev/null",
    )
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"{world.file}: could not be checked: Unable to locate credentials\n"


def test_with_another_account_s_credentials(world: World) -> None:
    result = world.run(account=STRANGER)
    assert (result.exit_code, result.stdout, result.stderr) == (
        2,
        "",
        f"{world.file}: could not be checked: the credentials are of account {STRANGER.id}, "
        f"the registry is in {SHARED_SERVICES.id}\n",
    )


def test_while_aws_is_out_of_reach(world: World) -> None:
    result = world.run(AWS_ENDPOINT_URL=f"http://127.0.0.1:{closed_port()}", AWS_MAX_ATTEMPTS="1")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Could not connect to the endpoint URL" in result.stderr


def test_while_the_registry_may_not_be_seen(world: World) -> None:
    world.emulator.fail("ecr:DescribePullThroughCacheRules", DENIED)
    result = world.run()
    assert (result.exit_code, result.stdout) == (2, "")
    assert "calling the DescribePullThroughCacheRules operation" in result.stderr


def test_of_a_deployment_that_is_wrong(world: World) -> None:
    world.deployment("registry: quay", "registry: qay")
    result = world.run()
    assert (result.exit_code, result.stdout) == (2, "")
    assert "registry.upstreams.quay.registry" in result.stderr
