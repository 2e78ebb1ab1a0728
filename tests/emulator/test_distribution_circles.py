"""Registries of ECR that are each other's upstream. AWS documents no answer: these are the emulator's own."""

import pytest

from emulator.oci import Manifest
from emulator.organization import MEMBERS
from tests.aws import REGISTRY, policy
from tests.registries import EVERYTHING, Registries

HERE, THERE = REGISTRY, REGISTRY.replace("us-east-1", "eu-west-1")
TRUST = {"Effect": "Allow", "Principal": {"Service": "pullthroughcache.ecr.amazonaws.com"}, "Action": "sts:AssumeRole"}
LOOP = (
    508,
    "LOOP_DETECTED",
    "Pull through cache rules ask each other for this image, and none of their registries has it",
)


def cache(registries: Registries, host: str, prefix: str, upstream: str, **more: str) -> None:
    """A rule of the registry at this host."""
    registries.aws.client("ecr", region=host.split(".")[3]).create_pull_through_cache_rule(
        ecrRepositoryPrefix=prefix, upstreamRegistryUrl=upstream, **more
    )


@pytest.fixture
def role(registries: Registries) -> str:
    """A role of the account. The registries of two of its Regions cache each other's images below apps/."""
    cache(registries, HERE, "apps", THERE, upstreamRepositoryPrefix="apps")
    cache(registries, THERE, "apps", HERE, upstreamRepositoryPrefix="apps")
    return registries.aws.role(EVERYTHING)


def own_image(registries: Registries, role: str) -> Manifest:
    """An image that was in the second registry before it had the rule."""
    ecr = registries.aws.client("ecr", region="eu-west-1")
    ecr.create_repository(repositoryName="apps/app")
    registries.aws.emulator.push(f"{THERE}/apps/app:1", role)
    return registries.registry(role, THERE).manifest("apps/app", "1")


def asked(registries: Registries) -> list[str]:
    return [each.host for each in registries.asked(HERE, THERE) if each.authorization]


def test_an_image_that_no_registry_has(registries: Registries, role: str) -> None:
    password = registries.token(role)
    answers = [registries.error("apps/app/manifests/1", password) for _ in range(2)]
    assert answers == [LOOP, LOOP]
    assert asked(registries) == [HERE, THERE, HERE] * 2


def test_the_emulator_s_own_pull(registries: Registries, role: str) -> None:
    error = registries.aws.emulator.pull(f"{HERE}/apps/app:1", role).error
    assert error == f"loop detected: {LOOP[2]}"


def test_an_image_that_one_registry_has(registries: Registries, role: str) -> None:
    image = own_image(registries, role)
    assert registries.pull("apps/app", "1", role)[-1] == image


def test_signatures_of_an_image_that_both_registries_have(registries: Registries, role: str) -> None:
    digest = own_image(registries, role).digest
    registries.pull("apps/app", "1", role)
    registries.internet.asked.clear()
    assert registries.registry(role).referrers("apps/app", digest) == []
    assert asked(registries) == [HERE, THERE, HERE]


def test_after_a_day_both_serve_what_they_have(registries: Registries, role: str) -> None:
    image = own_image(registries, role)
    registries.pull("apps/app", "1", role)
    registries.aws.emulator.advance(25)
    assert registries.pull("apps/app", "1", role)[-1] == image


def test_a_registry_outside_the_circle(registries: Registries, role: str) -> None:
    host = REGISTRY.replace("us-east-1", "eu-north-1")
    cache(registries, host, "copy", HERE)
    error = registries.error(f"https://{host}/v2/copy/apps/app/manifests/1", registries.token(role))
    assert error == LOOP


def test_rules_that_lead_through_one_registry_twice_are_no_circle(registries: Registries, role: str) -> None:
    digest = registries.app.add("1", {"etc/motd": b"hello"})
    registries.aws.cache_quay()
    cache(registries, THERE, "back", HERE)
    cache(registries, HERE, "again", THERE, upstreamRepositoryPrefix="back")
    assert registries.pull("again/quay/team/app", "1", role)[-1].digest == digest


def test_names_that_grow_along_the_circle(registries: Registries) -> None:
    """The last one is longer than ECR's names."""
    longer = f"apps/{'longer/' * 3}apps"
    cache(registries, HERE, "apps", THERE, upstreamRepositoryPrefix=longer)
    cache(registries, THERE, "apps", HERE, upstreamRepositoryPrefix=longer)
    password = registries.token(registries.aws.role(EVERYTHING))
    assert registries.ask("apps/app/manifests/1", password)[0] == 403
    assert len(asked(registries)) < 256 / len("longer/longer/longer")


def test_registries_of_two_accounts(registries: Registries) -> None:
    there = HERE.replace(HERE[:12], MEMBERS[0].id)
    for account, upstream in ((None, there), (MEMBERS[0], HERE)):
        clients = {"account": account} if account else {}
        ecr, iam = registries.aws.client("ecr", **clients), registries.aws.client("iam", **clients)
        arn = iam.create_role(RoleName="upstream", AssumeRolePolicyDocument=policy(TRUST))["Role"]["Arn"]
        iam.put_role_policy(RoleName="upstream", PolicyName="access", PolicyDocument=policy(EVERYTHING))
        ecr.put_registry_policy(policyText=policy(EVERYTHING | {"Principal": "*"}))
        ecr.create_repository(repositoryName="apps/app")
        ecr.create_pull_through_cache_rule(
            ecrRepositoryPrefix="apps",
            upstreamRegistryUrl=upstream,
            upstreamRepositoryPrefix="apps",
            customRoleArn=arn,
        )
    password = registries.token(registries.aws.role(EVERYTHING))
    assert registries.error("apps/app/manifests/1", password) == LOOP
