"""Where the user name and access token of an upstream are kept. "Guide" is the Amazon ECR User Guide."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, StrictBool, StrictInt, ValidationInfo, field_validator

from pull_through_cache.deployment.model import Model
from pull_through_cache.deployment.values.ecr import SecretArn, SecretName
from pull_through_cache.deployment.values.iam import PrincipalArn
from pull_through_cache.deployment.values.regions import ByRegion
from pull_through_cache.deployment.values.text import Count
from pull_through_cache.files.problems import Place

Store = Literal["module", "write_only", "existing"]
_SECRETS = frozenset("username user accesstoken password token secret secretstring pat apikey".split())


class Credentials(Model):
    """The user name and access token for an upstream, in AWS Secrets Manager.

    Unless the secret exists, the values are Terraform variables: `<upstream>_username` and `<upstream>_access_token`.
    """

    store: Annotated[
        Store,
        Field(
            description="How the secret is made. `module`: by the secrets-manager module; the value is in Terraform's "
            "state. `write_only`: by Terraform, which keeps the value neither in a plan nor in the state; needs "
            "Terraform 1.11. `existing`: you made it beforehand.",
            examples=["write_only"],
        ),
    ] = "module"
    secret_arn: Annotated[
        ByRegion[SecretArn] | None,
        Field(
            validate_default=True,
            description="ARN of an `existing` secret in the account and Region of the registry; with several Regions, an "
            "ARN for each.",
            examples=["arn:aws:secretsmanager:eu-central-1:123456789012:secret:ecr-pullthroughcache/docker-hub-AbCdEf"],
        ),
    ] = None
    version: Annotated[
        Count,
        Field(
            description="Raise it after the value of a `write_only` secret changed, to write it again.", examples=[2]
        ),
    ] = 1
    name: Annotated[
        SecretName | None,
        Field(
            description="Name of the secret. Default: `ecr-pullthroughcache/<upstream>-credentials` and a suffix that "
            "Terraform chooses, so that a deleted secret never blocks a new one.",
            examples=["ecr-pullthroughcache/docker-hub"],
        ),
    ] = None
    replicate: Annotated[
        StrictBool,
        Field(
            description="Whether the secret of the registry's first Region is replicated to the others, so that a new value is "
            "written once. Needs a `name`; the stack of the first Region is then deployed first.",
            examples=["true"],
        ),
    ] = False
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
            description="Days during which a deleted secret can be restored: 7 to 30, or 0 to delete it immediately.",
            examples=[30],
        ),
    ] = 30
    read_access: Annotated[
        tuple[PrincipalArn, ...],
        Field(
            description="Principals of the registry's account that may read the secret, by ARN. Default: the whole account; "
            "its identity policies decide. ECR always reads the secret through its service-linked role.",
            examples=["[arn:aws:iam::123456789012:role/secrets-admin]"],
        ),
    ] = ()
    adopt: Annotated[
        ByRegion[SecretArn] | None,
        Field(
            description="ARN of the secret of this `name` if it exists already: Terraform imports it, and writes the value, the "
            "policy, and the other settings. With several Regions, an ARN for each. Needs Terraform 1.5. Delete this key after "
            "the first apply.",
            examples=["arn:aws:secretsmanager:eu-central-1:123456789012:secret:ecr-pullthroughcache/docker-hub-AbCdEf"],
        ),
    ] = None
    kms_key_id: Annotated[None, Field(description="Not supported by ECR: the key is always aws/secretsmanager.")] = None

    @field_validator("secret_arn")
    @classmethod
    def _secret_arn(cls, secret_arn: Any, info: ValidationInfo) -> Any:
        existing = info.data.get("store") == "existing"
        if existing and not secret_arn:
            raise ValueError("is missing; write the ARN of the existing secret")
        if secret_arn and not existing:
            raise ValueError("is for an existing secret; add `store: existing`, or delete this key")
        return secret_arn

    @field_validator("version")
    @classmethod
    def _version(cls, version: int, info: ValidationInfo) -> int:
        if info.data.get("store") in ("module", "existing"):
            raise ValueError("is for `store: write_only`; write that, or delete this key")
        return version

    @field_validator("replicate")
    @classmethod
    def _replicate(cls, replicate: bool, info: ValidationInfo) -> bool:
        if replicate and info.data.get("store") != "existing" and info.data.get("name", "") is None:
            raise ValueError("needs a fixed name; write `name: ecr-pullthroughcache/<name>`, or delete this key")
        return replicate

    @field_validator("name", "replicate", "description", "recovery_window_in_days", "read_access")
    @classmethod
    def _not_of_an_existing_secret(cls, value: Any, info: ValidationInfo) -> Any:
        if info.data.get("store") == "existing":
            raise ValueError("is for a secret that this project makes; delete this key, or `store: existing`")
        return value

    @field_validator("adopt")
    @classmethod
    def _adopt(cls, arns: Any, info: ValidationInfo) -> Any:
        if info.data.get("store") == "existing":
            raise ValueError("is for a secret that this project makes; delete this key")
        if arns and info.data.get("replicate"):
            raise ValueError("excludes `replicate`; deploy without `replicate` first, or delete this key")
        if "name" not in info.data:
            return arns
        for arn in arns.values() if isinstance(arns, Mapping) else [arns] if arns else []:
            # Secrets Manager API, CreateSecret: the ARN has six more characters than the name.
            name = arn.split(":", 6)[6][:-7]
            if name != info.data["name"]:
                raise ValueError(f"{arn!r} is the secret {name!r}; write `name: {name}`, or the ARN of another secret")
        return arns

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
        raise ValueError("is not supported: ECR reads secrets only under the key aws/secretsmanager; delete this key")


def misplaced_secret(place: Place) -> str | None:
    """What to do instead of writing a user name or token into the file at `place`; None for any other place."""
    match place:
        case (*_, "upstreams", str(upstream), "credentials"):
            pass
        case (*_, "upstreams", str(upstream), "credentials", str(key)) if _is_secret(key):
            pass
        case (*_, "upstreams", str(upstream), str(key)) if _is_secret(key):
            pass
        case _:
            return None
    name = upstream.replace("-", "_")[:64]
    return (
        "a deployment file holds no user names or tokens; write `credentials: {}`, and set the environment variables "
        f"TF_VAR_{name}_username and TF_VAR_{name}_access_token for Terraform"
    )


def _is_secret(key: str) -> bool:
    return key.lower().replace("_", "").replace("-", "") in _SECRETS
