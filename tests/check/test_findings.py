"""Each broken state is found, and only it: where, why, and what to do."""

import json
from collections.abc import Callable

import pytest

from emulator.organization import SHARED_SERVICES, STRANGER
from tests.aws import Json, allow, policy
from tests.check.conftest import (
    CACHED,
    FIRST_PULL,
    LOGIN,
    NODE,
    OUR_ORGANIZATION,
    PREFIXES,
    PULL,
    READ_UPSTREAM,
    REGISTRY_POLICY,
    REPOSITORY_POLICY,
    SECRET,
    SET_UP,
    SHOP,
    USE_KEY,
    VALUE,
    WRITE_CACHE,
    World,
    trust,
)

Break = Callable[[World], object]
DEPLOY = "deploy shared-services-us-east-1"
THEIRS: Json = {"StringEquals": {"aws:PrincipalOrgID": "o-stranger00"}}
HUB = "us-east-1, secret of docker-hub"
QUAY, BASE = "us-east-1, template quay", "us-east-1, template base"
POLICY = "us-east-1, registry policy"
RENEW = "set TF_VAR_docker_hub_username and TF_VAR_docker_hub_access_token and deploy shared-services-us-east-1"
FUNCTIONS = f"arn:aws:lambda:us-east-1:{SHARED_SERVICES.id}:function:*"
THEM = "principals: {AWS: ['arn:aws:iam::210987654321:root']}"
AUDIT = f"{{sid: Audit, effect: Deny, actions: [ecr:DescribeImages], {THEM}}}"
REPLICATION = f"{{sid: Replication, actions: [ecr:ReplicateImage], resources: ['*'], {THEM}}}"
ROLE = f"arn:aws:iam::{SHARED_SERVICES.id}:role/"


def without(statement: Json, *actions: str) -> Json:
    return statement | {"Action": [action for action in statement["Action"] if action not in actions]}


def hub_of_quay(world: World) -> None:
    world.replace_rule("docker-hub", upstreamRegistryUrl="quay.io")


def another_key(world: World) -> None:
    world.secrets.update_secret(SecretId=SECRET, KmsKeyId="arn:aws:kms:us-east-1:123456789012:key/mine")


def another_secret(world: World) -> None:
    arn = world.aws.secret("ecr-pullthroughcache/other")
    world.ecr.update_pull_through_cache_rule(ecrRepositoryPrefix="docker-hub", credentialArn=arn)


def boundary(world: World) -> None:
    arn = world.iam.create_policy(PolicyName="boundary", PolicyDocument=policy(allow("ecr:Batch*", resource="*")))
    world.iam.put_role_permissions_boundary(RoleName="eks-nodes", PermissionsBoundary=arn["Policy"]["Arn"])


def forgotten(world: World) -> None:
    world.deployment("workloads:", "  registry_policy: external\nworkloads:")
    world.ecr.delete_registry_policy()


def pull_only(world: World) -> None:
    world.iam.delete_role_policy(RoleName="eks-nodes", PolicyName="access")
    arn = "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly"
    world.iam.attach_role_policy(RoleName="eks-nodes", PolicyArn=arn)


def gone(world: World, role: str) -> None:
    world.iam.delete_role_policy(RoleName=role, PolicyName="access")
    world.iam.delete_role(RoleName=role)


