"""Where moto answers and AWS would refuse."""

from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.organizations.responses import OrganizationsResponse
from moto.secretsmanager.exceptions import InvalidRequestException
from moto.secretsmanager.responses import SecretsManagerResponse


class SecretsManager(SecretsManagerResponse):
    def create_secret(self) -> str:
        """A deleted secret keeps its name until the recovery window is over (API: DeleteSecret)."""
        secret = self.backend.secrets.get(self._get_param("Name"))
        if secret and secret.is_deleted():
            raise InvalidRequestException(
                "You can't create this secret because a secret with this name is already scheduled for deletion."
            )
        return super().create_secret()

    def put_secret_value(self) -> str:
        """A deleted secret takes no value (API: PutSecretValue)."""
        secret = self.backend.secrets.get(self._get_param("SecretId"))
        if secret and secret.is_deleted():
            raise InvalidRequestException(
                "You can't perform this operation on the secret because it was marked for deletion."
            )
        return super().put_secret_value()


class Organizations(OrganizationsResponse):
    """A member account may describe its organization, not list what is in it (API: ListAccounts, ListRoots)."""

    def list_accounts(self) -> str:
        self._refuse_members()
        return super().list_accounts()

    def list_roots(self) -> str:
        self._refuse_members()
        return super().list_roots()

    def _refuse_members(self) -> None:
        organization: dict[str, Any] = self.organizations_backend.describe_organization()["Organization"]
        if organization["MasterAccountId"] != self.current_account:
            raise JsonRESTError("AccessDeniedException", "You don't have permissions to access this resource.")
