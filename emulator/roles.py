"""Roles and users for the evaluation of policies: their identity, and their policies in moto's IAM."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Literal

from moto.iam.models import ManagedPolicy, Role, User, iam_backends
from moto.sts.models import sts_backends

from emulator.accounts import organization_of
from emulator.organization import Account
from emulator.patterns import Context
from emulator.policies import Policy, evaluate
from emulator.principals import Principal, PrincipalKind


def administrator(account: str) -> str:
    """The ARN of the user that every account starts with. This user may do everything."""
    return Account(account, "").administrator


def caller(account: str, access_key_id: str) -> str:
    """The ARN of the role or user that an access key belongs to; unknown keys belong to the administrator."""
    assumed = sts_backends[account]["aws"].get_assumed_role_from_access_key(access_key_id)
    if assumed:
        return str(assumed.role_arn)
    key = iam_backends[account]["aws"].access_keys.get(access_key_id)
    users = iam_backends[account]["aws"].users.values()
    return next((user.arn for user in users if key and user.name == key.user_name), administrator(account))


def principal(arn: str, session: str = "session") -> Principal:
    """The role or user of this ARN, with the condition keys of its requests.

    Source: IAM User Guide, reference_policies_condition-keys.html. Raises ValueError when it does not exist.
    """
    entity = _entity(arn)
    kind: PrincipalKind = "role" if isinstance(entity, Role) else "user"
    context = {
        **account_context(entity.account_id),
        "aws:PrincipalArn": [arn],
        "aws:PrincipalType": ["AssumedRole" if kind == "role" else "User"],
        **{f"aws:PrincipalTag/{tag['Key']}": [tag["Value"]] for tag in entity.tags or ()},
    }
    if kind == "user":
        context["aws:username"] = [entity.name]
    context["aws:userid"] = [f"{entity.id}:{session}" if kind == "role" else entity.id]
    return Principal(arn, entity.account_id, context, kind, entity.id, session)


def account_context(account: str) -> dict[str, list[str]]:
    """The condition keys that every principal of the account has."""
    context = {"aws:PrincipalAccount": [account], "aws:PrincipalIsAWSService": ["false"]}
    organization = organization_of(account)
    if organization:
        context["aws:PrincipalOrgID"], context["aws:PrincipalOrgPaths"] = [organization[0]], [organization[1]]
    return context


def resource_context(account: str, region: str, tags: Mapping[str, str] = MappingProxyType({})) -> Context:
    """The condition keys of a request to a resource of ``account``; every client of the emulator counts as secure."""
    now = datetime.now(UTC)
    context = {
        "aws:RequestedRegion": [region],
        "aws:ResourceAccount": [account],
        "aws:SecureTransport": ["true"],
        "aws:CurrentTime": [now.isoformat()],
        "aws:EpochTime": [str(int(now.timestamp()))],
        **{f"{prefix}:ResourceTag/{key}": [tags[key]] for key in tags for prefix in ("aws", "ecr")},
    }
    organization = organization_of(account)
    if organization:
        context["aws:ResourceOrgID"], context["aws:ResourceOrgPaths"] = [organization[0]], [organization[1]]
    return context


def identity_policies(arn: str) -> list[Policy]:
    """The inline policies of a role or a user, the attached ones in their default version, its permissions boundary.

    Policies of a user's groups are not included.
    """
    entity = _entity(arn)
    policies = [Policy("identity", name, json.loads(document)) for name, document in entity.policies.items()]
    policies += [_managed("identity", policy) for policy in entity.managed_policies.values()]
    if isinstance(entity, Role) and entity.permissions_boundary_arn:
        backend = iam_backends[entity.account_id]["aws"]
        policies.append(_managed("boundary", backend.get_policy(entity.permissions_boundary_arn)))
    return policies


def assumption_failure(arn: str, service: str, account: str) -> str | None:
    """Why ``service``, working for ``account``, cannot assume the role; None when it can."""
    try:
        role = _entity(arn)
    except ValueError as error:
        return str(error)
    if not isinstance(role, Role):
        return f"{arn} is not a role"
    source = {
        "aws:SourceAccount": [account],
        "aws:PrincipalIsAWSService": ["true"],
        "aws:PrincipalServiceName": [service],
    }
    trust = Policy("trust", role.name, json.loads(role.assume_role_policy_document))
    caller = Principal(service, role.account_id, source, "service")
    decision = evaluate("sts:AssumeRole", arn, caller, [trust], owner=role.account_id)
    return None if decision.allowed else f"{service} cannot assume {arn}: its trust policy does not allow it"


def role_failure(arn: str, service: str, account: str, permissions: Iterable[tuple[str, str]]) -> str | None:
    """Why ``service`` cannot do what it needs to with the role: ``permissions`` are actions with their resources.

    None when it can. All resources are of the role's own account, and have no policies.
    """
    failure = assumption_failure(arn, service, account)
    if failure:
        return failure
    assumed, policies = principal(arn), identity_policies(arn)
    for action, resource in permissions:
        decision = evaluate(action, resource, assumed, policies, owner=assumed.account)
        if not decision.allowed:
            return decision.reason
    return None


def _managed(kind: Literal["identity", "boundary"], policy: ManagedPolicy) -> Policy:
    version = next(each for each in policy.versions if each.version_id == policy.default_version_id)
    return Policy(kind, policy.name, json.loads(version.document))


def _entity(arn: str) -> Role | User:
    """The role or user. Raises ValueError when there is none."""
    account = [*arn.split(":"), *[""] * 5][4]
    if account.isdecimal():
        backend = iam_backends[account]["aws"]
        entities: list[Role | User] = [*backend.get_roles(), *backend.users.values()]
        for entity in entities:
            if entity.arn == arn:
                return entity
    raise ValueError(f"there is no role {arn}")
