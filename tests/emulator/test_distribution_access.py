"""Who may use a registry, and the codes and texts that ECR returns to everyone else."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError

from emulator.organization import MEMBERS, SHARED_SERVICES, STRANGER
from tests.aws import IN_CACHE, REGISTRY, allow
from tests.registries import EVERYTHING, Registries

Change = Callable[[str], str]
FILES = {"etc/motd": b"hello"}
TOKEN = allow("ecr:GetAuthorizationToken", resource="*")
NOT_FOUND = (
    404,
    "NAME_UNKNOWN",
    f"The repository with name 'quay/team/app' does not exist in the registry with id '{SHARED_SERVICES.id}'",
)


def node(registries: Registries, *actions: str) -> str:
    """The password of a node that may do these actions."""
    return registries.token(registries.aws.role(TOKEN, allow(*actions, resource=IN_CACHE)))


def cached(registries: Registries) -> str:
    """The digest of an image that is cached."""
    digest = registries.app.add("1", FILES)
    registries.aws.cache_quay()
    iam = registries.aws.client("iam")
    registries.pull("quay/team/app", "1", registries.aws.role(EVERYTHING))
    iam.delete_role_policy(RoleName="node", PolicyName="access")
    iam.delete_role(RoleName="node")
    return digest


def test_without_a_token_the_registry_asks_for_one(registries: Registries) -> None:
    status, headers, body = registries.ask("", None)
    assert (status, body) == (401, b"Not Authorized\n")
    assert headers["WWW-Authenticate"] == f'Basic realm="https://{REGISTRY}/",service="ecr.amazonaws.com"'


@pytest.mark.parametrize("password", ["", "123456789012-auth-token", "a.b"])
def test_a_wrong_token_is_rejected(registries: Registries, password: str) -> None:
    assert registries.ask("quay/team/app/manifests/1", password)[0] == 401


def test_a_token_works_for_twelve_hours(registries: Registries) -> None:
    password = registries.token(registries.aws.role(EVERYTHING))
    registries.aws.emulator.advance(11.9)
    assert registries.ask("", password)[0] == 200
    registries.aws.emulator.advance(0.2)
    expired = "Your authorization token has expired. Reauthenticate and try again."
    assert registries.error("", password) == (403, "DENIED", expired)


def test_a_token_names_its_end_and_its_registry(registries: Registries) -> None:
    (data,) = registries.aws.client("ecr").get_authorization_token()["authorizationData"]
    assert data["proxyEndpoint"] == f"https://{REGISTRY}"
    assert timedelta(hours=11) < data["expiresAt"] - datetime.now(UTC) < timedelta(hours=13)


def test_a_token_is_the_caller_s(registries: Registries) -> None:
    cached(registries)
    administrator = registries.aws.client("ecr").get_authorization_token()["authorizationData"][0]
    assert administrator["authorizationToken"]
    reader = node(registries, "ecr:ListImages")
    status, code, message = registries.error("quay/team/app/manifests/1", reader)
    assert (status, code) == (403, "DENIED")
    assert message.startswith(f"User: arn:aws:sts::{SHARED_SERVICES.id}:assumed-role/node/")
    assert message.endswith("because no identity-based policy allows the ecr:BatchGetImage action")


def test_a_token_needs_its_permission(registries: Registries) -> None:
    role = registries.aws.role(allow("ecr:BatchGetImage", resource="*"))
    with pytest.raises(ClientError) as error:
        registries.token(role)
    assert error.value.response["Error"]["Code"] == "AccessDeniedException"


def test_the_token_of_a_deleted_role_is_rejected(registries: Registries) -> None:
    password = node(registries, "ecr:*")
    iam = registries.aws.client("iam")
    iam.delete_role_policy(RoleName="node", PolicyName="access")
    iam.delete_role(RoleName="node")
    assert registries.error("quay/team/app/manifests/1", password)[:2] == (403, "DENIED")


def test_a_first_pull_without_create_repository(registries: Registries) -> None:
    registries.app.add("1", FILES)
    registries.aws.cache_quay()
    password = node(registries, "ecr:BatchImportUpstreamImage", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
    assert registries.error("quay/team/app/manifests/1", password) == NOT_FOUND


def test_a_first_pull_without_the_import(registries: Registries) -> None:
    registries.app.add("1", FILES)
    registries.aws.cache_quay()
    password = node(registries, "ecr:CreateRepository", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
    expected = (404, "MANIFEST_UNKNOWN", "Requested image not found")
    assert registries.error("quay/team/app/manifests/1", password) == expected


def test_a_stranger_s_first_pull(registries: Registries) -> None:
    registries.app.add("1", FILES)
    registries.aws.cache_quay()
    password = registries.token(registries.aws.role(EVERYTHING, account=STRANGER))
    assert registries.error("quay/team/app/manifests/1", password) == NOT_FOUND
    assert registries.upstream.asked == []


def test_a_stranger_s_later_pull(registries: Registries) -> None:
    cached(registries)
    password = registries.token(registries.aws.role(EVERYTHING, account=STRANGER))
    status, code, message = registries.error("quay/team/app/manifests/1", password)
    assert (status, code) == (403, "DENIED")
    assert message.endswith("because no resource-based policy allows the ecr:BatchGetImage action")


def test_the_emulator_and_the_registry_give_the_same_reason(registries: Registries) -> None:
    cached(registries)
    role = registries.aws.role(EVERYTHING, account=MEMBERS[0])
    _, code, message = registries.error("quay/team/app/manifests/1", registries.token(role))
    image = f"{REGISTRY}/quay/team/app:1"
    assert registries.aws.emulator.pull(image, role).error == f"{code.lower()}: {message}"


def test_layers_need_their_permission(registries: Registries) -> None:
    digest = cached(registries)
    config = registries.upstream.asked[-1].rpartition("/")[2]
    password = node(registries, "ecr:BatchGetImage")
    assert registries.ask(f"quay/team/app/manifests/{digest}", password)[0] == 200
    status, _, message = registries.error(f"quay/team/app/blobs/{config}", password)
    assert status == 403
    assert message.endswith("because no identity-based policy allows the ecr:GetDownloadUrlForLayer action")


def test_a_layer_of_another_repository_is_not_found(registries: Registries) -> None:
    cached(registries)
    config = registries.upstream.asked[-1].rpartition("/")[2]
    registries.aws.client("ecr").create_repository(repositoryName="quay/other")
    status, code, _ = registries.error(f"quay/other/blobs/{config}", node(registries, "ecr:*"))
    assert (status, code) == (404, "BLOB_UNKNOWN")


def layer(registries: Registries) -> str:
    """The address that the registry sends a client to."""
    cached(registries)
    config = registries.upstream.asked[-1].rpartition("/")[2]
    status, headers, _ = registries.ask(f"quay/team/app/blobs/{config}", node(registries, "ecr:*"))
    assert status == 307
    return str(headers["Location"])


def test_the_bucket_rejects_credentials(registries: Registries) -> None:
    status, _, body = registries.ask(layer(registries), "any")
    assert (status, b"<Code>InvalidArgument</Code>" in body) == (400, True)


def test_the_bucket_gives_a_layer_to_a_signed_address(registries: Registries) -> None:
    assert registries.ask(layer(registries), None)[0] == 200


@pytest.mark.parametrize(
    ("change", "hours"),
    [
        pytest.param(lambda address: address.partition("?")[0], 0, id="no signature"),
        pytest.param(lambda address: address[:-1], 0, id="another signature"),
        pytest.param(lambda address: address.replace("/sha256:", "/sha256:0"), 0, id="another layer"),
        pytest.param(lambda address: address, 1.1, id="too late"),
    ],
)
def test_the_bucket_rejects_other_addresses(registries: Registries, change: Change, hours: float) -> None:
    address = change(layer(registries))
    registries.aws.emulator.advance(hours)
    assert registries.ask(address, None)[0] == 403


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("Quay/Team/manifests/1", (400, "NAME_INVALID")),
        ("quay/team//app/manifests/1", (400, "NAME_INVALID")),
        ("quay/../secret/manifests/1", (400, "NAME_INVALID")),
        (f"{'a' * 257}/manifests/1", (400, "NAME_INVALID")),
        (f"quay/team/app/manifests/{'1' * 301}", (400, "TAG_INVALID")),
        ("quay/team/app/blobs/sha256:abc", (400, "DIGEST_INVALID")),
        ("quay/team/app/blobs/latest", (400, "DIGEST_INVALID")),
        ("quay/team/app/referrers/sha512:abc", (400, "DIGEST_INVALID")),
        ("quay/team/app/manifests/sha256:abc", (400, "TAG_INVALID")),
        ("quay/team/app/manifests/-x", (400, "TAG_INVALID")),
        ("quay/team/app/nothing", (405, "UNSUPPORTED")),
        ("_catalog", (405, "UNSUPPORTED")),
    ],
)
def test_names_and_digests_that_are_not_valid(registries: Registries, path: str, expected: tuple[int, str]) -> None:
    registries.aws.cache_quay()
    assert registries.error(path, node(registries, "ecr:*"))[:2] == expected
    assert registries.aws.client("ecr").describe_repositories()["repositories"] == []


def test_tags_are_listed_in_pages(registries: Registries) -> None:
    for tag in ("1", "2", "3"):
        registries.app.add(tag, {"tag": tag.encode()})
    registries.aws.cache_quay()
    role = registries.aws.role(EVERYTHING)
    for tag in ("3", "1", "2"):
        registries.pull("quay/team/app", tag, role)
    password = registries.token(role)
    _, headers, body = registries.ask("quay/team/app/tags/list?n=2", password)
    assert body == b'{"name": "quay/team/app", "tags": ["1", "2"]}'
    following = headers["Link"].partition("</v2/")[2].partition(">")[0]
    assert registries.ask(following, password)[2] == b'{"name": "quay/team/app", "tags": ["3"]}'