STATES: dict[str, tuple[Break, str, str, str]] = {
    # The rules.
    "no rule": (
        lambda world: world.ecr.delete_pull_through_cache_rule(ecrRepositoryPrefix="quay"),
        "us-east-1, rule quay",
        "there is none: nothing is fetched",
        DEPLOY,
    ),
    "another upstream": (
        lambda world: world.replace_rule("quay", upstreamRegistryUrl="registry.k8s.io"),
        "us-east-1, rule quay",
        "its upstream is registry.k8s.io, not quay.io",
        DEPLOY,
    ),
    "another upstream prefix": (
        lambda world: world.deployment("upstream_prefix: base", "upstream_prefix: base/"),
        "us-east-1, rule base",
        "its upstream prefix is base, not base/",
        DEPLOY,
    ),
    "another role of a rule": (
        lambda world: world.deployment("upstream_prefix: base", f"upstream_prefix: base\n      role_arn: {ROLE}mine"),
        "us-east-1, rule base",
        f"its role is {ROLE}upstream, not {ROLE}mine",
        DEPLOY,
    ),
    "the role of a rule is gone": (
        lambda world: gone(world, "upstream"),
        "us-east-1, role of base",
        "there is no role upstream in account 123456789012",
        DEPLOY,
    ),
    "the role of a rule trusts others": (
        lambda world: world.iam.update_assume_role_policy(
            RoleName="upstream", PolicyDocument=trust("ecr.amazonaws.com")
        ),
        "us-east-1, role of base",
        "the role upstream does not trust pullthroughcache.ecr.amazonaws.com, so ECR cannot use it",
        DEPLOY,
    ),
    "the role of a rule may not read the upstream": (
        lambda world: world.grant("upstream", LOGIN, without(READ_UPSTREAM, "ecr:BatchGetImage"), WRITE_CACHE),
        "us-east-1, role of base",
        "the policies of the role upstream do not grant ecr:BatchGetImage on "
        "arn:aws:ecr:us-east-1:900000000001:repository/base/*",
        DEPLOY,
    ),
    # The secrets.
    "a deleted secret": (
        lambda world: world.secrets.delete_secret(SecretId=SECRET),
        HUB,
        "is marked for deletion",
        RENEW,
    ),
    "no secret": (
        lambda world: world.secrets.delete_secret(SecretId=SECRET, ForceDeleteWithoutRecovery=True),
        HUB,
        "there is no secret ecr-pullthroughcache/docker-hub-",
        RENEW,
    ),
    "another key in the secret": (
        lambda world: world.secret_value(json.dumps({**VALUE, "password": "x"})),
        HUB,
        "is not JSON of exactly `username` and `accessToken`, both filled in",
        RENEW,
    ),
    "a key is missing in the secret": (
        lambda world: world.secret_value('{"username": "somebody"}'),
        HUB,
        "is not JSON of exactly `username` and `accessToken`, both filled in",
        RENEW,
    ),
    "an empty token": (
        lambda world: world.secret_value('{"username": "somebody", "accessToken": ""}'),
        HUB,
        "is not JSON of exactly `username` and `accessToken`, both filled in",
        RENEW,
    ),
    "a secret that is not JSON": (
        lambda world: world.secret_value("a token that nobody may see"),
        HUB,
        "is not JSON of exactly `username` and `accessToken`, both filled in",
        RENEW,
    ),
    "a secret under another KMS key": (
        another_key,
        HUB,
        "is encrypted with arn:aws:kms:us-east-1:123456789012:key/mine; ECR reads it under aws/secretsmanager only",
        "make the secret anew without a key of your own",
    ),
    "another secret": (another_secret, HUB, "the rule uses the secret ecr-pullthroughcache/other-", DEPLOY),
    # The templates.
    "no template": (
        lambda world: world.ecr.delete_repository_creation_template(prefix="quay"),
        QUAY,
        "there is none: cached repositories get no policy and no settings",
        DEPLOY,
    ),
    "a template for replication only": (
        lambda world: world.template("quay", appliedFor=["REPLICATION"]),
        QUAY,
        'its applied_for is ["REPLICATION"], not ["PULL_THROUGH_CACHE"]',
        DEPLOY,
    ),
    "immutable tags": (
        lambda world: world.template("quay", imageTagMutability="IMMUTABLE"),
        QUAY,
        "its image_tag_mutability is IMMUTABLE, not MUTABLE",
        DEPLOY,
    ),
    "no lifecycle": (
        lambda world: world.template("base", lifecyclePolicy=""),
        BASE,
        "its lifecycle is none, not ",
        DEPLOY,
    ),
    "no tags": (
        lambda world: world.template("base", resourceTags=[]),
        BASE,
        'its tags is none, not {"team": "platform"}',
        DEPLOY,
    ),
    "a template without policy": (
        lambda world: world.template("quay", repositoryPolicy=""),
        QUAY,
        "does not grant ecr:BatchGetImage, ecr:GetDownloadUrlForLayer to * with AWS:PrincipalOrgID o-exampleorg "
        "(AllowReadFromOrganization)",
        DEPLOY,
    ),
    "a template for another organisation": (
        lambda world: world.template("quay", repositoryPolicy=policy(REPOSITORY_POLICY | {"Condition": THEIRS})),
        QUAY,
        "does not grant ecr:BatchGetImage, ecr:GetDownloadUrlForLayer to * with",
        DEPLOY,
    ),
    "a template that lets everyone pull": (
        lambda world: world.template("quay", repositoryPolicy=policy(allow(*PULL, principal="*"))),
        QUAY,
        "a statement lets everyone in, of any account",
        "give it a condition, or take it out",
    ),
    "a template without a reader": (
        lambda world: world.deployment(
            "{registry: quay}", "{registry: quay, repositories: {read_access: ['arn:aws:iam::210987654321:root']}}"
        ),
        QUAY,
        "does not grant ecr:BatchGetImage, ecr:GetDownloadUrlForLayer to arn:aws:iam::210987654321:root (read_access)",
        DEPLOY,
    ),
    "a template without a function": (
        lambda world: world.deployment(
            "{registry: quay}", f"{{registry: quay, repositories: {{lambda_read_access: ['{FUNCTIONS}']}}}}"
        ),
        QUAY,
        "does not grant ecr:BatchGetImage, ecr:GetDownloadUrlForLayer to lambda.amazonaws.com with aws:sourceArn "
        f"{FUNCTIONS} (lambda_read_access)",
        DEPLOY,
    ),
    "a template without a statement of the deployment's own": (
        lambda world: world.deployment(
            "{registry: quay}", f"{{registry: quay, repositories: {{statements: [{AUDIT}]}}}}"
        ),
        QUAY,
        "does not deny ecr:DescribeImages to arn:aws:iam::210987654321:root (Audit)",
        DEPLOY,
    ),
    "another encryption": (
        lambda world: world.template("base", encryptionConfiguration={"encryptionType": "AES256"}),
        BASE,
        "its encryption.type is AES256, not KMS",
        DEPLOY,
    ),
    "a template with tags and no role": (
        lambda world: world.template("base", customRoleArn=""),
        BASE,
        "it has tags or a KMS key and no role, so every first pull fails with `does not exist in the registry`",
        DEPLOY,
    ),
    "the role of a template is gone": (
        lambda world: gone(world, "template"),
        BASE,
        "there is no role template in account 123456789012",
        DEPLOY,
    ),
    "the role of a template trusts others": (
        lambda world: world.iam.update_assume_role_policy(
            RoleName="template", PolicyDocument=trust("ec2.amazonaws.com")
        ),
        BASE,
        "the role template does not trust ecr.amazonaws.com, so ECR cannot use it",
        DEPLOY,
    ),
    "the role of a template may not tag": (
        lambda world: world.grant("template", without(SET_UP, "ecr:TagResource"), USE_KEY),
        BASE,
        f"the policies of the role template do not grant ecr:TagResource on {CACHED[2]}",
        DEPLOY,
    ),
    "the role of a template may not use the key": (
        lambda world: world.grant("template", SET_UP),
        BASE,
        "the policies of the role template do not grant kms:CreateGrant, kms:RetireGrant, kms:DescribeKey on",
        DEPLOY,
    ),
    # The registry policy.
    "no registry policy": (
        lambda world: world.ecr.delete_registry_policy(),
        POLICY,
        "there is none: the first pull of an image from another account fails",
        DEPLOY,
    ),
    "a registry policy without CreateRepository": (
        lambda world: world.registry_policy(without(REGISTRY_POLICY, "ecr:CreateRepository")),
        POLICY,
        "does not grant ecr:CreateRepository on " + ", ".join(sorted(CACHED)),
        DEPLOY,
    ),
    "a registry policy without a cache": (
        lambda world: world.registry_policy(REGISTRY_POLICY | {"Resource": CACHED[1:]}),
        POLICY,
        f"does not grant ecr:BatchImportUpstreamImage, ecr:CreateRepository on {CACHED[0]} to *",
        DEPLOY,
    ),
    "a registry policy for another organisation": (
        lambda world: world.registry_policy(REGISTRY_POLICY | {"Condition": THEIRS}),
        POLICY,
        "to * with AWS:PrincipalOrgID o-exampleorg (AllowPullThroughFromOrganization)",
        DEPLOY,
    ),
    "a registry policy with one condition more": (
        lambda world: world.registry_policy(
            REGISTRY_POLICY | {"Condition": {**OUR_ORGANIZATION, "StringLike": {"aws:PrincipalArn": "*admin*"}}}
        ),
        POLICY,
        "does not grant ecr:BatchImportUpstreamImage, ecr:CreateRepository on",
        DEPLOY,
    ),
    "a registry policy that denies": (
        lambda world: world.registry_policy(
            REGISTRY_POLICY, allow(*FIRST_PULL, resource="*", principal="*") | {"Effect": "Deny"}
        ),
        POLICY,
        "does not grant ecr:BatchImportUpstreamImage, ecr:CreateRepository on",
        DEPLOY,
    ),
    "an external registry policy that its owner forgot": (
        forgotten,
        POLICY,
        "there is none: the first pull of an image from another account fails",
        "have its owner put the output registry_policy of shared-services-us-east-1 into it",
    ),
    "a registry policy without a statement of the deployment's own": (
        lambda world: world.deployment(
            "workloads:", f"  registry_policy: {{mode: managed, extra_statements: [{REPLICATION}]}}\nworkloads:"
        ),
        POLICY,
        "does not grant ecr:ReplicateImage on * to arn:aws:iam::210987654321:root (Replication)",
        DEPLOY,
    ),
    "another scope": (
        lambda world: world.deployment("workloads:", "  registry_policy: {mode: managed, scope: V2}\nworkloads:"),
        POLICY,
        "REGISTRY_POLICY_SCOPE is V1, not V2: it decides which actions count",
        DEPLOY,
    ),
    # The nodes.
    "no node role": (
        lambda world: gone(world, "eks-nodes"),
        "node role eks-nodes",
        "there is no role eks-nodes in account 123456789012",
        DEPLOY,
    ),
    "nodes that may not log in": (
        lambda world: world.grant("eks-nodes", NODE),
        "node role eks-nodes",
        "the policies of the role eks-nodes do not grant ecr:GetAuthorizationToken on *",
        DEPLOY,
    ),
    "nodes with AWS's own policy alone": (
        pull_only,
        "node role eks-nodes",
        "the policies of the role eks-nodes do not grant ecr:CreateRepository, ecr:TagResource on "
        + ", ".join(sorted(CACHED)),
        DEPLOY,
    ),
    "nodes without a cache": (
        lambda world: world.grant("eks-nodes", LOGIN, NODE | {"Resource": CACHED[:2]}),
        "node role eks-nodes",
        f"ecr:CreateRepository, ecr:TagResource on {CACHED[2]}",
        DEPLOY,
    ),
    "nodes that a policy denies": (
        lambda world: world.attach("eks-nodes", allow("ecr:Create*", resource="*") | {"Effect": "Deny"}),
        "node role eks-nodes",
        "the policies of the role eks-nodes do not grant ecr:CreateRepository on",
        DEPLOY,
    ),
    "nodes in a boundary": (
        boundary,
        "node role eks-nodes",
        "the permissions boundary arn:aws:iam::123456789012:policy/boundary of the role eks-nodes does not let it have",
        "allow it in the boundary, or take the boundary away",
    ),
    "a workload's nodes that may not create repositories": (
        lambda world: world.grant("eks-nodes", LOGIN, without(NODE, "ecr:CreateRepository"), account=SHOP),
        "workload shop, node role eks-nodes",
        "the policies of the role eks-nodes do not grant ecr:CreateRepository on " + ", ".join(sorted(CACHED)),
        "deploy workload-shop",
    ),
    "a workload's node role that is not there": (
        lambda world: world.deployment("    node_roles: [eks-nodes]", "    node_roles: [karpenter]"),
        "workload shop, node role karpenter",
        "there is no role karpenter in account 200000000001",
        "deploy workload-shop",
    ),
}


