"""Each broken state is found, and only it: where, why, and what to do."""

import json

import pytest

from emulator.organization import SHARED_SERVICES, STRANGER
from tests.aws import Json, allow, policy
from tests.check.conftest import (
    DEPLOY,
    FIRST_PULL,
    HUB_CACHE,
    LOGIN,
    NODE,
    OUR_ORGANIZATION,
    PULL,
    QUAY_CACHE,
    REGISTRY_POLICY,
    REPOSITORY_POLICY,
    SECRET,
    VALUE,
    State,
    World,
    without,
)

BIND = "add a condition on aws:PrincipalOrgID or aws:PrincipalAccount, or remove it"
THEIRS: Json = {"StringEquals": {"aws:PrincipalOrgID": "o-stranger00"}}
HUB = "us-east-1, secret of docker-hub"
QUAY = "us-east-1, template quay"
POLICY = "us-east-1, registry policy"
VARIABLES = "set TF_VAR_docker_hub_username and TF_VAR_docker_hub_access_token"
RENEW = (
    f"{VARIABLES}, and run `terraform apply -replace='module.secrets_manager_dockerhub_credentials."
    "aws_secretsmanager_secret_version.this[0]'` in the folder of shared-services-us-east-1"
)
FUNCTIONS = f"arn:aws:lambda:us-east-1:{SHARED_SERVICES.id}:function:*"
THEM = "principals: {AWS: ['arn:aws:iam::210987654321:root']}"
AUDIT = f"{{sid: Audit, effect: Deny, actions: [ecr:DescribeImages], {THEM}}}"
REPLICATION = f"{{sid: Replication, actions: [ecr:ReplicateImage], resources: ['*'], {THEM}}}"


def another_key(world: World) -> None:
    world.secrets.update_secret(SecretId=SECRET, KmsKeyId="arn:aws:kms:us-east-1:123456789012:key/mine")


def another_secret(world: World) -> None:
    arn = world.aws.secret("ecr-pullthroughcache/other")
    world.ecr.update_pull_through_cache_rule(ecrRepositoryPrefix="docker-hub", credentialArn=arn)


def boundary(world: World) -> None:
    arn = world.iam.create_policy(PolicyName="boundary", PolicyDocument=policy(allow("ecr:Batch*", resource="*")))
    world.iam.put_role_permissions_boundary(RoleName="eks-nodes", PermissionsBoundary=arn["Policy"]["Arn"])


def forgotten(world: World) -> None:
    world.registry_setting("registry_policy: external")
    world.ecr.delete_registry_policy()


def no_template_to_adopt(world: World) -> None:
    world.deployment("{registry: quay}", "{registry: quay, adopt: true}")
    world.ecr.delete_repository_creation_template(prefix="quay")


def pull_only(world: World) -> None:
    world.iam.delete_role_policy(RoleName="eks-nodes", PolicyName="access")
    arn = "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly"
    world.iam.attach_role_policy(RoleName="eks-nodes", PolicyArn=arn)


def own_access(world: World) -> None:
    world.deployment("{registry: quay}", "{registry: quay, pull_access: {accounts: ['210987654321']}}")
    world.registry_policy(
        REGISTRY_POLICY | {"Resource": HUB_CACHE},
        allow(*FIRST_PULL, principal={"AWS": "210987654321"}, resource=QUAY_CACHE),
    )


