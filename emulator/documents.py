"""Checks policy documents like IAM and the services do; moto accepts more.

Source: IAM User Guide, reference_policies_elements.html and reference_policies_elements_principal.html.
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from moto.core.utils import get_service_model
from moto.iam.exceptions import MalformedPolicyDocument
from moto.iam.models import iam_backends
from moto.iam.policy_validation import (
    BaseIAMPolicyValidator,
    IAMPolicyDocumentValidator,
    IAMTrustPolicyDocumentValidator,
)

from emulator.conditions import check_operator, listed
from emulator.organization import ACCOUNTS
from emulator.patterns import matches

# Source: Service Authorization Reference, list_amazonelasticcontainerregistry.html, marked "permission only"
PERMISSION_ONLY = {"ecr": ("BatchImportUpstreamImage", "GetImageCopyStatus", "ReplicateImage")}
ACCOUNT_IDS = {account.id for account in ACCOUNTS}


class _ResourcePolicyValidator(IAMPolicyDocumentValidator):
    """A policy of a service's resource: its version may be 2008-10-17, and Sids may repeat (moto's ECR does the same)."""

    def _validate_version(self) -> None: ...

    def _validate_sid_uniqueness(self) -> None: ...


class _RepositoryPolicyValidator(_ResourcePolicyValidator):
    """A repository policy needs no resource (Guide: repository-policies.html)."""

    def _validate_resource_exist(self) -> None: ...


def check_identity_policy(text: str) -> None:
    """Raise MalformedPolicyDocument unless a user, a role or a permissions boundary can have this policy."""
    for statement in _statements(IAMPolicyDocumentValidator(text), text):
        if {"Principal", "NotPrincipal"} & set(statement):
            raise MalformedPolicyDocument("Policy document should not specify a principal.")


def check_trust_policy(text: str) -> None:
    """Raise MalformedPolicyDocument unless a role can have this trust policy."""
    for statement in _statements(IAMTrustPolicyDocumentValidator(text), text):
        _check_principals(statement)


def check_resource_policy(text: str, service: str, *, resource: bool = True) -> None:
    """Raise MalformedPolicyDocument unless a resource of ``service`` (``ecr``) can have this policy.

    - ``resource``: whether its statements must have the element Resource.
    """
    validator = (_ResourcePolicyValidator if resource else _RepositoryPolicyValidator)(text)
    actions = service_actions(service)
    for statement in _statements(validator, text):
        _check_principals(statement)
        for element in ("Action", "NotAction"):
            for pattern in listed(statement.get(element, [])):
                if not any(matches(action, pattern, ignore_case=True) for action in actions):
                    raise MalformedPolicyDocument(f"The action {pattern} does not exist")


def service_actions(service: str) -> list[str]:
    """Every action of a service that a policy can name: ``ecr:PutImage``."""
    names = [*get_service_model(service).operation_names, *PERMISSION_ONLY.get(service, ())]
    return [f"{service}:{name}" for name in names]


def _statements(validator: BaseIAMPolicyValidator, text: str) -> Iterable[Mapping[str, Any]]:
    validator.validate()
    statements: list[Mapping[str, Any]] = listed(json.loads(text)["Statement"])
    for statement in statements:
        for operator in statement.get("Condition", {}):
            try:
                check_operator(operator)
            except ValueError:
                raise MalformedPolicyDocument(f"Invalid Condition type : {operator}.") from None
    return statements


def _check_principals(statement: Mapping[str, Any]) -> None:
    named = statement.get("Principal", statement.get("NotPrincipal"))
    if named == "*":
        return
    if not isinstance(named, dict) or not named:
        raise MalformedPolicyDocument("Missing required field Principal cannot be empty!")
    for kind, names in named.items():
        for name in listed(names):
            if not _principal_exists(kind, str(name)):
                raise MalformedPolicyDocument(f'Invalid principal in policy: "{kind.upper()}":"{name}"')


def _principal_exists(kind: str, name: str) -> bool:
    """Whether the principal can exist; users and roles of the emulator's accounts must."""
    if kind == "Service":
        return re.fullmatch(r"[a-z0-9.-]+\.amazonaws\.com", name) is not None
    if kind != "AWS":
        return kind in ("Federated", "CanonicalUser")
    if name == "*" or re.fullmatch(r"(arn:aws[a-z-]*:iam::)?\d{12}(:root)?|A(IDA|ROA)[A-Z0-9]+", name):
        return True
    arn = re.fullmatch(r"arn:aws[a-z-]*:(iam|sts)::(\d{12}):(role|user|assumed-role)/([\w+=,.@/-]+)", name)
    return arn is not None and (arn[2] not in ACCOUNT_IDS or _exists(arn[2], arn[3], name))


def _exists(account: str, kind: str, arn: str) -> bool:
    backend = iam_backends[account]["aws"]
    if kind == "user":
        return any(user.arn == arn for user in backend.users.values())
    if kind == "assumed-role":
        return any(role.name == arn.split("/")[1] for role in backend.get_roles())
    return any(role.arn == arn for role in backend.get_roles())
