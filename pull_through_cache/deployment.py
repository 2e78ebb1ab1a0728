"""What a deployment file may say, and the rules that it keeps.

Everything wrong is found here, before any construct exists.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, StrictInt, ValidationInfo, ValidatorFunctionWrapHandler, field_validator

from pull_through_cache.forms import (
    AccountId,
    Host,
    NodeRole,
    Prefix,
    Region,
    Text,
    UpstreamKey,
    VersionConstraint,
    role_account,
    role_name,
)
from pull_through_cache.problems import Place
from pull_through_cache.upstreams import Authentication, UpstreamRegistry, find
from pull_through_cache.validation import Model, check_together, validated
from pull_through_cache.yaml_file import YamlFile


class Credentials(Model):
    """The user name and access token that an upstream asks for, kept in AWS Secrets Manager.

    The values are Terraform variables: `<upstream>_username` and `<upstream>_access_token`.
    """

    description: Annotated[
        Text | None,
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

    @field_validator("recovery_window_in_days")
    @classmethod
    def _window(cls, days: int) -> int:
        # Secrets Manager API, DeleteSecret: RecoveryWindowInDays.
        if days != 0 and not 7 <= days <= 30:
            raise ValueError(f"{days} is not a recovery window; write 7 to 30 days, or 0 for none")
        return days


class Upstream(Model):
    """A registry whose images ECR fetches and keeps."""

    url: Annotated[Host, Field(description="Host of the upstream registry.", examples=["public.ecr.aws"])]
    prefix: Annotated[
        Prefix | None,
        Field(
            description="Prefix of the cached repositories. Default: the upstream's key, with `_` as `-`.",
            examples=["docker-hub"],
        ),
    ] = None
    credentials: Annotated[
        Credentials | None,
        Field(
            validate_default=True,
            description="What the upstream asks for before it gives images; `{}` for the defaults.",
            examples=["{}"],
        ),
    ] = None

    @property
    def registry(self) -> UpstreamRegistry:
        """What ECR knows of the registry at `url`."""
        registry = find(self.url)
        assert registry is not None, self.url
        return registry

    @field_validator("credentials")
    @classmethod
    def _authentication(cls, credentials: Credentials | None, info: ValidationInfo) -> Credentials | None:
        registry = find(info.data.get("url", ""))
        if registry is None:  # its own problem
            return credentials
        match registry.authentication:
            case Authentication.SECRET if credentials is None:
                raise ValueError(f"{registry.title} asks for credentials; write `credentials: {{}}`")
            case Authentication.NONE if credentials is not None:
                raise ValueError(f"{registry.title} takes no credentials; take `credentials` out")
            case Authentication.IAM_ROLE:
                raise ValueError(f"{registry.title} cannot be cached by this project yet; take the upstream out")
        return credentials


class Registry(Model):
    """The ECR registry of the shared services account, and its caches."""

    account_id: Annotated[
        AccountId | None,
        Field(
            description="Account of the registry, in quotes. Terraform refuses any other. Default: the caller's.",
            examples=['"123456789012"'],
        ),
    ] = None
    regions: Annotated[
        tuple[Region, ...],
        Field(
            json_schema_extra={"minItems": 1},
            description="Regions of the registry. IAM is global: what it needs stands in the first Region's stack.",
            examples=["[eu-central-1]"],
        ),
    ]
    upstreams: Annotated[
        Mapping[UpstreamKey, Upstream],
        Field(
            min_length=1,
            description="The upstream registries to cache, each under a key of your choosing.",
            examples=["{public-ecr: {url: public.ecr.aws}}"],
        ),
    ]
    node_roles: Annotated[
        tuple[NodeRole, ...],
        Field(
            description="Roles of the EKS nodes in the registry's account, by name or ARN. Keep the first one first.",
            examples=["[eks-nodes]"],
        ),
    ] = ()

    def prefix(self, key: str) -> str:
        """The prefix of the repositories that cache the upstream `key`."""
        return self.upstreams[key].prefix or default_prefix(key)

    @field_validator("regions")
    @classmethod
    def _regions(cls, regions: tuple[str, ...]) -> tuple[str, ...]:
        if not regions:
            raise ValueError("is empty; write for example `regions: [eu-central-1]`")
        for region in _repeated(regions):
            raise ValueError(f"{region} stands here twice; write it once")
        return regions

    @field_validator("upstreams", mode="wrap")
    @classmethod
    def _upstreams(cls, value: Any, handler: ValidatorFunctionWrapHandler) -> Mapping[str, Upstream]:
        return check_together(value, handler, _apart)

    @field_validator("node_roles")
    @classmethod
    def _node_roles(cls, roles: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        # IAM API, CreateRole: role names differ by more than their case.
        for name in _repeated(role_name(role).lower() for role in roles):
            raise ValueError(f"the role {name} stands here twice; write it once")
        account_id = info.data.get("account_id")
        for role in roles:
            if account_id and role_account(role) not in (None, account_id):
                raise ValueError(f"{role!r} is not a role of account_id {account_id}; write a role of that account")
        return roles


class RequiredProviders(Model):
    """Version constraints of the Terraform providers."""

    aws: Annotated[VersionConstraint, Field(description="Of hashicorp/aws.", examples=["'>= 5.100.0, < 7.0.0'"])] = (
        ">= 5.100.0, < 7.0.0"
    )


class TerraformSettings(Model):
    """Terraform's own settings in every stack."""

    required_version: Annotated[
        VersionConstraint, Field(description="Version constraint of Terraform.", examples=["'>= 1.5'"])
    ] = ">= 1.0"
    required_providers: Annotated[RequiredProviders, Field(description="Of the providers.")] = RequiredProviders()


class Deployment(Model):
    """Everything that a deployment file says."""

    registry: Annotated[
        Registry,
        Field(
            description="The registry that caches.",
            examples=["{regions: [eu-central-1], upstreams: {public-ecr: {url: public.ecr.aws}}}"],
        ),
    ]
    terraform: Annotated[TerraformSettings, Field(description="Versions of Terraform and its providers.")] = (
        TerraformSettings()
    )


def load(path: Path) -> Deployment:
    """The deployment that the file at `path` says. Raises InvalidFile with everything that is wrong in it."""
    return validated(YamlFile(path), Deployment)


def default_prefix(key: str) -> str:
    """The prefix of an upstream that names none: its key, with `_` as `-`."""
    return key.replace("_", "-")


def _apart(upstreams: Mapping[str, Upstream]) -> Iterator[tuple[Place, str]]:
    """Upstreams must not meet in a prefix, nor in the names that Terraform gives to their credentials."""
    taken: dict[tuple[str, str], str] = {}
    for key, upstream in upstreams.items():
        prefix = upstream.prefix or default_prefix(key)
        if upstream.prefix is None and len(prefix) not in range(2, 31):
            yield (key,), "the key is no prefix of 2 to 30 characters; write a `prefix` for this upstream"
        names = [("prefix", prefix.removesuffix("/"))]
        if upstream.credentials is not None:
            names += [("variable", key.replace("-", "_")), ("module", key.replace("-", ""))]
        for kind, name in names:
            other = taken.setdefault((kind, name), key)
            if other == key:
                continue
            if kind == "prefix":
                place = (key, "prefix") if upstream.prefix else (key,)
                yield place, f"the prefix {name!r} is that of {other} already; write another `prefix`"
            else:
                yield (key,), f"the credentials' Terraform names would be those of {other}; write another key"
                break


def _repeated(words: Iterable[str]) -> list[str]:
    return [word for word, count in Counter(words).items() if count > 1]
