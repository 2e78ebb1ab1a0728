"""A pull of an image that is not cached yet: what it needs, and the repository it makes."""

import json
from typing import Any

import pytest

from emulator.organization import DEVELOPMENT, MEMBERS, ORGANIZATION_ID, SHARED_SERVICES, STRANGER, organization_path
from emulator.outcomes import MatchedStatement
from tests.aws import IN_CACHE, REGISTRY, Aws, Json, allow, policy

IMAGE = f"{REGISTRY}/quay/argoproj/argocd:v3.0.0"
NOT_FOUND = (
    "name unknown: The repository with name 'quay/argoproj/argocd' does not exist "
    f"in the registry with id '{SHARED_SERVICES.id}'"
)
TOKEN = allow("ecr:GetAuthorizationToken", resource="*")
CREATE, IMPORT = "ecr:CreateRepository", "ecr:BatchImportUpstreamImage"
READ = ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
SAME_ORGANIZATION: Json = {"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION_ID}}
MEMBER = MEMBERS[0]
ECR = allow("sts:AssumeRole", principal={"Service": "ecr.amazonaws.com"})


def in_cache(*actions: str) -> Json:
    return allow(*actions, resource=IN_CACHE, sid="Pull")


def source(account: str) -> Json:
    return {"StringEquals": {"aws:SourceAccount": account}}


def registry_policy(aws: Aws, *actions: str, condition: Json = SAME_ORGANIZATION, **elements: Any) -> None:
    statement = allow(*actions, resource=IN_CACHE, condition=condition, sid="FirstPull")
    aws.client("ecr").put_registry_policy(policyText=policy(statement | {"Principal": "*"} | elements))


def read_policy(**elements: Any) -> str:
    """What a creation template gives its repositories."""
    return policy(allow(*READ, sid="Read") | {"Principal": "*", "Condition": SAME_ORGANIZATION} | elements)


def node(aws: Aws, *actions: str) -> str:
    return aws.role(TOKEN, in_cache(*(actions or (CREATE, IMPORT, *READ))), account=MEMBER)


def test_in_the_registry_s_account_an_identity_policy_is_enough(aws: Aws) -> None:
    aws.cache_quay()
    outcome = aws.emulator.pull(IMAGE, aws.role(TOKEN, in_cache(CREATE, IMPORT, *READ)))
    assert (outcome.allowed, outcome.error) == (True, None)


def test_across_accounts_three_policies_grant(aws: Aws) -> None:
    aws.cache_quay(repositoryPolicy=read_policy())
    registry_policy(aws, CREATE, IMPORT)
    outcome = aws.emulator.pull(IMAGE, node(aws))
    granted = {
        decision.action: [(each.kind, each.sid) for each in decision.statements] for decision in outcome.decisions
    }
    assert granted == {
        "ecr:GetAuthorizationToken": [("identity", "statement 1")],
        CREATE: [("identity", "Pull"), ("registry", "FirstPull")],
        IMPORT: [("identity", "Pull"), ("registry", "FirstPull")],
        READ[0]: [("identity", "Pull"), ("repository", "Read")],
        READ[1]: [("identity", "Pull"), ("repository", "Read")],
    }


def test_across_accounts_without_a_registry_policy(aws: Aws) -> None:
    """The post's set-up: CreateRepository in the template's policy has no effect."""
    aws.cache_quay(repositoryPolicy=policy(allow(CREATE, IMPORT, *READ, principal="*", condition=SAME_ORGANIZATION)))
    assert aws.emulator.pull(IMAGE, node(aws)).error == NOT_FOUND


def test_the_node_s_own_account_must_allow_it_too(aws: Aws) -> None:
    aws.cache_quay(repositoryPolicy=read_policy())
    registry_policy(aws, CREATE, IMPORT)
    assert aws.emulator.pull(IMAGE, node(aws, IMPORT, *READ)).error == NOT_FOUND


def test_an_import_is_granted_by_a_repository_policy_too(aws: Aws) -> None:
    aws.cache_quay(repositoryPolicy=policy(allow(IMPORT, *READ, principal="*", condition=SAME_ORGANIZATION)))
    registry_policy(aws, CREATE)
    assert aws.emulator.pull(IMAGE, node(aws)).allowed


def test_without_the_import_the_image_is_not_found(aws: Aws) -> None:
    aws.cache_quay(repositoryPolicy=read_policy())
    registry_policy(aws, CREATE)
    assert aws.emulator.pull(IMAGE, node(aws)).error == "manifest unknown: Requested image not found"


def test_without_a_repository_policy_another_account_reads_nothing(aws: Aws) -> None:
    aws.cache_quay()
    registry_policy(aws, CREATE, IMPORT)
    error = aws.emulator.pull(IMAGE, node(aws)).error or ""
    assert error.endswith("because no resource-based policy allows the ecr:BatchGetImage action")


def test_under_scope_v2_a_registry_policy_grants_reading_too(aws: Aws) -> None:
    aws.cache_quay()
    registry_policy(aws, CREATE, IMPORT, *READ)
    assert aws.emulator.pull(IMAGE, node(aws)).allowed


def test_under_scope_v1_a_registry_policy_does_not_grant_reading(aws: Aws) -> None:
    aws.cache_quay()
    registry_policy(aws, "ecr:*")
    aws.client("ecr").put_account_setting(name="REGISTRY_POLICY_SCOPE", value="V1")
    error = aws.emulator.pull(IMAGE, node(aws)).error or ""
    assert error.endswith("because no resource-based policy allows the ecr:BatchGetImage action")


def test_an_authorization_token_comes_from_an_identity_policy(aws: Aws) -> None:
    aws.cache_quay()
    error = aws.emulator.pull(IMAGE, aws.role(in_cache(CREATE, IMPORT, *READ))).error or ""
    assert error.endswith("because no identity-based policy allows the ecr:GetAuthorizationToken action")


def test_a_node_outside_the_organization_is_rejected(aws: Aws) -> None:
    aws.cache_quay(repositoryPolicy=read_policy())
    registry_policy(aws, CREATE, IMPORT)
    stranger = aws.role(TOKEN, in_cache(CREATE, IMPORT, *READ), account=STRANGER)
    assert aws.emulator.pull(IMAGE, stranger).error == NOT_FOUND


@pytest.mark.parametrize("member", MEMBERS, ids=lambda member: member.name)
def test_an_organizational_unit(aws: Aws, member: Any) -> None:
    unit: Json = {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": f"{organization_path(DEVELOPMENT)}*"}}
    aws.cache_quay(repositoryPolicy=read_policy(Condition=unit))
    registry_policy(aws, CREATE, IMPORT, condition=unit)
    role = aws.role(TOKEN, in_cache(CREATE, IMPORT, *READ), account=member)
    assert aws.emulator.pull(IMAGE, role).allowed == (member.unit == DEVELOPMENT)


@pytest.mark.parametrize("managed", ["AmazonEC2ContainerRegistryPullOnly", "AmazonEC2ContainerRegistryReadOnly"])
def test_aws_s_managed_policies_lack_create_repository(aws: Aws, managed: str) -> None:
    aws.cache_quay()
    role = aws.role()
    aws.client("iam").attach_role_policy(RoleName="node", PolicyArn=f"arn:aws:iam::aws:policy/{managed}")
    assert aws.emulator.pull(IMAGE, role).error == NOT_FOUND


def test_an_attached_policy_counts_in_its_default_version(aws: Aws) -> None:
    aws.cache_quay()
    iam, role = aws.client("iam"), aws.role()
    arn = iam.create_policy(PolicyName="pull", PolicyDocument=policy(TOKEN))["Policy"]["Arn"]
    iam.create_policy_version(
        PolicyArn=arn, PolicyDocument=policy(TOKEN, in_cache(CREATE, IMPORT, *READ)), SetAsDefault=True
    )
    iam.attach_role_policy(RoleName="node", PolicyArn=arn)
    assert aws.emulator.pull(IMAGE, role).decisions[1].statements == (MatchedStatement("identity", "pull", "Pull"),)


def test_a_repository_outside_every_cache_is_not_created(aws: Aws) -> None:
    aws.cache_quay()
    role = aws.role(allow("ecr:*", resource="*"))
    outcome = aws.emulator.pull(f"{REGISTRY}/team/service:1", role)
    assert outcome.error == NOT_FOUND.replace("quay/argoproj/argocd", "team/service")


def test_a_prefix_ends_at_a_slash(aws: Aws) -> None:
    aws.cache_quay()
    role = aws.role(allow("ecr:*", resource="*"))
    assert not aws.emulator.pull(f"{REGISTRY}/quayside/service:1", role).allowed


def test_another_region_has_no_cache(aws: Aws) -> None:
    aws.cache_quay()
    role = aws.role(allow("ecr:*", resource="*"))
    assert not aws.emulator.pull(IMAGE.replace("us-east-1", "eu-west-1"), role).allowed


@pytest.mark.parametrize(
    ("rule", "repository", "upstream"),
    [
        pytest.param({"ecrRepositoryPrefix": "quay"}, "quay/argoproj/argocd", "argoproj/argocd", id="prefix dropped"),
        pytest.param({"ecrRepositoryPrefix": "ROOT"}, "argoproj/argocd", "argoproj/argocd", id="ROOT drops nothing"),
        pytest.param(
            {"ecrRepositoryPrefix": "argo", "upstreamRepositoryPrefix": "argoproj"},
            "argo/argocd",
            "argoproj/argocd",
            id="upstream prefix put in its place",
        ),
    ],
)
def test_the_image_asked_of_the_upstream(aws: Aws, rule: Json, repository: str, upstream: str) -> None:
    aws.client("ecr").create_pull_through_cache_rule(upstreamRegistryUrl="quay.io", **rule)
    outcome = aws.emulator.pull(f"{REGISTRY}/{repository}:v3", aws.role(allow("ecr:*", resource="*")))
    assert outcome.upstream == f"quay.io/{upstream}:v3"


def test_the_most_specific_rule_serves_a_repository(aws: Aws) -> None:
    ecr = aws.client("ecr")
    for prefix, host in {"ROOT": "registry.k8s.io", "team": "quay.io", "team/public": "public.ecr.aws"}.items():
        ecr.create_pull_through_cache_rule(ecrRepositoryPrefix=prefix, upstreamRegistryUrl=host)
    outcome = aws.emulator.pull(f"{REGISTRY}/team/public/nginx:1", aws.role(allow("ecr:*", resource="*")))
    assert outcome.upstream == "public.ecr.aws/nginx:1"


class TestRepositoryFromTemplate:
    """Guide: repository-creation-templates.html."""

    def pulled(self, aws: Aws) -> Json:
        assert aws.emulator.pull(IMAGE, aws.role(allow("ecr:*", resource="*"))).error is None
        (repository,) = aws.client("ecr").describe_repositories()["repositories"]
        return dict(repository)

    def test_settings(self, aws: Aws) -> None:
        aws.cache_quay(imageTagMutability="IMMUTABLE", repositoryPolicy=read_policy())
        assert self.pulled(aws)["imageTagMutability"] == "IMMUTABLE"

    def test_repository_policy(self, aws: Aws) -> None:
        aws.cache_quay(repositoryPolicy=read_policy())
        name = self.pulled(aws)["repositoryName"]
        assert aws.client("ecr").get_repository_policy(repositoryName=name)["policyText"] == read_policy()

    def test_lifecycle_policy(self, aws: Aws) -> None:
        selection = {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 9}
        text = json.dumps({"rules": [{"rulePriority": 1, "selection": selection, "action": {"type": "expire"}}]})
        aws.cache_quay(lifecyclePolicy=text)
        name = self.pulled(aws)["repositoryName"]
        assert aws.client("ecr").get_lifecycle_policy(repositoryName=name)["lifecyclePolicyText"] == text

    def test_the_most_specific_prefix_wins(self, aws: Aws) -> None:
        aws.cache_quay()
        ecr = aws.client("ecr")
        for prefix in ("ROOT", "quay/argoproj"):
            ecr.create_repository_creation_template(
                prefix=prefix,
                appliedFor=["PULL_THROUGH_CACHE"],
                imageTagMutability="MUTABLE" if prefix == "ROOT" else "IMMUTABLE",
            )
        assert self.pulled(aws)["imageTagMutability"] == "IMMUTABLE"

    def test_root_is_for_the_rest(self, aws: Aws) -> None:
        ecr = aws.client("ecr")
        ecr.create_pull_through_cache_rule(ecrRepositoryPrefix="quay", upstreamRegistryUrl="quay.io")
        ecr.create_repository_creation_template(
            prefix="ROOT", appliedFor=["PULL_THROUGH_CACHE"], imageTagMutability="IMMUTABLE"
        )
        assert self.pulled(aws)["imageTagMutability"] == "IMMUTABLE"

    def test_a_template_for_replication_does_not_count(self, aws: Aws) -> None:
        ecr = aws.client("ecr")
        ecr.create_pull_through_cache_rule(ecrRepositoryPrefix="quay", upstreamRegistryUrl="quay.io")
        ecr.create_repository_creation_template(
            prefix="quay", appliedFor=["REPLICATION"], imageTagMutability="IMMUTABLE"
        )
        assert self.pulled(aws)["imageTagMutability"] == "MUTABLE"

    @pytest.mark.parametrize(
        "setting",
        [
            {"resourceTags": [{"Key": "owner", "Value": "platform"}]},
            {"encryptionConfiguration": {"encryptionType": "KMS"}},
        ],
        ids=["tags", "KMS"],
    )
    def test_tags_and_kms_without_a_role_break_every_pull(self, aws: Aws, setting: Json) -> None:
        aws.cache_quay(**setting)
        assert aws.emulator.pull(IMAGE, aws.role(allow("ecr:*", resource="*"))).error == NOT_FOUND

    @pytest.mark.parametrize(
        ("setting", "actions"),
        [
            ({"resourceTags": [{"Key": "owner", "Value": "platform"}]}, [CREATE, "ecr:TagResource"]),
            ({"encryptionConfiguration": {"encryptionType": "KMS"}}, [CREATE, "kms:*"]),
        ],
        ids=["tags", "KMS"],
    )
    def test_tags_and_kms_with_a_role(self, aws: Aws, setting: Json, actions: list[str]) -> None:
        trust = allow("sts:AssumeRole", principal={"Service": "ecr.amazonaws.com"})
        role = aws.role(TOKEN, allow("ecr:*", *actions, resource="*"), trust=trust)
        aws.cache_quay(**setting, customRoleArn=role)
        assert aws.emulator.pull(IMAGE, role).allowed

    @pytest.mark.parametrize(
        ("trust", "works"),
        [
            pytest.param([ECR], True, id="ECR"),
            pytest.param([ECR | {"Condition": source(SHARED_SERVICES.id)}], True, id="ECR of this account"),
            pytest.param([ECR | {"Condition": source(MEMBER.id)}], False, id="ECR of another account"),
            pytest.param([allow("sts:AssumeRole", principal={"Service": "ec2.amazonaws.com"})], False, id="EC2"),
            pytest.param([ECR, ECR | {"Effect": "Deny"}], False, id="denied"),
            pytest.param([ECR | {"Sid": "ecr.amazonaws.com", "Effect": "Deny"}], False, id="only denied"),
        ],
    )
    def test_the_trust_policy_of_the_role_is_evaluated(self, aws: Aws, trust: list[Json], works: bool) -> None:
        role = aws.role(allow("ecr:*", resource="*"))
        aws.client("iam").update_assume_role_policy(RoleName="node", PolicyDocument=policy(*trust))
        aws.cache_quay(resourceTags=[{"Key": "owner", "Value": "platform"}], customRoleArn=role)
        assert aws.emulator.pull(IMAGE, role).error == (None if works else NOT_FOUND)

    def test_tags_need_a_permission_of_the_puller(self, aws: Aws) -> None:
        """Guide: pull-through-cache-iam.html, ecr:TagResource."""
        aws.cache_quay(resourceTags=[{"Key": "owner", "Value": "platform"}])
        outcome = aws.emulator.pull(IMAGE, aws.role(TOKEN, in_cache(CREATE, IMPORT, *READ)))
        assert (outcome.error, outcome.decisions[-1].action) == (NOT_FOUND, "ecr:TagResource")
