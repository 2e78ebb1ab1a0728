"""First and later pulls with real bytes, by the OCI distribution API."""

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from emulator.organization import MEMBERS, SHARED_SERVICES
from tests.aws import REGISTRY, policy
from tests.registries import EVERYTHING, LOGIN, Registries

FILES = {"etc/motd": b"hello"}
BUCKET = "prod-us-east-1-starport-layer-bucket.s3.us-east-1.amazonaws.com"


def test_a_first_pull_brings_the_bytes_of_the_upstream(registries: Registries) -> None:
    digest = registries.app.add("1", FILES)
    registries.aws.cache_quay()
    *_, manifest = registries.pull("quay/team/app", "1", registries.aws.role(EVERYTHING))
    assert manifest.digest == digest


def test_a_second_pull_does_not_ask_the_upstream(registries: Registries) -> None:
    registries.app.add("1", FILES)
    registries.aws.cache_quay()
    role = registries.aws.role(EVERYTHING)
    registries.pull("quay/team/app", "1", role)
    registries.upstream.asked.clear()
    registries.pull("quay/team/app", "1", role)
    assert registries.upstream.asked == []


def test_of_an_index_every_platform_is_cached(registries: Registries) -> None:
    digest = registries.app.add("1", FILES, platforms=("amd64", "arm64"))
    registries.aws.cache_quay()
    role = registries.aws.role(EVERYTHING)
    registries.pull("quay/team/app", "1", role)
    registries.without_upstream()
    manifests = registries.pull("quay/team/app", digest, role)
    platforms = [each["platform"]["architecture"] for each in manifests[-1].children]
    assert (len(manifests), platforms) == (3, ["amd64", "arm64"])


def test_one_platform_is_pulled_by_its_digest(registries: Registries) -> None:
    registries.app.add("1", FILES, platforms=("amd64", "arm64"))
    registries.aws.cache_quay()
    role = registries.aws.role(EVERYTHING)
    index = registries.registry(role).manifest("quay/team/app", "1")
    arm = index.children[1]["digest"]
    assert [each.digest for each in registries.pull("quay/team/app", arm, role)] == [arm]


def test_a_first_pull_by_digest(registries: Registries) -> None:
    digest = registries.app.add("1", FILES)
    registries.aws.cache_quay()
    role = registries.aws.role(EVERYTHING)
    assert registries.pull("quay/team/app", digest, role)[-1].digest == digest


def test_the_repository_is_made_from_its_template(registries: Registries) -> None:
    registries.app.add("1", FILES)
    registries.aws.cache_quay(imageTagMutability="IMMUTABLE", repositoryPolicy=policy(EVERYTHING | {"Principal": "*"}))
    registries.pull("quay/team/app", "1", registries.aws.role(EVERYTHING))
    ecr = registries.aws.client("ecr")
    (repository,) = ecr.describe_repositories()["repositories"]
    text = ecr.get_repository_policy(repositoryName="quay/team/app")["policyText"]
    assert repository["imageTagMutability"] == "IMMUTABLE"
    assert json.loads(text)["Statement"][0]["Action"] == ["ecr:*"]


def test_the_api_lists_what_was_pulled(registries: Registries) -> None:
    digest = registries.app.add("1", FILES)
    registries.aws.cache_quay()
    registries.pull("quay/team/app", "1", registries.aws.role(EVERYTHING))
    (image,) = registries.aws.client("ecr").list_images(repositoryName="quay/team/app")["imageIds"]
    assert image == {"imageDigest": digest, "imageTag": "1"}


def test_a_moved_tag_is_fetched_again_after_a_day(registries: Registries) -> None:
    first = registries.app.add("1", FILES)
    registries.aws.cache_quay()
    role = registries.aws.role(EVERYTHING)
    registries.pull("quay/team/app", "1", role)
    second = registries.app.add("1", {"etc/motd": b"goodbye"})
    pulled = []
    for hours in (0, 23, 1.1):
        registries.aws.emulator.advance(hours)
        pulled.append(registries.pull("quay/team/app", "1", role)[-1].digest)
    assert pulled == [first, first, second]


def test_a_tag_that_was_fetched_again_is_fresh_for_another_day(registries: Registries) -> None:
    registries.app.add("1", FILES)
    registries.aws.cache_quay()
    role = registries.aws.role(EVERYTHING)
    for hours in (0, 25, 23, 2):
        registries.aws.emulator.advance(hours)
        registries.pull("quay/team/app", "1", role)
    assert registries.fetched() == ["1"] * 3


