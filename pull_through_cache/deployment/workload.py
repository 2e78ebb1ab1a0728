"""A workload account, whose EKS nodes pull through the registry's caches."""

from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from pull_through_cache.aws.arns import role_account, role_name
from pull_through_cache.deployment.model import Model, repeated
from pull_through_cache.deployment.values import AccountId, IamPath, NodeRole, PolicyName, Region, RoleArn

POLICY_NAME = "container-registry-pull-through-access"


class NodeAccess(Model):
    """The identity policy of EKS nodes and the roles that it is attached to."""

    policy_name: Annotated[
        PolicyName, Field(description="Name of the nodes' policy, of which an account has one.", examples=["ecr-pull"])
    ] = POLICY_NAME
    policy_path: Annotated[
        IamPath | None, Field(description="IAM path of the nodes' policy. Default: `/`.", examples=["/platform/"])
    ] = None


class Workload(NodeAccess):
    """One workload: a stack of its own, `workload-<name>`, in the workload's account."""

    account_id: Annotated[
        AccountId, Field(description="The workload's account, in quotes.", examples=["'210987654321'"])
    ]
    region: Annotated[
        Region | None,
        Field(
            description="Region from whose registry the workload pulls. Default: the registry's first.",
            examples=["eu-central-1"],
        ),
    ] = None
    assume_role_arn: Annotated[
        RoleArn | None,
        Field(
            description="Role that Terraform assumes to get into the account. Default: the credentials it runs with.",
            examples=["arn:aws:iam::210987654321:role/terraform"],
        ),
    ] = None
    profile: Annotated[
        str | None, Field(description="Profile of the AWS configuration to get in with.", examples=["payments"])
    ] = None
    node_roles: Annotated[
        tuple[NodeRole, ...],
        Field(
            min_length=1,
            description="Roles of the EKS nodes, by name or ARN, whoever made them. Keep the first one first.",
            examples=["[eks-nodes]"],
        ),
    ]

    @field_validator("assume_role_arn")
    @classmethod
    def _assume_role_arn(cls, arn: str | None, info: ValidationInfo) -> str | None:
        account_id = info.data.get("account_id")
        if arn and account_id and role_account(arn) != account_id:
            raise ValueError(f"{arn!r} is not a role of account_id {account_id}; write a role of that account")
        return arn

    @field_validator("node_roles")
    @classmethod
    def _node_roles(cls, roles: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        return check_node_roles(roles, info.data.get("account_id"))


def check_node_roles(roles: tuple[str, ...], account_id: str | None) -> tuple[str, ...]:
    """Refuses a role that stands twice or belongs to another account than `account_id` or the other roles."""
    # IAM API, CreateRole: role names differ by more than their case.
    for name in repeated(role_name(role).lower() for role in roles):
        raise ValueError(f"the role {name} stands here twice; write it once")
    accounts = [account for account in map(role_account, roles) if account]
    for role in roles:
        if account_id and role_account(role) not in (None, account_id):
            raise ValueError(f"{role!r} is not a role of account_id {account_id}; write a role of that account")
    if len(set(accounts)) > 1:
        raise ValueError(f"are of the accounts {' and '.join(sorted(set(accounts)))}; write those of one account")
    return roles
