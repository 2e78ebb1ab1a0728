"""Whether a caller may make an API call: evaluates identity policies before moto answers. Off until a test turns it on.

Source: Service Authorization Reference, the tables of actions, their resources and dependent actions; and Guide (Amazon
ECR User Guide), repository-creation-templates-create.html, for the permissions that a creation template needs.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from moto.iam.models import get_account_id_from, iam_backends
from moto.secretsmanager.models import secretsmanager_backends
from werkzeug import Request, Response

from emulator.calls import Call, error_response
from emulator.outcomes import Decision
from emulator.policies import Policy, evaluate
from emulator.roles import caller, identity_policies, principal, resource_context

# Every principal may call it, whatever its policies allow (API: GetCallerIdentity).
ALWAYS_ALLOWED = {"sts:GetCallerIdentity"}
# The permissions that tags on a new resource need.
TAGGING = {
    "iam:CreatePolicy": "iam:TagPolicy",
    "iam:CreateRole": "iam:TagRole",
    "secretsmanager:CreateSecret": "secretsmanager:TagResource",
    "ecr:CreateRepository": "ecr:TagResource",
}
TEMPLATE_CALLS = ("ecr:CreateRepositoryCreationTemplate", "ecr:UpdateRepositoryCreationTemplate")
TEMPLATE_PERMISSIONS = {"repositoryPolicy": "ecr:SetRepositoryPolicy", "lifecyclePolicy": "ecr:PutLifecyclePolicy"}


class Authorization:
    """Allows or denies calls, and records the permissions that they used."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Allow every call again, and forget the permissions used."""
        self.enforced = False
        self.permissions: list[str] = []

    def enforce(self) -> None:
        """From now on evaluate every call."""
        self.clear()
        self.enforced = True

    def denial(self, request: Request) -> Response | None:
        """The answer to a call that is denied; None when it is allowed."""
        if not self.enforced:
            return None
        call = Call.of(request)
        account = get_account_id_from(call.access_key)
        arn = caller(account, call.access_key)
        for action, resource in _required(call, account):
            decision = _decide(action, resource, arn, account, call.region)
            if decision.allowed and action not in self.permissions:
                self.permissions.append(action)
            if not decision.allowed:
                # The query protocol, of IAM and STS, has a different error name than the JSON protocols.
                code = "AccessDeniedException" if call.json else "AccessDenied"
                return error_response(request, code, decision.reason, 400 if call.json else 403)
        return None


def _decide(action: str, resource: str, arn: str, account: str, region: str) -> Decision:
    """Decide by identity policies. AssumeRole always needs the role's trust policy as well."""
    policies, owner = identity_policies(arn), account
    if action == "sts:AssumeRole":
        owner = resource.split(":")[4]
        roles = [role for role in iam_backends[owner]["aws"].get_roles() if role.arn == resource]
        policies += [Policy("trust", role.name, json.loads(role.assume_role_policy_document)) for role in roles]
    context = resource_context(owner, region)
    decision = evaluate(action, resource, principal(arn), policies, owner=owner, context=context)
    trusted = any(statement.kind == "trust" for statement in decision.statements)
    if action == "sts:AssumeRole" and decision.allowed and not trusted:
        reason = f"User: {arn} is not authorized to perform: {action} on resource: {resource}"
        return replace(decision, allowed=False, reason=reason)
    return decision


def _required(call: Call, account: str) -> Iterator[tuple[str, str]]:
    """The permissions that a call needs: actions and resources."""
    if call.action in ALWAYS_ALLOWED:
        return
    resource, parameters = _resource(call, account), call.parameters
    yield call.action, resource
    if call.action in TAGGING and any(key.lower().startswith("tags") for key in parameters):
        yield TAGGING[call.action], resource
    if "AddReplicaRegions" in parameters:
        yield "secretsmanager:ReplicateSecretToRegions", resource
    if "customRoleArn" in parameters:
        yield "iam:PassRole", parameters["customRoleArn"]
    if call.action in TEMPLATE_CALLS:
        created = f"arn:aws:ecr:{call.region}:{account}:repository/{parameters.get('prefix')}/*"
        yield "ecr:CreateRepository", created
        for parameter, action in TEMPLATE_PERMISSIONS.items():
            if parameters.get(parameter):
                yield action, created


def _resource(call: Call, account: str) -> str:
    """The ARN of the resource of a call; ``*`` if its action has no resource."""
    service, parameters = call.action.partition(":")[0], call.parameters
    if service == "ecr" and "repositoryName" in parameters:
        return f"arn:aws:ecr:{call.region}:{account}:repository/{parameters['repositoryName']}"
    if service == "ecr" and "resourceArn" in parameters:
        return str(parameters["resourceArn"])
    if service == "secretsmanager":
        return _secret(parameters, account, call.region)
    if service == "iam":
        return _iam_resource(parameters, account)
    return str(parameters.get("RoleArn", "*"))


def _secret(parameters: Mapping[str, Any], account: str, region: str) -> str:
    name = str(parameters.get("SecretId", parameters.get("Name", "*")))
    found = secretsmanager_backends[account][region].secrets.get(name)
    if found:
        return str(found.arn)
    return f"arn:aws:secretsmanager:{region}:{account}:secret:{name}-AbCdEf" if name != "*" else name


def _iam_resource(parameters: Mapping[str, Any], account: str) -> str:
    prefix = f"arn:aws:iam::{account}:"
    if "RoleName" in parameters:
        roles = iam_backends[account]["aws"].get_roles()
        arns = (role.arn for role in roles if role.name == parameters["RoleName"])
        return next(arns, f"{prefix}role{parameters.get('Path', '/')}{parameters['RoleName']}")
    if "PolicyArn" in parameters:
        return str(parameters["PolicyArn"])
    if "PolicyName" in parameters:
        return f"{prefix}policy{parameters.get('Path', '/')}{parameters['PolicyName']}"
    return "*"
