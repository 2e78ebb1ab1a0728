"""Pulls from a repository that exists, pushes, and invalid requests."""

import json

import pytest

from emulator.organization import MEMBERS
from tests.aws import IN_CACHE, REGISTRY, Aws, allow, error_of, policy

IMAGE = f"{REGISTRY}/quay/argoproj/argocd:v3.0.0"
READ = ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
READER = (allow("ecr:GetAuthorizationToken", resource="*"), allow(*READ, resource=IN_CACHE))


def cached(aws: Aws, **template: str) -> None:
    """The image, pulled once by an administrator of the registry's account."""
    aws.cache_quay(**template)
    first = aws.emulator.pull(IMAGE, aws.role(allow("ecr:*", resource="*")))
    assert (first.error, first.repository_created) == (None, True)
    aws.client("iam").delete_role_policy(RoleName="node", PolicyName="access")
    aws.client("iam").delete_role(RoleName="node")


def test_a_cached_image_needs_only_read_permissions(aws: Aws) -> None:
    cached(aws)
    outcome = aws.emulator.pull(IMAGE, aws.role(*READER))
    assert (outcome.allowed, outcome.repository_created, outcome.upstream) == (True, False, None)


def test_another_tag_is_imported(aws: Aws) -> None:
    cached(aws)
    outcome = aws.emulator.pull(IMAGE.replace("v3.0.0", "v3.0.1"), aws.role(*READER))
    assert outcome.error == "manifest unknown: Requested image not found"


def test_a_cached_image_is_listed(aws: Aws) -> None:
    cached(aws)
    (image,) = aws.client("ecr").list_images(repositoryName="quay/argoproj/argocd")["imageIds"]
    assert image["imageTag"] == "v3.0.0"


def test_a_repository_from_before_the_template_keeps_its_policy(aws: Aws) -> None:
    everyone = policy(allow(*READ, principal="*"))
    cached(aws)
    aws.client("ecr").update_repository_creation_template(prefix="quay", repositoryPolicy=everyone)
    error = aws.emulator.pull(IMAGE, aws.role(*READER, account=MEMBERS[0])).error or ""
    assert error.endswith("because no resource-based policy allows the ecr:BatchGetImage action")


def test_naming_the_node_s_account_lets_it_in(aws: Aws) -> None:
    root = {"AWS": f"arn:aws:iam::{MEMBERS[0].id}:root"}
    cached(aws, repositoryPolicy=policy(allow(*READ, principal=root)))
    assert aws.emulator.pull(IMAGE, aws.role(*READER, account=MEMBERS[0])).allowed


def test_a_cached_image_outlives_its_rule(aws: Aws) -> None:
    cached(aws)
    aws.client("ecr").delete_pull_through_cache_rule(ecrRepositoryPrefix="quay")
    assert aws.emulator.pull(IMAGE, aws.role(*READER)).allowed


@pytest.mark.parametrize(
    ("image", "value", "error"),
    [
        pytest.param("library/nginx:1", '{"username": "u", "accessToken": "t"}', None, id="official image"),
        pytest.param("nginx:1", '{"username": "u", "accessToken": "t"}', "403 Forbidden", id="library/ missing"),
        pytest.param(
            "library/nginx:1",
            '{"user": "u", "token": "t"}',
            "The authentication to the upstream registry failed",
            id="wrong keys in the secret",
        ),
    ],
)
def test_docker_hub(aws: Aws, image: str, value: str, error: str | None) -> None:
    aws.client("ecr").create_pull_through_cache_rule(
        ecrRepositoryPrefix="docker-hub",
        upstreamRegistryUrl="registry-1.docker.io",
        credentialArn=aws.secret(SecretString=value),
    )
    assert aws.emulator.pull(f"{REGISTRY}/docker-hub/{image}", aws.role(allow("ecr:*", resource="*"))).error == error


def test_a_reader_cannot_push(aws: Aws) -> None:
    cached(aws)
    error = aws.emulator.push(IMAGE, aws.role(*READER)).error or ""
    assert error.endswith("because no identity-based policy allows the ecr:BatchCheckLayerAvailability action")


def test_a_writer_can_push(aws: Aws) -> None:
    cached(aws)
    assert aws.emulator.push(f"{REGISTRY}/quay/argoproj/argocd:ours", aws.role(allow("ecr:*", resource="*"))).allowed


def test_an_immutable_tag_is_pushed_once(aws: Aws) -> None:
    cached(aws, imageTagMutability="IMMUTABLE")
    assert aws.emulator.push(IMAGE, aws.role(allow("ecr:*", resource="*"))).error == (
        "tag invalid: The image tag 'v3.0.0' already exists in the 'quay/argoproj/argocd' repository "
        "and cannot be overwritten because the tag is immutable."
    )


def test_the_api_rejects_an_immutable_tag_too(aws: Aws) -> None:
    cached(aws, imageTagMutability="IMMUTABLE")
    other = json.dumps({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json"})
    put = aws.client("ecr").put_image
    error = error_of(put, repositoryName="quay/argoproj/argocd", imageManifest=other, imageTag="v3.0.0")
    assert error.startswith("ImageTagAlreadyExistsException: ")


def test_a_push_makes_no_repository(aws: Aws) -> None:
    error = aws.emulator.push(f"{REGISTRY}/team/service:1", aws.role(allow("ecr:*", resource="*"))).error or ""
    assert error.startswith("name unknown: The repository with name 'team/service' does not exist")


@pytest.mark.parametrize("image", ["quay.io/argoproj/argocd:v3", REGISTRY, f"{REGISTRY}/quay/argocd@sha256:0"])
def test_an_image_that_is_not_in_ecr_by_tag(aws: Aws, image: str) -> None:
    with pytest.raises(ValueError, match="is not <account>"):
        aws.emulator.pull(image, aws.role())


@pytest.mark.parametrize("role", ["arn:aws:iam::123456789012:role/nobody", "node"])
def test_an_unknown_role(aws: Aws, role: str) -> None:
    with pytest.raises(ValueError, match=f"no role {role}"):
        aws.emulator.pull(IMAGE, role)
