"""Principals as the evaluator needs them: who they are, and the policies they have in moto's IAM."""

import json
import re

from moto.core.exceptions import ServiceException
from moto.iam.models import Role, iam_backends
from moto.sts.models import sts_backends

from emulator.accounts import organization_of
from emulator.policies import Policy, Principal, evaluate

# Source: AWS's managed policy AdministratorAccess
ADMINISTRATOR_ACCESS = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def administrator(account: str) -> str:
    """The ARN of the user that every account starts with, who may do everything."""
    return f"arn:aws:iam::{account}:user/administrator"


def caller(account: str, access_key_id: str) -> str:
    """The ARN of the principal that an access key belongs to: an assumed role, else the account's administrator."""
    assumed = sts_backends[account]["aws"].get_assumed_role_from_access_key(access_key_id)
    return assumed.role_arn if assumed else administrator(account)


def principal(arn: str) -> Principal:
    """The principal with the condition keys of its requests (IAM User Guide, reference_policies_condition-keys.html).

    Raises ValueError when there is neither such a role nor such an administrator.
    """
    account = arn.split(":")[4] if _is_administrator(arn) else _role(arn).account_id
    context = {"aws:PrincipalArn": [arn], "aws:PrincipalAccount": [account]}
    organization = organization_of(account)
    if organization:
        context["aws:PrincipalOrgID"], context["aws:PrincipalOrgPaths"] = [organization[0]], [organization[1]]
    return Principal(arn, account, context)


def identity_policies(arn: str) -> list[Policy]:
    """The principal's inline policies, then the attached ones in their default version."""
    if _is_administrator(arn):
        return [Policy("identity", "AdministratorAccess", ADMINISTRATOR_ACCESS)]
    role = _role(arn)
    inline = [Policy("identity", name, json.loads(document)) for name, document in role.policies.items()]
    attached = [
        Policy("identity", managed.name, json.loads(version.document))
        for managed in role.managed_policies.values()
        for version in managed.versions
        if version.version_id == managed.default_version_id
    ]
    return inline + attached


def serves(arn: str, service: str, actions: list[str], resource: str) -> bool:
    """Whether ``service`` can assume the role and may then do the actions."""
    try:
        role, assumed = _role(arn), principal(arn)
    except ValueError:
        return False
    statements = json.loads(role.assume_role_policy_document)["Statement"]
    trusted = any(
        service in str(statement.get("Principal")) and statement["Effect"] == "Allow"
        for statement in (statements if isinstance(statements, list) else [statements])
    )
    policies = identity_policies(arn)
    return trusted and all(
        evaluate(action, resource, assumed, policies, owner=assumed.account).allowed for action in actions
    )


def _is_administrator(arn: str) -> bool:
    return re.fullmatch(administrator(r"\d{12}"), arn) is not None


def _role(arn: str) -> Role:
    try:
        account = arn.split(":")[4]
        return iam_backends[account]["aws"].get_role_by_arn(arn)
    except (IndexError, ServiceException) as error:
        raise ValueError(f"there is no role {arn}") from error
