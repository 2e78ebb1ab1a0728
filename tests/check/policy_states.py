"""Broken registry policies and roles of nodes, each with what is found of it."""

from tests.aws import Json, allow, policy
from tests.check.state import State
from tests.check.worlds import (
    DEPLOY,
    FIRST_PULL,
    HUB_CACHE,
    LOGIN,
    NODE,
    OUR_ORGANIZATION,
    QUAY_CACHE,
    REGISTRY_POLICY,
    World,
    without,
)

THEIRS: Json = {"StringEquals": {"aws:PrincipalOrgID": "o-stranger00"}}
POLICY = "us-east-1, registry policy"
THEM = "principals: {AWS: ['arn:aws:iam::210987654321:root']}"
REPLICATION = f"{{sid: Replication, actions: [ecr:ReplicateImage], resources: ['*'], {THEM}}}"


def boundary(world: World) -> None:
    arn = world.iam.create_policy(PolicyName="boundary", PolicyDocument=policy(allow("ecr:Batch*", resource="*")))
    world.iam.put_role_permissions_boundary(RoleName="eks-nodes", PermissionsBoundary=arn["Policy"]["Arn"])


def forgotten(world: World) -> None:
    world.registry_setting("registry_policy: external")
    world.ecr.delete_registry_policy()


def pull_only(world: World) -> None:
    world.iam.delete_role_policy(RoleName="eks-nodes", PolicyName="access")
    arn = "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly"
    world.iam.attach_role_policy(RoleName="eks-nodes", PolicyArn=arn)


STATES = {
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
