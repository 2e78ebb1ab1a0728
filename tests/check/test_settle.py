"""`settle`: what it prints, what it changes, and what it leaves alone."""

import json
import os
import pty
import subprocess
import sys
import time

import pytest
from click.testing import CliRunner, Result

from emulator.organization import SHARED_SERVICES, STRANGER, Account
from pull_through_cache.commands import commands
from tests.aws import Json, allow, policy
from tests.check.worlds import KEY, LIFECYCLE, PULL, REPOSITORY_POLICY, World

THEIRS = allow(*PULL, principal={"AWS": "arn:aws:iam::210987654321:root"})
READING = ("Get", "Describe", "List")


def settle(world: World, *options: str, account: Account = SHARED_SERVICES, **environment: str) -> Result:
    settings = {**world.emulator.environment_of(account), **environment}
    return CliRunner().invoke(commands, ["settle", str(world.file), *options], env=settings, catch_exceptions=False)


def changing_calls(world: World) -> list[str]:
    calls = [call.partition(":")[2] for call in world.emulator.calls()]
    return [call for call in calls if not call.startswith(READING)]


def settings(world: World, name: str) -> Json:
    [found] = world.ecr.describe_repositories(repositoryNames=[name])["repositories"]
    return {
        "mutability": found["imageTagMutability"],
        "policy": json.loads(world.ecr.get_repository_policy(repositoryName=name)["policyText"]),
        "lifecycle": json.loads(world.ecr.get_lifecycle_policy(repositoryName=name)["lifecyclePolicyText"]),
        "tags": world.ecr.list_tags_for_resource(resourceArn=found["repositoryArn"])["tags"],
    }


@pytest.fixture
def old(other_registry: World) -> World:
    """A registry with a repository from before its template."""
    other_registry.repository("base/app", THEIRS, imageTagMutability="IMMUTABLE", tags=[{"Key": "own", "Value": "1"}])
    return other_registry


PLANNED = (
    "us-east-1\tbase/app\tpolicy\tthe policy lacks Allow ecr:BatchGetImage, ecr:GetDownloadUrlForLayer for * with "
    "aws:PrincipalOrgID o-exampleorg; the policy has Allow ecr:BatchGetImage, ecr:GetDownloadUrlForLayer for "
    "arn:aws:iam::210987654321:root, which the template lacks\tset the template's repository policy\n"
    "us-east-1\tbase/app\tlifecycle\tno lifecycle policy\tset the template's lifecycle policy\n"
    "us-east-1\tbase/app\ttags\twithout the tags team=platform\tset the tags team=platform\n"
    "us-east-1\tbase/app\tmutability\timage_tag_mutability is IMMUTABLE, not MUTABLE\tset MUTABLE\n"
)


def test_without_apply_it_prints_and_changes_nothing(old: World) -> None:
    before = len(changing_calls(old))
    result = settle(old)
    assert (result.exit_code, result.stdout, result.stderr) == (1, PLANNED, "")
    assert len(changing_calls(old)) == before


def test_apply_gives_the_settings_of_the_template(old: World) -> None:
    result = settle(old, "--apply", "--yes")
    assert (result.exit_code, result.stdout, result.stderr) == (0, PLANNED, "4 changed\n")
    assert settings(old, "base/app") == {
        "mutability": "MUTABLE",
        "policy": json.loads(policy(REPOSITORY_POLICY)),
        "lifecycle": LIFECYCLE,
        "tags": [{"Key": "own", "Value": "1"}, {"Key": "team", "Value": "platform"}],
    }


def test_after_it_check_finds_only_the_encryption(old: World) -> None:
    settle(old, "--apply", "--yes")
    [(where, [(cause, _)])] = old.found().items()
    assert (where, cause) == (
        "us-east-1, repositories under base/",
        f"encryption is AES256, not KMS {KEY}, permanently",
    )


def test_a_second_run_changes_nothing(old: World) -> None:
    settle(old, "--apply", "--yes")
    before = len(changing_calls(old))
    result = settle(old, "--apply", "--yes")
    assert (result.exit_code, result.stdout) == (0, f"{old.file}: nothing to change\n")
    assert len(changing_calls(old)) == before


def test_settings_that_the_template_lacks_are_deleted(old: World) -> None:
    settle(old, "--apply", "--yes")
    old.deployment("        lifecycle: {keep_last: 50}\n", "")
    old.template("base", lifecyclePolicy="")
    assert settle(old, "--apply", "--yes").stdout.endswith("but none in the template\tdelete the lifecycle policy\n")
    assert settle(old).exit_code == 0


def test_other_repositories_are_left_alone(old: World) -> None:
    for name in ("baseline/app", "app"):
        old.repository(name)
    assert settle(old).stdout == PLANNED


def test_only_some_settings(old: World) -> None:
    result = settle(old, "--apply", "--yes", "--only", "lifecycle,mutability")
    assert [line.split("\t")[2] for line in result.stdout.splitlines()] == ["lifecycle", "mutability"]
    assert set(changing_calls(old)[-2:]) == {"PutLifecyclePolicy", "PutImageTagMutability"}


