"""Repositories that exist, with `existing: managed`: what a deploy makes of them."""

import json

import pytest

from emulator.organization import SHARED_SERVICES
from pull_through_cache.aws.actions import MODULE_READ
from tests.aws import allow, policy
from tests.check.test_repositories import DELETE, QUAY, SETTLE, THEIRS
from tests.check.worlds import LIFECYCLE, PULL, REPOSITORY_POLICY, World

OWN_ACCOUNT = allow(*MODULE_READ, principal={"AWS": f"arn:aws:iam::{SHARED_SERVICES.id}:root"})
MANAGED = "repositories: {existing: managed, lifecycle: {keep_last: 50}}"
DEPLOY = "deploy shared-services-us-east-1"
REPLACES = f"{DEPLOY}, which replaces it; to keep a statement, write it into `statements` of `repositories` first"


@pytest.fixture
def managed(world: World) -> World:
    """A registry whose templates are those of the file, with `existing: managed`."""
    world.registry_setting(MANAGED)
    for prefix in ("quay", "docker-hub"):
        world.template(
            prefix, repositoryPolicy=policy(OWN_ACCOUNT, REPOSITORY_POLICY), lifecyclePolicy=json.dumps(LIFECYCLE)
        )
    return world


def lifecycle(world: World, name: str) -> None:
    world.ecr.put_lifecycle_policy(repositoryName=name, lifecyclePolicyText=json.dumps(LIFECYCLE))


def test_a_repository_with_the_policies_of_the_file(managed: World) -> None:
    managed.repository("quay/a", OWN_ACCOUNT, REPOSITORY_POLICY)
    lifecycle(managed, "quay/a")
    assert managed.found() == {}


def test_a_repository_without_policies(managed: World) -> None:
    managed.repository("quay/a")
    assert managed.found() == {QUAY: [("no repository policy", DEPLOY), ("no lifecycle policy", DEPLOY)]}


@pytest.mark.parametrize("deployed", [True, False], ids=["with its template", "before the first deploy"])
def test_a_policy_that_a_deploy_replaces(managed: World, deployed: bool) -> None:
    managed.repository("quay/a", OWN_ACCOUNT, REPOSITORY_POLICY, THEIRS)
    lifecycle(managed, "quay/a")
    if not deployed:
        managed.ecr.delete_repository_creation_template(prefix="quay")
    cause = f"the policy has Allow {', '.join(PULL)} for arn:aws:iam::210987654321:root, which the template lacks"
    assert managed.found()[QUAY] == [(cause, REPLACES)]


def test_statements_that_are_kept_in_the_file(managed: World) -> None:
    managed.repository("quay/a", OWN_ACCOUNT, REPOSITORY_POLICY, THEIRS)
    lifecycle(managed, "quay/a")
    theirs = f"{{sid: Theirs, actions: [{', '.join(PULL)}], principals: {{AWS: ['arn:aws:iam::210987654321:root']}}}}"
    managed.deployment("{existing: managed,", f"{{statements: [{theirs}], existing: managed,")
    assert QUAY not in managed.found()


def test_a_lifecycle_policy_that_the_file_does_not_have_is_left_to_settle(managed: World) -> None:
    managed.deployment(", lifecycle: {keep_last: 50}", "")
    for prefix in ("quay", "docker-hub"):
        managed.template(prefix, lifecyclePolicy="")
    managed.repository("quay/a", OWN_ACCOUNT, REPOSITORY_POLICY)
    lifecycle(managed, "quay/a")
    assert managed.found() == {QUAY: [("a lifecycle policy, but none in the template", SETTLE)]}


def test_what_has_no_resource_is_left_to_settle(managed: World) -> None:
    managed.repository(
        "quay/a",
        OWN_ACCOUNT,
        REPOSITORY_POLICY,
        imageTagMutability="IMMUTABLE",
        encryptionConfiguration={"encryptionType": "KMS"},
    )
    lifecycle(managed, "quay/a")
    assert [remedy for _, remedy in managed.found()[QUAY]] == [SETTLE, DELETE]


def test_repositories_of_a_cache_that_is_not_managed_are_left_to_settle(managed: World) -> None:
    managed.deployment("{registry: quay}", "{registry: quay, repositories: {existing: unmanaged}}")
    managed.repository("quay/a", REPOSITORY_POLICY)
    lifecycle(managed, "quay/a")
    [(_, remedy)] = managed.found()[QUAY]
    assert remedy == SETTLE


def test_a_more_specific_template_that_is_not_in_the_file(managed: World) -> None:
    managed.ecr.create_repository_creation_template(prefix="quay/team", appliedFor=["PULL_THROUGH_CACHE"])
    managed.repository("quay/team/app")
    [(where, [(cause, _)])] = managed.found().items()
    assert where == "us-east-1, template quay/team"
    assert cause.endswith("; a deploy gives those that exist the policies for quay/")
