"""A workload account, whose EKS nodes pull through the registry's caches."""

from typing import Annotated

from pydantic import Field, StrictBool, ValidationInfo, field_validator

from pull_through_cache.aws.arns import role_account, role_name
from pull_through_cache.deployment.model import Model, duplicates
from pull_through_cache.deployment.values.ecr import UpstreamKey
from pull_through_cache.deployment.values.iam import AccountId, NodeRole, PolicyName, PolicyPath, RoleArn
from pull_through_cache.deployment.values.regions import Region

POLICY_NAME = "container-registry-pull-through-access"


NodePolicyName = Annotated[
    PolicyName,
    Field(description="Name of the nodes' policy; unique in its account.", examples=["ecr-pull"]),
]
NodePolicyPath = Annotated[
    PolicyPath | None, Field(description="IAM path of the nodes' policy. Default: `/`.", examples=["/platform/"])
]
Attach = Annotated[
    StrictBool,
    Field(
        description="Whether to attach the nodes' policy to the `node_roles`. `false`: the policy alone, for modules of EKS "
        "or Karpenter that attach policies themselves; the output `node_policy_arn` has its ARN.",
        examples=["false"],
    ),
]


class Workload(Model):
    """A workload account with its own stack, `workload-<name>`."""

    account_id: Annotated[
        AccountId, Field(description="The workload's account, in quotes.", examples=["'210987654321'"])
    ]
    region: Annotated[
        Region | None,
        Field(
            description="Region of the registry that the workload pulls from. Default: the registry's first Region.",
            examples=["eu-central-1"],
        ),
    ] = None
    assume_role_arn: Annotated[
        RoleArn | None,
        Field(
            description="Role in the account that Terraform assumes. Default: the credentials that Terraform runs with.",
            examples=["arn:aws:iam::210987654321:role/terraform"],
        ),
    ] = None
    profile: Annotated[
        str | None,
        Field(description="Profile of the AWS configuration with credentials for the account.", examples=["payments"]),
    ] = None
    node_roles: Annotated[
        tuple[NodeRole, ...],
        Field(
            min_length=1,
            description="Roles of the EKS nodes, by name or ARN. They exist already. Keep the first one first: its "
            "address in Terraform differs.",
            examples=["[eks-nodes]"],
        ),
    ]
    attach: Attach = True
    caches: Annotated[
        tuple[UpstreamKey, ...],
        Field(
            description="The upstreams whose caches the nodes may use, by key. Needs `registry.account_id`. Default: all.",
            examples=["[docker-hub, quay]"],
        ),
    ] = ()
    policy_name: NodePolicyName = POLICY_NAME
    policy_path: NodePolicyPath = None

    @field_validator("caches")
    @classmethod
    def _caches(cls, caches: tuple[str, ...]) -> tuple[str, ...]:
        for key in duplicates(caches):
            raise ValueError(f"{key} is here twice; write it once")
        return caches

    @field_validator("assume_role_arn")
    @classmethod
    def _assume_role_arn(cls, arn: str | None, info: ValidationInfo) -> str | None:
        account_id = info.data.get("account_id")
        if arn and account_id and role_account(arn) != account_id:
            raise ValueError(f"{arn!r} is not in account {account_id}; write a role of that account")
        return arn

    @field_validator("node_roles")
    @classmethod
    def _node_roles(cls, roles: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        return check_node_roles(roles, info.data.get("account_id"))


def check_node_roles(roles: tuple[str, ...], account_id: str | None) -> tuple[str, ...]:
    """Raises ValueError for a duplicate role, or a role in another account than `account_id` or the other roles."""
    # IAM API, CreateRole: names that differ only in case are the same name.
    for name in duplicates(role_name(role).lower() for role in roles):
        raise ValueError(f"role {name} is listed twice; write it once")
    accounts = [account for account in map(role_account, roles) if account]
    for role in roles:
        if account_id and role_account(role) not in (None, account_id):
            raise ValueError(f"{role!r} is not in account {account_id}; write a role of that account")
    if len(set(accounts)) > 1:
        raise ValueError(f"are in accounts {' and '.join(sorted(set(accounts)))}; write roles of one account")
    return roles
