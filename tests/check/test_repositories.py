"""Repositories that exist, against their creation templates."""

import json
from collections.abc import Callable

import pytest

from emulator.organization import ORGANIZATION_ID
from tests.aws import Json, allow, policy
from tests.check.worlds import KEY, LIFECYCLE, PULL, REPOSITORY_POLICY, Enter, OtherRegistry, World

QUAY = "us-east-1, repositories under quay/"
SETTLE = "run settle: it prints what it changes, and changes it with --apply"
DELETE = "delete the repository: the next pull creates it again, with the template's encryption"
TAGS = [{"Key": "team", "Value": "platform"}]
THEIRS = allow(*PULL, principal={"AWS": "arn:aws:iam::210987654321:root"}, sid="Theirs")
SHORTER = {"rules": [{**LIFECYCLE["rules"][0], "selection": {**LIFECYCLE["rules"][0]["selection"], "countNumber": 5}}]}


def tag(world: World, key: str, value: str) -> None:
    [found] = world.ecr.describe_repositories(repositoryNames=["base/app"])["repositories"]
    world.ecr.tag_resource(resourceArn=found["repositoryArn"], tags=[{"Key": key, "Value": value}])


def lifecycle(world: World, rules: Json) -> None:
    world.ecr.put_lifecycle_policy(repositoryName="base/app", lifecyclePolicyText=json.dumps(rules))


def repository_policy(world: World, *statements: Json) -> None:
    world.ecr.set_repository_policy(repositoryName="base/app", policyText=policy(*statements))


def test_a_repository_that_matches_its_template(other_registry: World) -> None:
    other_registry.cached_repository()
    assert other_registry.found() == {}


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda world: tag(world, "cost-center", "7"), id="one more tag"),
        pytest.param(
            lambda world: repository_policy(world, *(allow(each, **OUR) for each in PULL)),
            id="a policy in two statements",
        ),
    ],
)
def test_what_makes_no_difference(other_registry: World, change: Callable[[World], None]) -> None:
    other_registry.cached_repository()
    change(other_registry)
    assert other_registry.found() == {}


OUR: Json = {"principal": "*", "condition": {"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION_ID}}}
ORGANIZATION = f"* with aws:PrincipalOrgID {ORGANIZATION_ID}"


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        pytest.param(
            lambda world: world.ecr.delete_repository_policy(repositoryName="base/app"),
            "no repository policy",
            id="no policy",
        ),
        pytest.param(
            lambda world: repository_policy(world, allow(PULL[0], **OUR)),
            f"the policy lacks Allow ecr:GetDownloadUrlForLayer for {ORGANIZATION}",
            id="a policy that grants less",
        ),
        pytest.param(
            lambda world: repository_policy(world, REPOSITORY_POLICY, THEIRS),
            "the policy has Allow ecr:BatchGetImage, ecr:GetDownloadUrlForLayer for arn:aws:iam::210987654321:root, which "
            "the template lacks",
            id="a policy that grants more",
        ),
        pytest.param(
            lambda world: world.ecr.delete_lifecycle_policy(repositoryName="base/app"),
            "no lifecycle policy",
            id="no lifecycle",
        ),
        pytest.param(
            lambda world: lifecycle(world, SHORTER),
            "a lifecycle policy that differs from the template's",
            id="another lifecycle",
        ),
        pytest.param(
            lambda world: world.template("base", lifecyclePolicy=""),
            "a lifecycle policy, but none in the template",
            id="a lifecycle that the template lacks",
        ),
        pytest.param(lambda world: tag(world, "team", "shop"), "without the tags team=platform", id="another tag"),
        pytest.param(
            lambda world: world.ecr.put_image_tag_mutability(repositoryName="base/app", imageTagMutability="IMMUTABLE"),
            "image_tag_mutability is IMMUTABLE, not MUTABLE",
            id="immutable tags",
        ),
    ],
)
def test_a_difference(other_registry: World, change: Callable[[World], None], cause: str) -> None:
    other_registry.cached_repository()
    change(other_registry)
    assert other_registry.found()["us-east-1, repositories under base/"] == [(cause, SETTLE)]


def test_encryption_is_permanent(other_registry: World) -> None:
    other_registry.repository("base/app", REPOSITORY_POLICY, tags=TAGS)
    lifecycle(other_registry, LIFECYCLE)
    assert other_registry.found() == {
        "us-east-1, repositories under base/": [(f"encryption is AES256, not KMS {KEY}, permanently", DELETE)]
    }


def test_repositories_outside_the_prefixes_are_left_alone(world: World) -> None:
    for name in ("quay-mirror/app", "team/quay/app", "service"):
        world.repository(name)
    assert world.found() == {}


def test_a_more_specific_template_of_somebody_else_counts(world: World) -> None:
    world.ecr.create_repository_creation_template(prefix="quay/team", appliedFor=["PULL_THROUGH_CACHE"])
    world.repository("quay/team/app")
    assert list(world.found()) == ["us-east-1, template quay/team"]


def test_repositories_of_the_catch_all_are_left_alone(world: World) -> None:
    world.deployment("{registry: quay}", "{registry: quay, prefix: ROOT}")
    world.repository("service")
    assert QUAY.replace("quay/", "ROOT/") not in world.found()


def test_findings_are_grouped(world: World) -> None:
    for name in ("a", "b", "c"):
        world.repository(f"quay/{name}")
    world.repository("docker-hub/library/nginx")
    assert world.run().stdout == (
        f"us-east-1, repository docker-hub/library/nginx\tno repository policy\t{SETTLE}\n"
        f"us-east-1, 3 repositories under quay/\tno repository policy\t{SETTLE}\n"
    )


def test_json_lists_each_repository(world: World) -> None:
    world.repository("quay/a")
    world.repository("quay/b")
    assert [(each["where"], each["repository"]) for each in json.loads(world.run("--json").stdout)] == [
        (QUAY, "quay/a"),
        (QUAY, "quay/b"),
    ]


def test_a_repository_that_is_deleted_meanwhile(world: World) -> None:
    world.repository("quay/a", REPOSITORY_POLICY)
    world.emulator.fail("ecr:GetLifecyclePolicy", "RepositoryNotFoundException")
    assert world.found() == {}


@pytest.mark.parametrize("call", ["DescribeRepositories", "GetRepositoryPolicy"])
def test_without_the_permission_the_rest_is_checked(world: World, call: str) -> None:
    world.repository("quay/a", REPOSITORY_POLICY)
    world.ecr.delete_registry_policy()
    world.emulator.fail(f"ecr:{call}", "AccessDeniedException", times=9)
    assert list(world.found()) == ["us-east-1, registry policy", "us-east-1, repositories: not checked"]


def test_throttled_calls_are_made_again(world: World) -> None:
    world.repository("quay/a")
    world.emulator.fail("ecr:GetRepositoryPolicy", "ThrottlingException", times=2)
    assert world.found() == {QUAY: [("no repository policy", SETTLE)]}


@pytest.mark.slow
@pytest.mark.parametrize("number", [200, 1200])
def test_the_number_of_calls_is_proportional(enter: Enter, number: int) -> None:
    world = enter(OtherRegistry)
    for each in range(number):
        world.ecr.create_repository(repositoryName=f"base/app-{each}")
    before = len(world.emulator.calls())
    assert len(world.run("--json").stdout.splitlines()) > 4 * number
    made = [call.partition(":")[2] for call in world.emulator.calls()[before:]]
    for call in ("GetRepositoryPolicy", "GetLifecyclePolicy", "ListTagsForResource"):
        assert made.count(call) == number
    assert made.count("DescribeRepositories") == -(-number // 1000)
