"""Where the user name and access token of an upstream are kept."""

from typing import Annotated, Any, Literal

from pydantic import Field, StrictInt, ValidationInfo, field_validator

from pull_through_cache.deployment.model import Model
from pull_through_cache.deployment.values import Count, InRegions, PrincipalArn, SecretArn, SecretName

Store = Literal["module", "write_only", "existing"]


class Credentials(Model):
    """The user name and access token that an upstream asks for, in AWS Secrets Manager.

    Unless the secret exists, the values are Terraform variables: `<upstream>_username` and `<upstream>_access_token`.
    """

    store: Annotated[
        Store,
        Field(
            description="Who makes the secret. `module`: the secrets-manager module; Terraform's state holds the value. "
            "`write_only`: Terraform writes the value without keeping it in plan or state; needs Terraform 1.11. "
            "`existing`: nobody, it is there.",
            examples=["write_only"],
        ),
    ] = "module"
    secret_arn: Annotated[
        InRegions[SecretArn] | None,
        Field(
            validate_default=True,
            description="ARN of an `existing` secret, which is in the account and Region of the registry; with several "
            "Regions an ARN for each.",
            examples=["arn:aws:secretsmanager:eu-central-1:123456789012:secret:ecr-pullthroughcache/docker-hub-AbCdEf"],
        ),
    ] = None
    version: Annotated[
        Count,
        Field(description="Raise it to have a `write_only` value written again after it changed.", examples=[2]),
    ] = 1
    name: Annotated[
        SecretName | None,
        Field(
            description="Name of the secret. Default: `ecr-pullthroughcache/<upstream>-credentials` and a suffix that "
            "Terraform chooses, so that a deleted secret is never in the way of a new one.",
            examples=["ecr-pullthroughcache/docker-hub"],
        ),
    ] = None
    description: Annotated[
        str | None,
        Field(
            max_length=2048,
            description="Description of the secret. Default: the registry's name and `credentials`.",
            examples=["DockerHub credentials"],
        ),
    ] = None
    recovery_window_in_days: Annotated[
        StrictInt,
        Field(
            description="Days in which a deleted secret can be restored: 7 to 30, or 0 to delete it at once.",
            examples=[30],
        ),
    ] = 30
    read_access: Annotated[
        tuple[PrincipalArn, ...],
        Field(
            description="Who may read the secret, by ARN. Default: the registry's account, whose own policies decide. "
            "ECR itself reads it through its service-linked role in any case.",
            examples=["[arn:aws:iam::123456789012:role/secrets-admin]"],
        ),
    ] = ()
    kms_key_id: Annotated[None, Field(description="Not supported by ECR: the key is always aws/secretsmanager.")] = None

    @field_validator("secret_arn")
    @classmethod
    def _secret_arn(cls, secret_arn: Any, info: ValidationInfo) -> Any:
        existing = info.data.get("store") == "existing"
        if existing and not secret_arn:
            raise ValueError("is missing; write the ARN of the existing secret")
        if secret_arn and not existing:
            raise ValueError("belongs to an existing secret; write `store: existing` beside it, or take it out")
        return secret_arn

    @field_validator("version")
    @classmethod
    def _version(cls, version: int, info: ValidationInfo) -> int:
        if info.data.get("store") in ("module", "existing"):
            raise ValueError("is for write_only values; write `store: write_only` beside it, or take it out")
        return version

    @field_validator("name", "description", "recovery_window_in_days", "read_access")
    @classmethod
    def _of_a_secret_made_here(cls, value: Any, info: ValidationInfo) -> Any:
        if info.data.get("store") == "existing":
            raise ValueError("is for a secret that is made here; take it out, or the `store: existing`")
        return value

    @field_validator("recovery_window_in_days")
    @classmethod
    def _window(cls, days: int) -> int:
        # Secrets Manager API, DeleteSecret: RecoveryWindowInDays.
        if days != 0 and not 7 <= days <= 30:
            raise ValueError(f"{days} is not a recovery window; write 7 to 30 days, or 0 for none")
        return days

    @field_validator("kms_key_id", mode="before")
    @classmethod
    def _key(cls, _: Any) -> None:
        # Guide: pull-through-cache-creating-secret.html.
        raise ValueError("ECR reads the secret only under the key aws/secretsmanager; take `kms_key_id` out")
