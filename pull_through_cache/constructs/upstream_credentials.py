"""Step 2: an upstream's user name and access token in AWS Secrets Manager.

ECR wants the secret's name to begin `ecr-pullthroughcache/`, its value to be JSON of exactly `username` and
`accessToken`, and its key to be `aws/secretsmanager`. Source: Guide, pull-through-cache-creating-secret.html.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from cdktf import TerraformHclModule, TerraformVariable
from cdktf_cdktf_provider_aws.data_aws_iam_policy_document import DataAwsIamPolicyDocument
from cdktf_cdktf_provider_aws.secretsmanager_secret import SecretsmanagerSecret
from cdktf_cdktf_provider_aws.secretsmanager_secret_policy import SecretsmanagerSecretPolicy
from cdktf_cdktf_provider_aws.secretsmanager_secret_version import SecretsmanagerSecretVersion
from constructs import Construct

from pull_through_cache.aws.policies import secret_policy
from pull_through_cache.constructs.pinned import pinned
from pull_through_cache.constructs.statements import blocks


@dataclass(frozen=True, kw_only=True)
class Secret:
    """What a secret is called and who may read it.

    - `upstream`: the upstream's key, which names the variables, the module and by default the secret.
    - `name`: the secret's name; None for one that Terraform makes of the upstream's key and a suffix.
    - `recovery_window_in_days`: 7 to 30, or 0.
    - `readers`: ARNs of who may read the value. ECR reads it through its service-linked role in any case.
    """

    upstream: str
    name: str | None
    description: str
    recovery_window_in_days: int
    readers: Sequence[str]

    @property
    def id(self) -> str:
        """What Terraform names contain for this secret."""
        return f"{self.upstream.replace('-', '')}_credentials"

    @property
    def name_or_prefix(self) -> dict[str, str]:
        """The argument `name`, or else `name_prefix`."""
        return (
            {"name": self.name} if self.name else {"name_prefix": f"ecr-pullthroughcache/{self.id.replace('_', '-')}"}
        )


class UpstreamCredentials(Construct):
    """A secret made by the secrets-manager module: with its policy and its first version.

    The values are two sensitive Terraform variables, `<upstream>_username` and `<upstream>_access_token`. They are in
    no file that synthesis writes; Terraform keeps them in its state.
    """

    def __init__(self, scope: Construct, id: str, *, source: str, version: str, secret: Secret) -> None:
        super().__init__(scope, id)
        [read] = secret_policy(secret.readers)
        made = TerraformHclModule(
            self,
            "secret",
            source=source,
            version=version,
            variables={
                **secret.name_or_prefix,
                "description": secret.description,
                "recovery_window_in_days": secret.recovery_window_in_days,
                "create_policy": True,
                "block_public_policy": True,
                "secret_string": _variables(self, secret.upstream),
                "policy_statements": {
                    "read": {
                        "sid": read.sid,
                        "actions": list(read.actions),
                        "resources": list(read.resources),
                        "principals": [{"type": "AWS", "identifiers": list(secret.readers)}],
                    }
                },
            },
        )
        address = f"secrets_manager_{secret.id}"
        made.override_logical_id(address)

        self.credential_arn = _arn_when_there_is_a_version(
            f"module.{address}.secret_arn", f"module.{address}.secret_version_id"
        )
        """The secret's ARN, for a rule."""


class WriteOnlyCredentials(Construct):
    """A secret whose value is in no file of Terraform's, neither plan nor state.

    The two variables are ephemeral, and the value is written through a write-only argument: again whenever `version`
    is raised. Needs Terraform 1.11.
    """

    def __init__(self, scope: Construct, id: str, *, secret: Secret, version: int) -> None:
        super().__init__(scope, id)
        made = pinned(
            SecretsmanagerSecret(
                self,
                "secret",
                description=secret.description,
                recovery_window_in_days=secret.recovery_window_in_days,
                **secret.name_or_prefix,
            ),
            secret.id,
        )
        statements = blocks(secret_policy(secret.readers), write_effect=False)
        readers = pinned(
            DataAwsIamPolicyDocument(self, "readers", statement=statements),
            secret.id,
        )
        pinned(
            SecretsmanagerSecretPolicy(
                self, "policy", secret_arn=made.arn, policy=readers.json, block_public_policy=True
            ),
            secret.id,
        )
        pinned(
            SecretsmanagerSecretVersion(
                self,
                "version",
                secret_id=made.id,
                secret_string_wo=_variables(self, secret.upstream, ephemeral=True),
                secret_string_wo_version=version,
            ),
            secret.id,
        )

        self.credential_arn = _arn_when_there_is_a_version(
            f"aws_secretsmanager_secret.{secret.id}.arn", f"aws_secretsmanager_secret_version.{secret.id}.version_id"
        )
        """The secret's ARN, for a rule."""


def _arn_when_there_is_a_version(arn: str, version_id: str) -> str:
    """The secret's ARN, for which Terraform waits until the secret has a version.

    The ARN is known before the version is there, and ECR refuses a rule whose secret has none. Taken out of a tuple with
    the version, it depends on both; and it stays the same when the version changes, so a new token leaves the rule alone.
    """
    return f"${{[{arn}, {version_id}][0]}}"


def _variables(scope: Construct, upstream: str, *, ephemeral: bool = False) -> str:
    """Declares the variables with the credentials; returns the value of the secret."""
    name = upstream.replace("-", "_")
    for variable, what in (("username", "User name"), ("access_token", "Access token")):
        declared = TerraformVariable(
            scope,
            variable,
            type="string",
            description=f"{what} for the upstream registry {upstream}.",
            sensitive=True,
        )
        declared.override_logical_id(f"{name}_{variable}")
        if ephemeral:
            declared.add_override("ephemeral", True)
    return f'${{jsonencode({{"username" = var.{name}_username, "accessToken" = var.{name}_access_token}})}}'
