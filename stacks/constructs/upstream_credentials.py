"""Step 2: an upstream's user name and access token in AWS Secrets Manager."""

from cdktf import TerraformHclModule, TerraformVariable
from constructs import Construct

from stacks.modules import ModuleSource


class UpstreamCredentials(Construct):
    """A secret that ECR can read, its policy, and its first version.

    The values are two sensitive Terraform variables, `<upstream>_username` and `<upstream>_access_token`: they are in
    no file that synthesis writes. Terraform keeps them in its state.

    ECR wants the secret's name to begin `ecr-pullthroughcache/`, its value to be JSON of exactly `username` and
    `accessToken`, and the key to be `aws/secretsmanager`. Source: Guide, pull-through-cache-creating-secret.html.

    - `upstream`: the upstream's key, which names the variables, the secret and the module.
    - `account_id`: the account whose principals may read the secret, through their own policies.
    - `recovery_window_in_days`: 7 to 30, or 0.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        module: ModuleSource,
        upstream: str,
        account_id: str,
        description: str,
        recovery_window_in_days: int,
    ) -> None:
        super().__init__(scope, id)
        name = f"{upstream.replace('-', '')}_credentials"
        variable = upstream.replace("-", "_")
        username = self._variable(f"{variable}_username", f"User name at the upstream registry {upstream}.")
        access_token = self._variable(f"{variable}_access_token", f"Access token of the upstream registry {upstream}.")

        secret = TerraformHclModule(
            self,
            "secret",
            source=module.source,
            version=module.version,
            variables={
                "name_prefix": f"ecr-pullthroughcache/{name.replace('_', '-')}",
                "description": description,
                "recovery_window_in_days": recovery_window_in_days,
                "create_policy": True,
                "block_public_policy": True,
                "secret_string": f'${{jsonencode({{"username" = {username}, "accessToken" = {access_token}}})}}',
                "policy_statements": {
                    "read": {
                        "sid": "AllowAccountRead",
                        "principals": [{"type": "AWS", "identifiers": [f"arn:aws:iam::{account_id}:root"]}],
                        "actions": ["secretsmanager:GetSecretValue"],
                        "resources": ["*"],
                    }
                },
            },
        )
        secret.override_logical_id(f"secrets_manager_{name}")
        self._module = f"module.secrets_manager_{name}"

    @property
    def credential_arn(self) -> str:
        """The secret's ARN, for a rule that must wait until the secret has a version.

        The module gives the ARN before the version exists, and ECR refuses a rule whose secret has none. Taking the
        ARN out of a tuple with the version makes Terraform wait for both; a new version does not change the ARN, so a
        new token leaves the rule alone.
        """
        return f"${{[{self._module}.secret_arn, {self._module}.secret_version_id][0]}}"

    def _variable(self, name: str, description: str) -> str:
        variable = TerraformVariable(self, name, type="string", description=description, sensitive=True)
        variable.override_logical_id(name)
        return f"var.{name}"