def test_the_former_image_of_a_moved_tag_stays(registries: Registries) -> None:
    first = registries.app.add("1", FILES)
    registries.aws.cache_quay()
    role = registries.aws.role(EVERYTHING)
    registries.pull("quay/team/app", "1", role)
    registries.app.add("1", {"etc/motd": b"goodbye"})
    registries.aws.emulator.advance(25)
    registries.pull("quay/team/app", "1", role)
    assert registries.pull("quay/team/app", first, role)[-1].digest == first


def test_an_immutable_tag_is_never_fetched_again(registries: Registries) -> None:
    first = registries.app.add("1", FILES)
    registries.aws.cache_quay(imageTagMutability="IMMUTABLE")
    role = registries.aws.role(EVERYTHING)
    registries.pull("quay/team/app", "1", role)
    registries.app.add("1", {"etc/motd": b"goodbye"})
    registries.aws.emulator.advance(1000)
    assert registries.pull("quay/team/app", "1", role)[-1].digest == first


def test_while_the_upstream_is_down_the_cached_image_is_served(registries: Registries) -> None:
    digest = registries.app.add("1", FILES)
    registries.aws.cache_quay()
    role = registries.aws.role(EVERYTHING)
    registries.pull("quay/team/app", "1", role)
    registries.without_upstream()
    registries.aws.emulator.advance(25)
    assert registries.pull("quay/team/app", "1", role)[-1].digest == digest


def test_concurrent_first_pulls_fetch_once(registries: Registries) -> None:
    digest = registries.app.add("1", {"layer": bytes(1 << 20)})
    registries.aws.cache_quay()
    role = registries.aws.role(EVERYTHING)
    clients, together = 8, Barrier(8)

    def pull(_: int) -> str:
        together.wait()
        return registries.pull("quay/team/app", "1", role)[-1].digest

    with ThreadPoolExecutor(clients) as pool:
        assert set(pool.map(pull, range(clients))) == {digest}
    assert registries.fetched() == ["1"]


def test_layers_come_from_a_bucket_without_credentials(registries: Registries) -> None:
    registries.app.add("1", FILES)
    registries.aws.cache_quay()
    registries.pull("quay/team/app", "1", registries.aws.role(EVERYTHING))
    assert {each.authorization for each in registries.asked(BUCKET)} == {""}


def test_no_other_host_is_contacted_and_each_password_goes_only_to_its_own_host(registries: Registries) -> None:
    registries.app.add("1", FILES)
    registries.cache_docker_hub()
    registries.pull("docker-hub/library/nginx", "1", registries.aws.role(EVERYTHING))
    basic = {each.host for each in registries.internet.asked if each.authorization.startswith("Basic ")}
    asked = {each.host for each in registries.internet.asked}
    assert asked == {REGISTRY, BUCKET, "registry-1.docker.io", "auth.docker.io"}
    assert (basic, registries.internet.refused) == ({REGISTRY, "auth.docker.io"}, [])
    assert LOGIN[1] not in str(registries.internet.asked)


@pytest.mark.parametrize(
    ("rule", "repository"),
    [
        pytest.param({"ecrRepositoryPrefix": "ROOT"}, "team/app", id="ROOT"),
        pytest.param({"ecrRepositoryPrefix": "short", "upstreamRepositoryPrefix": "team"}, "short/app", id="upstream"),
        pytest.param({"ecrRepositoryPrefix": "a/b"}, "a/b/team/app", id="two parts"),
    ],
)
def test_prefixes(registries: Registries, rule: dict[str, str], repository: str) -> None:
    digest = registries.app.add("1", FILES)
    registries.aws.client("ecr").create_pull_through_cache_rule(upstreamRegistryUrl="quay.io", **rule)
    assert registries.pull(repository, "1", registries.aws.role(EVERYTHING))[-1].digest == digest


def test_another_account_s_registry_has_other_images(registries: Registries) -> None:
    registries.app.add("1", FILES)
    registries.aws.cache_quay()
    role = registries.aws.role(EVERYTHING, account=MEMBERS[0])
    elsewhere = f"https://{MEMBERS[0].id}.dkr.ecr.us-east-1.amazonaws.com/v2/quay/team/app/manifests/1"
    _, code, message = registries.error(elsewhere, registries.token(role))
    assert (code, MEMBERS[0].id in message, SHARED_SERVICES.id in message) == ("NAME_UNKNOWN", True, False)


def test_both_ways_to_pull_cache_the_same(registries: Registries) -> None:
    registries.app.add("1", FILES)
    registries.aws.cache_quay()
    role = registries.aws.role(EVERYTHING)
    outcome = registries.aws.emulator.pull(f"{REGISTRY}/quay/team/app:1", role)
    assert outcome.upstream == "quay.io/team/app:1"
    registries.pull("quay/team/app", "1", role)
    assert registries.fetched() == ["1"]
