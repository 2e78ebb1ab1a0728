"""Step 2 of the post: an upstream's user name and access token in AWS Secrets Manager.

ECR has three requirements for the secret: its name begins with `ecr-pullthroughcache/`, its value is JSON with exactly
`username` and `accessToken`, and its key is `aws/secretsmanager`. Source: Amazon ECR User Guide,
pull-through-cache-creating-secret.html.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from cdktf import Fn, TerraformHclModule, TerraformVariable, Token
from cdktf_cdktf_provider_aws.data_aws_iam_policy_document import DataAwsIamPolicyDocument
from cdktf_cdktf_provider_aws.data_aws_secretsmanager_secret import DataAwsSecretsmanagerSecret
from cdktf_cdktf_provider_aws.secretsmanager_secret import SecretsmanagerSecret, SecretsmanagerSecretReplica
from cdktf_cdktf_provider_aws.secretsmanager_secret_policy import SecretsmanagerSecretPolicy
from cdktf_cdktf_provider_aws.secretsmanager_secret_version import SecretsmanagerSecretVersion
from constructs import Construct

from pull_through_cache.aws.policies import secret_policy
from pull_through_cache.constructs.pinned import pinned
from pull_through_cache.constructs.statements import blocks


@dataclass(frozen=True, kw_only=True)
class Secret:
    """The arguments of a secret.

    - `name` or `name_prefix`: one of them. Terraform adds a suffix to a prefix. A deleted secret keeps its name until its
      recovery window ends; with the suffix, it does not block a new secret.
    - `value`: the content, see `CredentialVariables.secret_value`.
    - `readers`: ARNs of the principals that may read the value. ECR reads it through its service-linked role anyway.
    - `recovery_window_in_days`: 7 to 30, or 0 to delete the secret immediately.
    - `replica_regions`: Regions with a replica, see `ReplicatedCredentials`. The name must be free there.
    """

    name: str | None = None
    name_prefix: str | None = None
    description: str
    value: str
    readers: Sequence[str]
    recovery_window_in_days: int = 30
    replica_regions: Sequence[str] = ()


class CredentialVariables(Construct):
    """Two sensitive Terraform variables: an upstream's user name and access token.

    Synthesis writes their values to no file.

    - `upstream`: the name of the upstream in the variables' descriptions.
    - `ephemeral`: whether Terraform keeps the values out of plan and state, too. Needs Terraform 1.10.
    - `address`: the variables are called `<address>_username` and `<address>_access_token`.

    Attributes: `username`, `access_token` and `secret_value`, the JSON that ECR reads.
    """

    def __init__(
        self, scope: Construct, id: str, *, upstream: str, ephemeral: bool = False, address: str | None = None
    ) -> None:
        super().__init__(scope, id)
        self.username, self.access_token = (
            pinned(
                TerraformVariable(
                    self,
                    name,
                    type="string",
                    description=f"{title} for the upstream registry {upstream}.",
                    sensitive=True,
                ),
                f"{address}_{name}" if address else None,
            )
            for name, title in (("username", "User name"), ("access_token", "Access token"))
        )
        if ephemeral:
            for variable in (self.username, self.access_token):
                variable.add_override("ephemeral", True)
        value = {"username": self.username.string_value, "accessToken": self.access_token.string_value}
        self.secret_value = Fn.jsonencode(value)


class UpstreamCredentials(Construct):
    """A secret from the secrets-manager module, with its policy and its first version.

    Terraform's state contains the value.

    - `source`, `version`: of the module.
    - `address`: the name of the module.

    Attributes: `module` and `credential_arn`, for a rule.
    """

    def __init__(
        self, scope: Construct, id: str, *, source: str, version: str, secret: Secret, address: str | None = None
    ) -> None:
        super().__init__(scope, id)
        [read] = secret_policy(secret.readers)
        self.module = pinned(
            TerraformHclModule(
                self,
                "secret",
                source=source,
                version=version,
                variables={
                    "name": secret.name,
                    "name_prefix": secret.name_prefix,
                    "description": secret.description,
                    "recovery_window_in_days": secret.recovery_window_in_days,
                    "replica": {region: {"region": region} for region in secret.replica_regions} or None,
                    "create_policy": True,
                    "block_public_policy": True,
                    "secret_string": secret.value,
                    "policy_statements": {
                        "read": {
                            "sid": read.sid,
                            "actions": list(read.actions),
                            "resources": list(read.resources),
                            "principals": [{"type": "AWS", "identifiers": list(secret.readers)}],
                        }
                    },
                },
            ),
            address,
        )
        self.credential_arn = _arn_of_a_secret_with_a_version(
            self.module.get_string("secret_arn"), self.module.get_string("secret_version_id")
        )


class WriteOnlyCredentials(Construct):
    """A secret whose value Terraform writes to no file: neither to a plan nor to the state.

    The value must come from ephemeral variables. Needs Terraform 1.11.

    - `version`: Terraform writes the value again when this number is raised.
    - `address`: the name of the secret, its policy with the document, and its version.

    Attributes: `secret`, `readers` (the document), `policy`, `version` and `credential_arn`, for a rule.
    """

    def __init__(
        self, scope: Construct, id: str, *, secret: Secret, version: int = 1, address: str | None = None
    ) -> None:
        super().__init__(scope, id)
        self.secret = pinned(
            SecretsmanagerSecret(
                self,
                "secret",
                name=secret.name,
                name_prefix=secret.name_prefix,
                description=secret.description,
                recovery_window_in_days=secret.recovery_window_in_days,
                replica=[SecretsmanagerSecretReplica(region=region) for region in secret.replica_regions] or None,
            ),
            address,
        )
        statements = blocks(secret_policy(secret.readers), write_effect=False)
        self.readers = pinned(DataAwsIamPolicyDocument(self, "readers", statement=statements), address)
        self.policy = pinned(
            SecretsmanagerSecretPolicy(
                self, "policy", secret_arn=self.secret.arn, policy=self.readers.json, block_public_policy=True
            ),
            address,
        )
        self.version = pinned(
            SecretsmanagerSecretVersion(
                self,
                "version",
                secret_id=self.secret.id,
                secret_string_wo=secret.value,
                secret_string_wo_version=version,
            ),
            address,
        )
        self.credential_arn = _arn_of_a_secret_with_a_version(self.secret.arn, self.version.version_id)


class ReplicatedCredentials(Construct):
    """A replica of a secret of another Region, found by its name. Its key is `aws/secretsmanager` of its own Region.

    The secret must have been replicated before. Source: AWS Secrets Manager User Guide, replicate-secrets.html.

    - `name`: of the secret; a replica has the same.
    - `address`: the name of the data source.

    Attributes: `replica` and `credential_arn`, for a rule.
    """

    def __init__(self, scope: Construct, id: str, *, name: str, address: str | None = None) -> None:
        super().__init__(scope, id)
        self.replica = pinned(DataAwsSecretsmanagerSecret(self, "replica", name=name), address)
        self.credential_arn = str(self.replica.arn)


def _arn_of_a_secret_with_a_version(arn: str, version_id: str) -> str:
    """The ARN as `[arn, version_id][0]`: Terraform waits for the secret's version before it uses the ARN.

    The secret has an ARN before it has a version, and ECR rejects a rule whose secret has none. The value stays the
    same when the version changes, so a new token does not change the rule.
    """
    literal_0 = Token.as_any(0)  # a plain 0 becomes `.0`
    return Token.as_string(Fn.lookup_nested([arn, version_id], [literal_0]))