STATES = {
    # The rules.
    "no rule": State(
        lambda world: world.ecr.delete_pull_through_cache_rule(ecrRepositoryPrefix="quay"),
        "us-east-1, rule quay",
        "it does not exist: nothing is fetched",
        f"{DEPLOY}; if Terraform did not make the template, write `adopt: [template]` first",
    ),
    "another upstream": State(
        lambda world: world.replace_rule("quay", upstreamRegistryUrl="registry.k8s.io"),
        "us-east-1, rule quay",
        "its upstream is registry.k8s.io, not quay.io",
    ),
    # The secrets.
    "no secret": State(
        lambda world: world.secrets.delete_secret(SecretId=SECRET, ForceDeleteWithoutRecovery=True),
        HUB,
        "there is no secret ecr-pullthroughcache/docker-hub-",
        f"{VARIABLES} and {DEPLOY}",
    ),
    "another key in the secret": State(
        lambda world: world.secret_value(json.dumps({**VALUE, "password": "x"})),
        HUB,
        "is not JSON of exactly `username` and `accessToken`, both filled in",
        RENEW,
    ),
    "a key is missing in the secret": State(
        lambda world: world.secret_value('{"username": "somebody"}'),
        HUB,
        "is not JSON of exactly `username` and `accessToken`, both filled in",
        RENEW,
    ),
    "an empty token": State(
        lambda world: world.secret_value('{"username": "somebody", "accessToken": ""}'),
        HUB,
        "is not JSON of exactly `username` and `accessToken`, both filled in",
        RENEW,
    ),
    "a secret that is not JSON": State(
        lambda world: world.secret_value("a token that nobody may see"),
        HUB,
        "is not JSON of exactly `username` and `accessToken`, both filled in",
        RENEW,
    ),
    "a secret under another KMS key": State(
        another_key,
        HUB,
        "is encrypted with arn:aws:kms:us-east-1:123456789012:key/mine; ECR reads it under aws/secretsmanager only",
        "create the secret again without a key of your own",
    ),
    "another secret": State(another_secret, HUB, "the rule uses the secret ecr-pullthroughcache/other-", DEPLOY),
    # The templates.
    "no template": State(
        lambda world: world.ecr.delete_repository_creation_template(prefix="quay"),
        QUAY,
        "it does not exist: cached repositories get no policy and no settings",
        f"{DEPLOY}; if Terraform did not make the rule, write `adopt: [rule]` first",
    ),
    "no template to adopt": State(
        no_template_to_adopt,
        QUAY,
        "it does not exist: cached repositories get no policy and no settings",
        f"write `adopt: [rule]`, as there is no template to import; then {DEPLOY}",
    ),
    "a template for replication only": State(
        lambda world: world.template("quay", appliedFor=["REPLICATION"]),
        QUAY,
        'its applied_for is ["REPLICATION"], not ["PULL_THROUGH_CACHE"]',
    ),
    "immutable tags": State(
        lambda world: world.template("quay", imageTagMutability="IMMUTABLE"),
        QUAY,
        "its image_tag_mutability is IMMUTABLE, not MUTABLE",
    ),
    "a template without policy": State(
        lambda world: world.template("quay", repositoryPolicy=""),
        QUAY,
        "does not grant ecr:BatchGetImage, ecr:GetDownloadUrlForLayer to * with AWS:PrincipalOrgID o-exampleorg "
        "(AllowReadFromOrganization)",
    ),
    "a template for another organization": State(
        lambda world: world.template("quay", repositoryPolicy=policy(REPOSITORY_POLICY | {"Condition": THEIRS})),
        QUAY,
        "does not grant ecr:BatchGetImage, ecr:GetDownloadUrlForLayer to * with",
    ),
    "a template without an upstream's own access": State(
        own_access,
        QUAY,
        "does not grant ecr:BatchGetImage, ecr:GetDownloadUrlForLayer to arn:aws:iam::210987654321:root "
        "(AllowReadFromAccounts)",
    ),
    "a template that lets everyone pull": State(
        lambda world: world.template("quay", repositoryPolicy=policy(allow(*PULL, principal="*"))),
        QUAY,
        "its statement 1 is public: '*' allows every account",
        BIND,
    ),
    "a template that lets every organization pull": State(
        lambda world: world.template(
            "quay",
            repositoryPolicy=policy(
                REPOSITORY_POLICY,
                allow(
                    *PULL, principal={"AWS": ["*"]}, condition={"StringLike": {"aws:PrincipalOrgID": "o-*"}}, sid="All"
                ),
            ),
        ),
        QUAY,
        "its statement All is public: '*' allows every account",
        BIND,
    ),
    "a registry policy that lets everyone in but one": State(
        lambda world: world.ecr.put_registry_policy(
            policyText=policy(
                REGISTRY_POLICY,
                {
                    "Effect": "Allow",
                    "NotPrincipal": {"AWS": "999999999999"},
                    "Action": "ecr:ReplicateImage",
                    "Resource": "*",
                },
            )
        ),
        "us-east-1, registry policy",
        "its statement 2 is public: NotPrincipal allows every principal that it does not name",
        BIND,
    ),
    "a template without a reader": State(
        lambda world: world.deployment(
            "{registry: quay}", "{registry: quay, repositories: {read_access: ['arn:aws:iam::210987654321:root']}}"
        ),
        QUAY,
        "does not grant ecr:BatchGetImage, ecr:GetDownloadUrlForLayer to arn:aws:iam::210987654321:root (read_access)",
    ),
    "a template without a function": State(
        lambda world: world.deployment(
            "{registry: quay}", f"{{registry: quay, repositories: {{lambda_read_access: ['{FUNCTIONS}']}}}}"
        ),
        QUAY,
        "does not grant ecr:BatchGetImage, ecr:GetDownloadUrlForLayer to lambda.amazonaws.com with aws:sourceArn "
        f"{FUNCTIONS} (PrivateLambdaReadOnly)",
    ),
    "a template without a statement of the deployment's own": State(
        lambda world: world.deployment(
            "{registry: quay}", f"{{registry: quay, repositories: {{statements: [{AUDIT}]}}}}"
        ),
        QUAY,
        "does not deny ecr:DescribeImages to arn:aws:iam::210987654321:root (Audit)",
    ),
    # The registry policy.
    "no registry policy": State(
        lambda world: world.ecr.delete_registry_policy(),
        POLICY,
        "it does not exist: the first pull of an image from another account fails",
    ),
    "a registry policy without CreateRepository": State(
        lambda world: world.registry_policy(without(REGISTRY_POLICY, "ecr:CreateRepository")),
        POLICY,
        f"does not grant ecr:CreateRepository on {HUB_CACHE}, {QUAY_CACHE}",
    ),
    "a registry policy without a cache": State(
        lambda world: world.registry_policy(REGISTRY_POLICY | {"Resource": HUB_CACHE}),
        POLICY,
        f"does not grant ecr:BatchImportUpstreamImage, ecr:CreateRepository on {QUAY_CACHE} to *",
    ),
    "a registry policy for another organization": State(
        lambda world: world.registry_policy(REGISTRY_POLICY | {"Condition": THEIRS}),
        POLICY,
        "to * with AWS:PrincipalOrgID o-exampleorg (AllowPullThroughFromOrganization)",
    ),
    "a registry policy with one condition more": State(
        lambda world: world.registry_policy(
            REGISTRY_POLICY | {"Condition": {**OUR_ORGANIZATION, "StringLike": {"aws:PrincipalArn": "*admin*"}}}
        ),
        POLICY,
        "does not grant ecr:BatchImportUpstreamImage, ecr:CreateRepository on",
    ),
    "a registry policy that denies": State(
        lambda world: world.registry_policy(
            REGISTRY_POLICY, allow(*FIRST_PULL, resource="*", principal="*") | {"Effect": "Deny"}
        ),
        POLICY,
        "does not grant ecr:BatchImportUpstreamImage, ecr:CreateRepository on",
    ),
    "an external registry policy that its owner forgot": State(
        forgotten,
        POLICY,
        "it does not exist: the first pull of an image from another account fails",
        "have its owner put the output registry_policy of shared-services-us-east-1 into it",
    ),
    "a registry policy without a statement of the deployment's own": State(
        lambda world: world.registry_setting(f"registry_policy: {{mode: managed, extra_statements: [{REPLICATION}]}}"),
        POLICY,
        "does not grant ecr:ReplicateImage on * to arn:aws:iam::210987654321:root (Replication)",
    ),
    "another scope": State(
        lambda world: world.set_scope(deployment="V2", registry="V1"),
        POLICY,
        "REGISTRY_POLICY_SCOPE is V1, not V2: it decides which actions count",
    ),
    # The nodes.
    "no node role": State(
        lambda world: world.gone("eks-nodes"),
        "node role eks-nodes",
        "there is no role eks-nodes in account 123456789012",
        f"create the role, or write the name of the nodes' role in `node_roles`; then {DEPLOY}",
    ),
    "nodes that may not log in": State(
        lambda world: world.grant("eks-nodes", NODE),
        "node role eks-nodes",
        "the policies of the role eks-nodes do not grant ecr:GetAuthorizationToken on *",
    ),
    "nodes with AWS's own policy alone": State(
        pull_only,
        "node role eks-nodes",
        f"the policies of the role eks-nodes do not grant ecr:CreateRepository on {HUB_CACHE}, {QUAY_CACHE}",
    ),
    "nodes without a cache": State(
        lambda world: world.grant("eks-nodes", LOGIN, NODE | {"Resource": QUAY_CACHE}),
        "node role eks-nodes",
        f"ecr:CreateRepository on {HUB_CACHE}",
    ),
    "nodes that a policy denies": State(
        lambda world: world.attach("eks-nodes", allow("ecr:Create*", resource="*") | {"Effect": "Deny"}),
        "node role eks-nodes",
        "the policies of the role eks-nodes do not grant ecr:CreateRepository on",
    ),
    "nodes in a boundary": State(
        boundary,
        "node role eks-nodes",
        "the permissions boundary arn:aws:iam::123456789012:policy/boundary of the role eks-nodes does not allow",
        "allow it in the boundary, or remove the boundary",
    ),
}


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
