"""What the registry has and the deployment file does not: rules, templates, and statements of the registry policy."""

from collections.abc import Iterator

import pytest
import yaml

from emulator.organization import SHARED_SERVICES
from pull_through_cache.deployment import load
from tests.aws import Json, allow
from tests.check.worlds import DEPLOY, HUB_CACHE, QUAY_CACHE, REGISTRY_POLICY, World

POLICY = "us-east-1, registry policy"
THEM = {"AWS": "arn:aws:iam::210987654321:root"}
EVERYWHERE = f"arn:aws:ecr:us-east-1:{SHARED_SERVICES.id}:repository/*"
REPLICATION = allow("ecr:ReplicateImage", resource=EVERYWHERE, principal=THEM, sid="Replication")
OF_THE_SERVICE = allow(
    "ecr:CreateRepository",
    resource=EVERYWHERE,
    principal={"Service": "codebuild.amazonaws.com"},
    condition={"StringEquals": {"aws:SourceAccount": "210987654321"}},
)
NO_DELETION = allow("ecr:DeleteRepository", resource=EVERYWHERE, principal="*", sid="no-deletion") | {"Effect": "Deny"}
KEEP = "keep it with the YAML for `registry_policy` that check prints, or write `registry_policy: external`"


def paste(world: World) -> None:
    """Follows the remedy."""
    printed = yaml.safe_load(world.run().stderr)
    content = yaml.safe_load(world.file.read_text())
    content["registry"].update(printed)
    world.file.write_text(yaml.safe_dump(content))


def deploy(world: World) -> None:
    """Replaces the registry policy by that of the file, as a deploy would."""
    policy = load(world.file).registry.registry_policy
    world.registry_policy(REGISTRY_POLICY, *(each.statement.document() for each in policy.extra_statements))
    if policy.scope:
        world.ecr.put_account_setting(name="REGISTRY_POLICY_SCOPE", value=policy.scope)


def live_statements(world: World) -> Iterator[Json]:
    for each in yaml.safe_load(world.ecr.get_registry_policy()["policyText"])["Statement"]:
        yield {key: value for key, value in each.items() if key != "Sid"}


def test_a_rule(world: World) -> None:
    world.rule("kubernetes", upstreamRegistryUrl="registry.k8s.io")
    assert world.found() == {
        "us-east-1, rule kubernetes": [
            (
                "not in the file: it caches registry.k8s.io",
                "add an upstream with this `prefix` and `adopt: [rule]`, or run "
                "`aws ecr delete-pull-through-cache-rule --region us-east-1 --ecr-repository-prefix kubernetes`",
            )
        ]
    }


def test_a_template(world: World) -> None:
    world.ecr.create_repository_creation_template(prefix="quay/team", appliedFor=["PULL_THROUGH_CACHE"])
    assert world.found() == {
        "us-east-1, template quay/team": [
            (
                "not in the file: cached repositories under quay/team get its policy and settings",
                "add an upstream with this `prefix` and `adopt: [template]`, or run "
                "`aws ecr delete-repository-creation-template --region us-east-1 --prefix quay/team`",
            )
        ]
    }


def test_a_template_for_replication_is_no_finding(world: World) -> None:
    world.ecr.create_repository_creation_template(prefix="mirror", appliedFor=["REPLICATION"])
    assert world.found() == {}


def test_a_repository_outside_the_prefixes_is_no_finding(world: World) -> None:
    world.ecr.create_repository(repositoryName="team/service")
    assert world.found() == {}


def test_a_statement_of_another_team(world: World) -> None:
    world.registry_policy(REGISTRY_POLICY, REPLICATION)
    assert world.found() == {
        POLICY: [
            (
                f"a deploy removes its statement Replication: Allow ecr:ReplicateImage on {EVERYWHERE} "
                "for arn:aws:iam::210987654321:root",
                KEEP,
            )
        ]
    }


