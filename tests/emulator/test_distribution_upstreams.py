"""Upstream registries that are broken, strict, limited or another account's ECR."""

import json
import re
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from werkzeug import Request, Response

from emulator.organization import MEMBERS
from emulator.upstream_registry import Application, DockerHub
from tests.aws import REGISTRY, allow, policy
from tests.registries import EVERYTHING, LOGIN, Registries

FILES = {"etc/motd": b"hello"}
UNABLE = (
    403,
    "DENIED",
    "The image or images were unable to be pulled using the pull through cache rule.",
)
AUTHENTICATION_FAILED = (403, "DENIED", "The authentication to the upstream registry failed")
NOT_FOUND = (404, "MANIFEST_UNKNOWN", "Requested image not found")
Change = Callable[[Request, bytes], bytes]


class Changed:
    """WSGI: a registry with answers that are changed on the way."""

    def __init__(self, registry: Application, change: Change) -> None:
        self._registry = registry
        self._change = change

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        request = Request(environ)
        response = Response.from_app(self._registry, environ)
        body = self._change(request, response.get_data())
        # The length is still that of what the registry said.
        headers = {"Content-Length": response.headers.get("Content-Length", str(len(body)))}
        changed = Response([body], response.status_code, headers, content_type=response.content_type)
        return changed(environ, start_response)


def on(part: str, change: Callable[[bytes], bytes]) -> Change:
    return lambda request, body: change(body) if part in request.path else body


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(on("/blobs/", lambda body: body[:-1] + b"\0"), id="a layer with another digest"),
        pytest.param(on("/blobs/", lambda body: body[:-1]), id="a layer that is too short"),
        pytest.param(on("/manifests/", lambda body: body[:-9]), id="a manifest that is too short"),
        pytest.param(on("/manifests/", lambda body: b"[]".ljust(len(body))), id="a manifest that is none"),
        pytest.param(
            on("/manifests/", lambda body: body.replace(b'"sha256:', b'"md5:00:')), id="a manifest with other digests"
        ),
        pytest.param(
            on("/manifests/sha256:", lambda body: body.replace(b'": ', b'" :')), id="a platform with another digest"
        ),
    ],
)
def test_from_a_broken_upstream_nothing_is_cached(registries: Registries, change: Change) -> None:
    registries.app.add("1", FILES, platforms=("amd64", "arm64"))
    registries.aws.cache_quay()
    role = registries.aws.role(EVERYTHING)
    with registries.playing(Changed(registries.upstream, change)):
        error = registries.error("quay/team/app/manifests/1", registries.token(role))
    images = registries.aws.client("ecr").list_images(repositoryName="quay/team/app")["imageIds"]
    assert (error, images) == (UNABLE, [])


def test_a_layer_of_another_size_than_its_manifest_has(registries: Registries) -> None:
    registries.app.add("1", FILES)
    registries.aws.cache_quay()
    password = registries.token(registries.aws.role(EVERYTHING))
    larger = on("/manifests/1", lambda body: re.sub(rb'("size": \d)\d', rb"\g<1>9", body))
    with registries.playing(Changed(registries.upstream, larger)):
        assert registries.error("quay/team/app/manifests/1", password) == UNABLE


def test_after_a_broken_upstream_the_next_pull_works(registries: Registries) -> None:
    digest = registries.app.add("1", FILES)
    registries.aws.cache_quay()
    role = registries.aws.role(EVERYTHING)
    with registries.playing(Changed(registries.upstream, on("/blobs/", lambda body: body[:-1]))):
        registries.ask("quay/team/app/manifests/1", registries.token(role))
    assert registries.pull("quay/team/app", "1", role)[-1].digest == digest


def test_while_the_upstream_is_broken_the_cached_image_is_served(registries: Registries) -> None:
    digest = registries.app.add("1", FILES)
    registries.aws.cache_quay()
    role = registries.aws.role(EVERYTHING)
    registries.pull("quay/team/app", "1", role)
    registries.app.add("1", {"etc/motd": b"goodbye"})
    registries.aws.emulator.advance(25)
    with registries.playing(Changed(registries.upstream, on("/blobs/", lambda body: body[:-1]))):
        assert registries.pull("quay/team/app", "1", role)[-1].digest == digest


def test_an_image_that_the_upstream_does_not_have(registries: Registries) -> None:
    registries.aws.cache_quay()
    password = registries.token(registries.aws.role(EVERYTHING))
    assert registries.error("quay/team/nothing/manifests/1", password) == NOT_FOUND


def test_an_upstream_that_is_down(registries: Registries) -> None:
    registries.aws.cache_quay()
    registries.without_upstream()
    password = registries.token(registries.aws.role(EVERYTHING))
    assert registries.error("quay/team/app/manifests/1", password) == UNABLE


def test_an_upstream_without_a_server_is_recorded(registries: Registries) -> None:
    registries.aws.client("ecr").create_pull_through_cache_rule(
        ecrRepositoryPrefix="ghcr", upstreamRegistryUrl="ghcr.io", credentialArn=registries.aws.secret()
    )
    registries.ask("ghcr/team/app/manifests/1", registries.token(registries.aws.role(EVERYTHING)))
    assert registries.internet.refused == ["ghcr.io"]


def test_docker_hub_gets_the_user_name_and_the_token_of_the_secret(registries: Registries) -> None:
    digest = registries.app.add("1", FILES)
    registries.cache_docker_hub()
    role = registries.aws.role(EVERYTHING)
    assert registries.pull("docker-hub/library/nginx", "1", role)[-1].digest == digest


def test_docker_hub_rejects_wrong_credentials(registries: Registries) -> None:
    registries.app.add("1", FILES)
    registries.cache_docker_hub(login=("somebody", "an old token"))
    password = registries.token(registries.aws.role(EVERYTHING))
    assert registries.error("docker-hub/library/nginx/manifests/1", password) == AUTHENTICATION_FAILED


