"""Each broken state is found, and only it: where, why, and what to do."""

import json

import pytest

from emulator.organization import SHARED_SERVICES, STRANGER
from tests.aws import allow
from tests.check import policy_states, resource_states
from tests.check.worlds import (
    DEPLOY,
    LOGIN,
    SECRET,
    World,
)

HUB = "us-east-1, secret of docker-hub"
QUAY = "us-east-1, template quay"
POLICY = "us-east-1, registry policy"
VARIABLES = "set TF_VAR_docker_hub_username and TF_VAR_docker_hub_access_token"
RENEW = (
    f"{VARIABLES}, and run `terraform apply -replace='module.secrets_manager_dockerhub_credentials."
    "aws_secretsmanager_secret_version.this[0]'` in the folder of shared-services-us-east-1"
)


STATES = resource_states.STATES | policy_states.STATES


@pytest.mark.parametrize("state", STATES)
def test_a_broken_state_is_found(world: World, state: str) -> None:
    STATES[state].assert_found_alone(world)


def test_a_rule_of_another_upstream_lacks_the_credential_too(world: World) -> None:
    world.replace_rule("docker-hub", upstreamRegistryUrl="quay.io")
    assert world.found() == {
        "us-east-1, rule docker-hub": [
            ("its upstream is quay.io, not registry-1.docker.io", DEPLOY),
            ("it has no credential, which Docker Hub requires", f"delete the rule, then {DEPLOY}"),
        ]
    }


def test_several_things_at_once_are_all_found(world: World) -> None:
    for prefix in ("quay", "docker-hub"):
        world.ecr.delete_pull_through_cache_rule(ecrRepositoryPrefix=prefix)
    world.ecr.delete_registry_policy()
    world.grant("eks-nodes", LOGIN)
    assert list(world.found()) == [
        "us-east-1, rule quay",
        "us-east-1, rule docker-hub",
        "us-east-1, secret of docker-hub",
        POLICY,
        "node role eks-nodes",
    ]


def test_a_policy_that_the_deployment_leaves_to_nobody_is_not_looked_at(world: World) -> None:
    world.registry_setting("registry_policy: none")
    world.ecr.delete_registry_policy()
    assert world.found() == {}


def test_a_policy_that_another_team_makes_is_enough(world: World) -> None:
    world.registry_setting("registry_policy: external")
    assert world.found() == {}


def test_a_deployment_without_account_is_that_of_the_caller(world: World) -> None:
    world.deployment(f"  account_id: '{SHARED_SERVICES.id}'\n", "")
    assert world.found() == {}


@pytest.mark.parametrize(
    ("call", "places"),
    [
        ("secretsmanager:GetSecretValue", [HUB]),
        ("organizations:DescribeOrganization", [QUAY, "us-east-1, template docker-hub", POLICY]),
        ("iam:GetRole", ["node role eks-nodes"]),
    ],
)
def test_what_the_credentials_may_not_see_is_not_checked(world: World, call: str, places: list[str]) -> None:
    world.emulator.fail(call, "AccessDeniedException", times=9)
    denied = [(f"{call.partition(':')[2]} is denied", "allow it for the credentials")]
    assert world.found() == {f"{place}: not checked": denied for place in places}


def test_what_ecr_itself_finds_wrong_with_a_secret_that_may_not_be_read(world: World) -> None:
    world.secret_value("{}")
    world.emulator.fail("secretsmanager:GetSecretValue", "AccessDeniedException")
    assert world.found() == {
        f"{HUB}: not checked": [("GetSecretValue is denied", "allow it for the credentials")],
        "us-east-1, rule docker-hub": [
            (
                "ECR cannot use it: The secret must have the keys username and accessToken, and no others",
                RENEW,
            )
        ],
    }


def test_an_account_in_no_organization_needs_another_pull_access(world: World) -> None:
    text = "registry: {regions: [us-east-1], upstreams: {quay: {registry: quay}}}"
    world.file.write_text(text)
    found = json.loads(world.run("--json", account=STRANGER).stdout)[0]
    assert (found["where"], found["remedy"]) == (
        f"account {STRANGER.id}",
        "write `pull_access: {accounts: [...]}`, or `pull_access: {}` for no other account",
    )


def test_a_secret_that_is_marked_for_deletion_can_be_restored(world: World) -> None:
    arn = world.secrets.delete_secret(SecretId=SECRET)["ARN"]
    [(cause, remedy)] = world.found()[HUB]
    assert cause.endswith("is marked for deletion")
    assert remedy == f"run `aws secretsmanager restore-secret --region us-east-1 --secret-id {arn}`"
    world.secrets.restore_secret(SecretId=arn)
    assert world.found() == {}


def test_templates_that_do_not_share_the_role_that_they_should(world: World) -> None:
    world.registry_setting("template_role: shared")
    world.registry_setting("repositories: {tags: {team: platform}}")
    for prefix in ("quay", "docker-hub"):
        role = world.aws.role(allow("ecr:*", resource="*"), name=f"for-{prefix}", service="ecr.amazonaws.com")
        world.template(prefix, resourceTags=[{"Key": "team", "Value": "platform"}], customRoleArn=role)

    cause = "they use the roles for-docker-hub, for-quay, and the file has `template_role: shared`"
    assert world.found() == {"us-east-1, templates": [(cause, DEPLOY)]}
