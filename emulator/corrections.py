"""Rejects calls that moto's Secrets Manager and Organizations accept and AWS does not."""

import json
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.iam.exceptions import MalformedPolicyDocument
from moto.organizations.responses import OrganizationsResponse
from moto.secretsmanager.exceptions import InvalidRequestException
from moto.secretsmanager.models import FakeSecret, ReplicaSecret
from moto.secretsmanager.responses import SecretsManagerResponse

from emulator.conditions import listed
from emulator.documents import check_resource_policy


class SecretsManager(SecretsManagerResponse):
    """moto's Secrets Manager, as strict as AWS if a deployment can notice the difference."""

    def create_secret(self) -> str:
        """A deleted secret keeps its name until the recovery window is over (API: DeleteSecret)."""
        secret = self.backend.secrets.get(self._get_param("Name"))
        if secret and secret.is_deleted():
            raise InvalidRequestException(
                "You can't create this secret because a secret with this name is already scheduled for deletion."
            )
        return super().create_secret()

    def put_secret_value(self) -> str:
        """A deleted secret accepts no value (API: PutSecretValue).

        A version without a label is deleted at once. AWS deletes it at some time (Secrets Manager User Guide,
        whats-in-a-secret.html).
        """
        secret = self.backend.secrets.get(self._get_param("SecretId"))
        if secret and secret.is_deleted():
            raise InvalidRequestException(
                "You can't perform this operation on the secret because it was marked for deletion."
            )
        answer = super().put_secret_value()
        if isinstance(secret, FakeSecret):
            secret.versions = {key: each for key, each in secret.versions.items() if each["version_stages"]}
        return answer

    def put_resource_policy(self) -> str:
        """Rejects invalid policies, and with BlockPublicPolicy public ones (API: PutResourcePolicy)."""
        text = self._get_param("ResourcePolicy")
        try:
            check_resource_policy(text, "secretsmanager")
        except MalformedPolicyDocument as error:
            raise JsonRESTError(
                "MalformedPolicyDocumentException", f"This resource policy contains an error: {error.message}"
            ) from None
        if self._get_param("BlockPublicPolicy") and any(map(_is_public, listed(json.loads(text)["Statement"]))):
            raise JsonRESTError("PublicPolicyException", "This resource policy grants broad access to your secret.")
        return super().put_resource_policy()

    def get_resource_policy(self) -> str:
        """A replica has the policy of its primary secret (Secrets Manager User Guide, replicate-secrets.html)."""
        secret = self.backend.secrets.get(self._get_param("SecretId"))
        if not isinstance(secret, ReplicaSecret):
            return super().get_resource_policy()
        policy = {"ResourcePolicy": secret.source.policy} if secret.source.policy else {}
        return json.dumps({"ARN": secret.arn, "Name": secret.name, **policy})


def _is_public(statement: dict[str, Any]) -> bool:
    """Whether the statement allows everyone, without any condition.

    AWS decides by a proof over all conditions (Secrets Manager User Guide, best-practices.html); here any condition
    is taken to be a limit.
    """
    principal = statement.get("Principal")
    everyone = principal == "*" or (isinstance(principal, dict) and "*" in listed(principal.get("AWS", [])))
    return (
        statement["Effect"] == "Allow" and (everyone or "NotPrincipal" in statement) and not statement.get("Condition")
    )


class Organizations(OrganizationsResponse):
    """A member account may describe its organization, but not list its content (API: ListAccounts, ListRoots)."""

    def list_accounts(self) -> str:
        """Reject members."""
        self._reject_members()
        return super().list_accounts()

    def list_roots(self) -> str:
        """Reject members."""
        self._reject_members()
        return super().list_roots()

    def _reject_members(self) -> None:
        organization: dict[str, Any] = self.organizations_backend.describe_organization()["Organization"]
        if organization["MasterAccountId"] != self.current_account:
            raise JsonRESTError("AccessDeniedException", "You don't have permissions to access this resource.")