def test_an_official_image_without_library(registries: Registries) -> None:
    registries.app.add("1", FILES)
    registries.cache_docker_hub()
    password = registries.token(registries.aws.role(EVERYTHING))
    assert registries.error("docker-hub/nginx/manifests/1", password) == (403, "DENIED", "403 Forbidden")


def test_docker_hub_s_rate_limit(registries: Registries) -> None:
    registries.app.add("1", FILES)
    registries.app.add("2", {"etc/motd": b"goodbye"})
    registries.cache_docker_hub()
    role = registries.aws.role(EVERYTHING)
    limited = DockerHub(registries.upstream, LOGIN, limit=1)
    with registries.playing(limited, "registry-1.docker.io"), registries.playing(limited, "auth.docker.io"):
        registries.pull("docker-hub/library/nginx", "1", role)
        status, code, _ = registries.error("docker-hub/library/nginx/manifests/2", registries.token(role))
        registries.pull("docker-hub/library/nginx", "1", role)
    assert (status, code) == (429, "TOOMANYREQUESTS")


OWNER = MEMBERS[0]
ELSEWHERE = f"{OWNER.id}.dkr.ecr.us-east-1.amazonaws.com"
TRUST = {"Effect": "Allow", "Principal": {"Service": "pullthroughcache.ecr.amazonaws.com"}, "Action": "sts:AssumeRole"}


def cache_another_account(registries: Registries, **upstream_policy: Any) -> str:
    """A rule for a repository of another account that caches quay.io. Returns the role that pulls, in the first account."""
    registries.aws.client("ecr", OWNER).create_pull_through_cache_rule(
        ecrRepositoryPrefix="quay", upstreamRegistryUrl="quay.io"
    )
    registries.pull("quay/team/app", "1", registries.aws.role(EVERYTHING, account=OWNER), host=ELSEWHERE)
    if upstream_policy:
        registries.aws.client("ecr", OWNER).set_repository_policy(
            repositoryName="quay/team/app", policyText=policy(EVERYTHING | upstream_policy)
        )
    iam = registries.aws.client("iam")
    role = iam.create_role(RoleName="upstream", AssumeRolePolicyDocument=policy(TRUST))["Role"]["Arn"]
    iam.put_role_policy(RoleName="upstream", PolicyName="access", PolicyDocument=policy(EVERYTHING))
    registries.aws.client("ecr").create_pull_through_cache_rule(
        ecrRepositoryPrefix="other", upstreamRegistryUrl=ELSEWHERE, customRoleArn=role
    )
    return registries.aws.role(EVERYTHING)


def test_another_account_s_ecr(registries: Registries) -> None:
    digest = registries.app.add("1", FILES)
    role = cache_another_account(registries, Principal="*")
    registries.without_upstream()
    assert registries.pull("other/quay/team/app", "1", role)[-1].digest == digest


def test_another_account_s_ecr_that_does_not_let_the_role_in(registries: Registries) -> None:
    registries.app.add("1", FILES)
    role = cache_another_account(registries)
    error = registries.error("other/quay/team/app/manifests/1", registries.token(role))
    assert error == AUTHENTICATION_FAILED


def test_the_same_account_s_ecr_in_another_region(registries: Registries) -> None:
    digest = registries.app.add("1", FILES)
    registries.aws.cache_quay()
    role = registries.aws.role(EVERYTHING)
    registries.pull("quay/team/app", "1", role)
    registries.aws.client("ecr", region="eu-west-1").create_pull_through_cache_rule(
        ecrRepositoryPrefix="copy", upstreamRegistryUrl=REGISTRY
    )
    elsewhere = REGISTRY.replace("us-east-1", "eu-west-1")
    assert registries.pull("copy/quay/team/app", "1", role, host=elsewhere)[-1].digest == digest


def test_signatures_are_fetched_at_the_first_request_for_them(registries: Registries) -> None:
    digest = registries.app.add("1", FILES)
    signature = registries.app.sign(digest, b"signed")
    registries.aws.cache_quay()
    role = registries.aws.role(EVERYTHING)
    registries.pull("quay/team/app", "1", role)
    assert registries.registry(role).referrers("quay/team/app", digest) == [signature]
    registries.without_upstream()
    assert registries.pull("quay/team/app", signature, role)[-1].subject == digest


def test_referrers_of_one_type(registries: Registries) -> None:
    digest = registries.app.add("1", FILES)
    registries.app.sign(digest, b"signed")
    registries.aws.cache_quay()
    role = registries.aws.role(EVERYTHING)
    registries.pull("quay/team/app", "1", role)
    types = ("application/vnd.example.signature", "application/spdx+json")
    answers = [
        registries.ask(f"quay/team/app/referrers/{digest}?artifactType={each}", registries.token(role))[2]
        for each in types
    ]
    assert [len(json.loads(answer)["manifests"]) for answer in answers] == [1, 0]


def test_without_the_import_permission_signatures_are_not_fetched(registries: Registries) -> None:
    digest = registries.app.add("1", FILES)
    registries.app.sign(digest, b"signed")
    registries.aws.cache_quay()
    registries.pull("quay/team/app", "1", registries.aws.role(EVERYTHING))
    iam = registries.aws.client("iam")
    reading = policy(allow("ecr:GetAuthorizationToken", "ecr:ListImageReferrers", resource="*"))
    iam.put_role_policy(RoleName="node", PolicyName="access", PolicyDocument=reading)
    role = iam.get_role(RoleName="node")["Role"]["Arn"]
    assert registries.registry(role).referrers("quay/team/app", digest) == []
