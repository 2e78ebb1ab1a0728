"""ECR of another account as the upstream. Source: Guide (Amazon ECR User Guide), pull-through-cache-private.html."""

from typing import Any

import pytest

from emulator.organization import MEMBERS, SHARED_SERVICES
from tests.aws import REGISTRY, Aws, Json, allow, error_of, policy

UPSTREAM = MEMBERS[0]
READ = ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchImportUpstreamImage", "ecr:GetImageCopyStatus")
WRITE = ("ecr:InitiateLayerUpload", "ecr:UploadLayerPart", "ecr:CompleteLayerUpload", "ecr:PutImage")
TOKEN = allow("ecr:GetAuthorizationToken", resource="*")
SERVICE = {"Service": "pullthroughcache.ecr.amazonaws.com"}
TRUST = allow("sts:AssumeRole", principal=SERVICE)
EVERYTHING = allow("ecr:*", resource="*")
OUR_ROLE = f"arn:aws:iam::{SHARED_SERVICES.id}:role/upstream"
FAILED = "The authentication to the upstream registry failed"


class Upstream:
    """A rule for the registry of another account, which lets the rule's role read one repository."""

    def __init__(self, aws: Aws) -> None:
        self.aws, self.ecr, self.iam = aws, aws.client("ecr"), aws.client("iam")
        self.iam.create_role(RoleName="upstream", AssumeRolePolicyDocument=policy(TRUST))
        self.grant(TOKEN, allow(*READ, *WRITE, resource="*"))
        self.there = aws.client("ecr", UPSTREAM)
        self.there.create_repository(repositoryName="base/service")
        self.let_in({"AWS": SHARED_SERVICES.id})
        self.ecr.create_pull_through_cache_rule(
            ecrRepositoryPrefix="base",
            upstreamRegistryUrl=f"{UPSTREAM.id}.dkr.ecr.us-east-1.amazonaws.com",
            upstreamRepositoryPrefix="base",
            customRoleArn=OUR_ROLE,
        )

    def trust(self, *statements: Json) -> None:
        self.iam.update_assume_role_policy(RoleName="upstream", PolicyDocument=policy(*statements))

    def grant(self, *statements: Json) -> None:
        self.iam.put_role_policy(RoleName="upstream", PolicyName="access", PolicyDocument=policy(*statements))

    def let_in(self, principal: Any, *actions: str) -> None:
        text = policy(allow(*(actions or READ), principal=principal))
        self.there.set_repository_policy(repositoryName="base/service", policyText=text)

    def failure(self) -> str | None:
        """What ValidatePullThroughCacheRule finds."""
        answer = self.ecr.validate_pull_through_cache_rule(ecrRepositoryPrefix="base")
        assert answer["isValid"] == ("failure" not in answer)
        failure: str | None = answer.get("failure")
        return failure

    def pull(self, repository: str = "base/service") -> str | None:
        return self.aws.emulator.pull(f"{REGISTRY}/{repository}:1", self.aws.role(EVERYTHING)).error


@pytest.fixture
def upstream(aws: Aws) -> Upstream:
    return Upstream(aws)


def test_with_all_permissions(upstream: Upstream) -> None:
    assert (upstream.failure(), upstream.pull()) == (None, None)


def source(account: str) -> Json:
    return {"StringEquals": {"aws:SourceAccount": account}}


@pytest.mark.parametrize(
    ("statements", "trusted"),
    [
        pytest.param([TRUST | {"Condition": source(SHARED_SERVICES.id)}], True, id="this account's ECR"),
        pytest.param([TRUST | {"Condition": source(UPSTREAM.id)}], False, id="another account's ECR"),
        pytest.param(
            [allow("sts:AssumeRole", principal={"Service": "ecr.amazonaws.com"})], False, id="another service"
        ),
        pytest.param([allow("sts:TagSession", principal=SERVICE)], False, id="another action"),
        pytest.param([TRUST, TRUST | {"Effect": "Deny"}], False, id="denied"),
        pytest.param([allow("sts:AssumeRole", principal={"AWS": SHARED_SERVICES.id})], False, id="the account"),
    ],
)
def test_the_trust_policy_is_evaluated(upstream: Upstream, statements: list[Json], trusted: bool) -> None:
    upstream.trust(*statements)
    failure = None if trusted else f"{SERVICE['Service']} cannot assume {OUR_ROLE}: its trust policy does not allow it"
    assert (upstream.failure(), upstream.pull()) == (failure, None if trusted else FAILED)


def test_the_role_must_exist(upstream: Upstream) -> None:
    upstream.iam.delete_role_policy(RoleName="upstream", PolicyName="access")
    upstream.iam.delete_role(RoleName="upstream")
    assert (upstream.failure(), upstream.pull()) == (f"there is no role {OUR_ROLE}", FAILED)


@pytest.mark.parametrize("missing", ["ecr:GetAuthorizationToken", *READ, *WRITE])
def test_each_permission_of_the_role_is_needed(upstream: Upstream, missing: str) -> None:
    granted = {"ecr:GetAuthorizationToken", *READ, *WRITE} - {missing}
    upstream.grant(allow(*granted, resource="*"))
    assert f"because no identity-based policy allows the {missing} action" in (upstream.failure() or "")
    assert upstream.pull() == FAILED


@pytest.mark.parametrize("missing", READ)
def test_each_permission_of_the_upstream_s_policy_is_needed(upstream: Upstream, missing: str) -> None:
    upstream.let_in({"AWS": OUR_ROLE}, *(set(READ) - {missing}))
    assert f"because no resource-based policy allows the {missing} action" in (upstream.failure() or "")
    assert upstream.pull() == FAILED


def test_a_registry_policy_of_the_upstream_lets_in_too(upstream: Upstream) -> None:
    upstream.there.delete_repository_policy(repositoryName="base/service")
    statement = allow(*READ, principal={"AWS": OUR_ROLE}, resource="*")
    upstream.there.put_registry_policy(policyText=policy(statement))
    assert upstream.pull() is None


def test_a_permissions_boundary_limits_the_role(upstream: Upstream) -> None:
    arn = upstream.iam.create_policy(PolicyName="boundary", PolicyDocument=policy(TOKEN))["Policy"]["Arn"]
    upstream.iam.put_role_permissions_boundary(RoleName="upstream", PermissionsBoundary=arn)
    assert "because no permissions boundary allows" in (upstream.failure() or "")


def test_a_repository_that_the_upstream_lacks(upstream: Upstream) -> None:
    assert (upstream.failure(), upstream.pull("base/other")) == (None, FAILED)


def test_an_upstream_without_repositories_leaves_it_to_the_role_s_own_policies(upstream: Upstream) -> None:
    upstream.there.delete_repository(repositoryName="base/service")
    valid = upstream.failure()
    upstream.grant(TOKEN)
    assert (valid, "no identity-based policy allows" in (upstream.failure() or "")) == (None, True)


def test_another_role(upstream: Upstream) -> None:
    """Guide: the role must be of the registry's account."""
    foreign = f"arn:aws:iam::{UPSTREAM.id}:role/upstream"
    update = upstream.ecr.update_pull_through_cache_rule
    assert "customRoleArn" in error_of(update, ecrRepositoryPrefix="base", customRoleArn=foreign)