def test_only_one_prefix(world: World) -> None:
    world.repository("quay/a")
    world.repository("docker-hub/b")
    assert [line.split("\t")[1] for line in settle(world, "--prefix", "quay").stdout.splitlines()] == ["quay/a"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ["--only", "policy,encryption"],
            "'encryption' is not a setting; write some of policy,lifecycle,tags,mutability",
        ),
        (["--prefix", "qay"], "--prefix: no cache has 'qay'; write one of docker-hub, quay."),
        (["--apply"], "--apply: there is no terminal to ask for confirmation; add --yes."),
    ],
)
def test_wrong_options(world: World, options: list[str], message: str) -> None:
    result = settle(world, *options)
    assert result.exit_code == 2
    assert message in result.stderr


def test_repositories_of_the_prefix_root_are_left_out(world: World) -> None:
    world.deployment("{registry: quay}", "{registry: quay, prefix: ROOT}")
    world.repository("app")
    world.repository("docker-hub/b")
    result = settle(world)
    assert [line.split("\t")[1] for line in result.stdout.splitlines()] == ["docker-hub/b"]
    reason = "nothing distinguishes the repositories of a cache with the prefix ROOT from other repositories"
    assert result.stderr.endswith(f"repositories left out: {reason}\n")
    result = settle(world, "--prefix", "ROOT")
    assert (result.exit_code, f"Error: --prefix: {reason}.\n" in result.stderr) == (2, True)


def test_another_account_s_credentials(world: World) -> None:
    world.aws.client("ecr", STRANGER).create_repository(repositoryName="quay/a")
    result = settle(world, "--apply", "--yes", account=STRANGER)
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"the credentials are of account {STRANGER.id}, the registry is in {SHARED_SERVICES.id}" in result.stderr


def test_apply_needs_the_account_in_the_file(world: World) -> None:
    world.deployment(f"  account_id: '{SHARED_SERVICES.id}'\n", "")
    result = settle(world, "--apply", "--yes")
    assert result.exit_code == 2
    assert "does not name its account; write `account_id` under `registry`" in result.stderr


def test_a_template_that_a_deploy_must_change_first(world: World) -> None:
    world.repository("quay/a")
    world.repository("docker-hub/b")
    world.template("quay", repositoryPolicy="")
    result = settle(world, "--apply", "--yes")
    assert [line.split("\t")[1] for line in result.stdout.splitlines()] == ["docker-hub/b"]
    assert result.exit_code == 1
    assert result.stderr.startswith("us-east-1, template quay: repositories left out: does not grant ecr:BatchGetImage")


def test_a_call_that_is_denied_does_not_stop_the_others(old: World) -> None:
    old.emulator.fail("ecr:PutLifecyclePolicy", "AccessDeniedException")
    result = settle(old, "--apply", "--yes")
    assert result.exit_code == 1
    assert "us-east-1, base/app: lifecycle: failed: An error occurred (AccessDeniedException)" in result.stderr
    assert result.stderr.splitlines()[-1] == "3 changed, 1 failed"
    assert [line.split("\t")[2] for line in settle(old).stdout.splitlines()] == ["lifecycle"]


def test_throttled_calls_are_made_again(old: World) -> None:
    old.emulator.fail("ecr:SetRepositoryPolicy", "ThrottlingException", times=3)
    result = settle(old, "--apply", "--yes")
    assert (result.exit_code, result.stderr) == (0, "4 changed\n")


def test_a_repository_that_is_deleted_meanwhile(world: World) -> None:
    world.repository("quay/a")
    world.emulator.fail("ecr:SetRepositoryPolicy", "RepositoryNotFoundException")
    result = settle(world, "--apply", "--yes")
    assert (result.exit_code, result.stderr) == (0, "1 deleted meanwhile\n")


def test_without_the_permission_to_read(world: World) -> None:
    world.emulator.fail("ecr:DescribeRepositories", "AccessDeniedException")
    result = settle(world)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "calling the DescribeRepositories operation" in result.stderr


def test_it_makes_no_other_changes(old: World) -> None:
    before = len(changing_calls(old))
    settle(old, "--apply", "--yes")
    assert sorted(changing_calls(old)[before:]) == [
        "PutImageTagMutability",
        "PutLifecyclePolicy",
        "SetRepositoryPolicy",
        "TagResource",
    ]


@pytest.mark.parametrize(("answer", "changes"), [("n", 0), ("y", 4)])
def test_on_a_terminal_it_asks(old: World, answer: str, changes: int) -> None:
    before = len(changing_calls(old))
    ours, theirs = pty.openpty()
    os.write(ours, f"{answer}\n".encode())
    done = subprocess.run(
        [sys.executable, "-m", "pull_through_cache", "settle", "--apply", str(old.file)],
        stdin=theirs,
        capture_output=True,
        text=True,
        env={**os.environ, **old.emulator.environment},
        check=False,
    )
    assert "Make these 4 changes? ECR then expires images by new lifecycle policies." in done.stderr
    assert done.returncode == (0 if changes else 1)
    assert len(changing_calls(old)) - before == changes


def test_after_a_kill_the_next_run_makes_the_rest(old: World) -> None:
    old.emulator.delay("ecr:SetRepositoryPolicy", seconds=20)
    command = [sys.executable, "-m", "pull_through_cache", "settle", "--apply", "--yes", str(old.file)]
    with subprocess.Popen(command, env={**os.environ, **old.emulator.environment}) as running:
        while changing_calls(old)[-1] != "PutImageTagMutability" and running.poll() is None:
            time.sleep(0.1)
        running.kill()
    assert settle(old, "--apply", "--yes", "--only", "lifecycle,tags,mutability").exit_code == 0
    settle(old, "--apply", "--yes")
    assert settle(old).stdout == f"{old.file}: nothing to change\n"