@pytest.mark.parametrize("state", STATES)
def test_a_broken_state_is_found(world: World, state: str) -> None:
    break_it, where, cause, remedy = STATES[state]
    break_it(world)

    found = world.found()

    assert list(found) == [where]
    assert cause in found[where][0][0]
    assert found[where][0][1] == remedy


def test_a_rule_of_another_upstream_lacks_the_credential_too(world: World) -> None:
    hub_of_quay(world)
    assert world.found() == {
        "us-east-1, rule docker-hub": [
            ("its upstream is quay.io, not registry-1.docker.io", DEPLOY),
            ("it has no credential, which Docker Hub asks for", f"delete the rule, then {DEPLOY}"),
        ]
    }


def test_several_things_at_once_are_all_found(world: World) -> None:
    for prefix in PREFIXES:
        world.ecr.delete_pull_through_cache_rule(ecrRepositoryPrefix=prefix)
    world.ecr.delete_registry_policy()
    world.grant("eks-nodes", LOGIN)
    assert list(world.found()) == [
        *(f"us-east-1, rule {prefix}" for prefix in PREFIXES),
        POLICY,
        "node role eks-nodes",
    ]


def test_what_ecr_itself_finds_wrong_with_a_secret_that_may_not_be_read(world: World) -> None:
    world.secret_value("{}")
    world.emulator.fail("secretsmanager:GetSecretValue", "AccessDeniedException")
    assert world.found() == {
        HUB: [("GetSecretValue is denied", "allow it to who runs check")],
        "us-east-1, rule docker-hub": [
            (
                "ECR cannot use it: The secret must have the keys username and accessToken, and no others",
                RENEW,
            )
        ],
    }


def test_an_account_in_no_organisation_cannot_let_its_own_in(world: World) -> None:
    text = "registry: {regions: [us-east-1], upstreams: {quay: {registry: quay}}}"
    world.file.write_text(text)
    everything = allow(*FIRST_PULL, resource="*", principal={"AWS": STRANGER.id})
    world.aws.client("ecr", STRANGER).put_registry_policy(policyText=policy(everything))
    found = json.loads(world.run("--json", account=STRANGER).stdout)
    assert found[-1]["cause"].endswith(
        "with AWS:PrincipalOrgID none: the account is in no organisation (AllowPullThroughFromOrganization)"
    )
