"""Puts the accounts into moto: the organization, an administrator in each, AWS's managed policies for nodes."""

import json
import os
from unittest.mock import patch

from moto.iam import models as iam
from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.organizations import utils as organization_ids
from moto.organizations.models import OrganizationsBackend, organizations_backends

from emulator.organization import UNITS, Organization

# Source: AWS's managed policy AdministratorAccess
ADMINISTRATOR_ACCESS = {"Effect": "Allow", "Action": "*", "Resource": "*"}
MANAGED_POLICIES = (
    "AmazonEC2ContainerRegistry",
    "AmazonEKSWorkerNode",
    "AmazonEKS_CNI_Policy",
    "AdministratorAccess",
    "PowerUserAccess",
)
"""Beginnings of the names of AWS's managed policies that accounts have: those for nodes, and usual boundaries."""


def keep_managed_policies() -> None:
    """Make moto offer some of AWS's managed policies: all 1,582 of them, in every account, take seconds."""
    every = json.loads(aws_managed_policies_data)
    wanted = {name: policy for name, policy in every.items() if name.startswith(MANAGED_POLICIES)}
    vars(iam)["aws_managed_policies_data"] = json.dumps(wanted)
    os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"


def create_accounts(organization: Organization) -> None:
    """Fill moto's empty backends with these accounts."""
    account_ids = iter([each.id for each in (organization.management, *organization.members)])
    unit_ids = iter([organization.root, *organization.units])
    backend: OrganizationsBackend = organizations_backends[organization.management.id]["aws"]
    # moto generates random identifiers; ours are known in advance.
    with patch.multiple(
        organization_ids,
        make_random_org_id=lambda: organization.id,
        make_random_root_id=lambda: organization.root,
        make_random_ou_id=lambda _: next(unit_ids),
        make_random_account_id=lambda: next(account_ids),
    ):
        backend.create_organization(region="us-east-1", FeatureSet="ALL")
        for unit, parent in organization.units.items():
            backend.create_organizational_unit(ParentId=parent, Name=UNITS.get(unit, unit))
        for account in organization.members:
            backend.create_account(AccountName=account.name, Email=f"{account.name}@example.com")
            if account.unit != organization.root:
                backend.move_account(
                    AccountId=account.id, SourceParentId=organization.root, DestinationParentId=account.unit
                )
    for account in organization.accounts:
        _create_administrator(account.id, account.access_key_id)


def _create_administrator(account_id: str, access_key_id: str) -> None:
    backend = iam.iam_backends[account_id]["aws"]
    user = backend.create_user("us-east-1", "administrator")
    user.put_policy("AdministratorAccess", json.dumps({"Version": "2012-10-17", "Statement": ADMINISTRATOR_ACCESS}))
    key = user.create_access_key("AKIA")
    key.access_key_id = access_key_id
    backend.access_keys[access_key_id] = key


def organization_of(account_id: str) -> tuple[str, str] | None:
    """The account's ``aws:PrincipalOrgID`` and its ``aws:PrincipalOrgPaths``; None outside any organization."""
    management, _ = organizations_backends.master_accounts.get(account_id, (account_id, "aws"))
    backend = organizations_backends[management]["aws"]
    if backend.org is None:
        return None
    parents: dict[str, str | None] = {each.id: each.parent_id for each in backend.ou}
    path = ""
    unit: str | None = backend.get_account_by_id(account_id).parent_id
    while unit is not None:
        path, unit = f"{unit}/{path}", parents[unit]
    return backend.org.id, f"{backend.org.id}/{path}"