def test_a_wider_statement_of_an_earlier_deploy(world: World) -> None:
    more = [HUB_CACHE, QUAY_CACHE, QUAY_CACHE.replace("quay", "kubernetes")]
    world.registry_policy(REGISTRY_POLICY | {"Sid": "AllowPullThroughFromOrganization", "Resource": more})
    [(cause, remedy)] = world.found()[POLICY]
    assert cause.startswith("not in the file: its statement AllowPullThroughFromOrganization: Allow ")
    assert remedy == DEPLOY


def test_a_statement_for_an_upstream_that_no_longer_has_its_own_access(world: World) -> None:
    theirs = {"AWS": "210987654321"}
    own = allow(
        "ecr:CreateRepository", resource=QUAY_CACHE, principal=theirs, sid="AllowPullThroughFromAccountsForQuay"
    )
    world.registry_policy(REGISTRY_POLICY, own)
    [(cause, remedy)] = world.found()[POLICY]
    assert cause.startswith("not in the file: its statement AllowPullThroughFromAccountsForQuay: Allow ")
    assert remedy == DEPLOY


@pytest.mark.parametrize(
    ("statements", "scope"),
    [
        pytest.param([REPLICATION], "V1", id="replication"),
        pytest.param([REPLICATION, OF_THE_SERVICE], "V1", id="a service, without sid"),
        pytest.param([REPLICATION | {"Sid": ""}, NO_DELETION, REPLICATION], "V2", id="a denial, names twice"),
    ],
)
def test_the_proposed_yaml_keeps_every_statement(world: World, statements: list[Json], scope: str) -> None:
    world.ecr.put_account_setting(name="REGISTRY_POLICY_SCOPE", value=scope)
    world.registry_policy(REGISTRY_POLICY, *statements)

    paste(world)
    assert world.found() == {}
    deploy(world)
    assert world.found() == {}

    kept = list(live_statements(world))
    wanted = [{key: value for key, value in each.items() if key != "Sid"} for each in statements]
    assert [str(each["Action"]) for each in kept[1:]] == [each["Action"][0] for each in wanted]


def test_the_proposed_yaml_keeps_what_the_file_has_already(world: World) -> None:
    mine = f"{{sid: Mine, actions: [ecr:ReplicateImage], resources: ['{QUAY_CACHE}'], principals: {{AWS: ['*']}}"
    mine += ", conditions: [{test: StringEquals, variable: 'aws:PrincipalOrgID', values: [o-exampleorg]}]}"
    world.registry_setting(f"registry_policy: {{extra_statements: [{mine}]}}")
    world.registry_policy(REGISTRY_POLICY, REPLICATION)
    paste(world)
    names = [each.sid for each in load(world.file).registry.registry_policy.extra_statements]
    assert names == ["Mine", "Replication"]


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        pytest.param(
            {"Effect": "Deny", "NotPrincipal": THEM, "Action": "ecr:ReplicateImage", "Resource": "*"},
            "it uses NotAction, NotPrincipal or NotResource",
            id="NotPrincipal",
        ),
        pytest.param(
            allow("ecr:ReplicateImage", resource="*", principal="*"),
            "'*' allows every account",
            id="a public statement",
        ),
    ],
)
def test_a_statement_that_a_file_cannot_have(world: World, statement: Json, problem: str) -> None:
    world.registry_policy(REGISTRY_POLICY, statement)
    cause, remedy = world.found()[POLICY][-1]
    assert cause.startswith("a deploy removes its statement 2")
    assert remedy.startswith("write `registry_policy: external`, or remove the statement, which a file cannot have: ")
    assert problem in remedy
    assert "extra_statements" not in world.run().stderr


def test_an_external_policy_loses_nothing(world: World) -> None:
    world.registry_setting("registry_policy: external")
    world.registry_policy(REGISTRY_POLICY, REPLICATION)
    assert world.found() == {}


def test_the_yaml_is_in_the_json_too(world: World) -> None:
    world.registry_policy(REGISTRY_POLICY, REPLICATION)
    result = world.run("--json")
    assert '"paste": "registry_policy:\\n  mode: managed\\n  extra_statements:' in result.stdout
