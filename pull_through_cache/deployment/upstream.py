"""One upstream of a registry: whose images are cached, and how."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, StrictBool, ValidationInfo, field_validator

from pull_through_cache.aws.registries import Authentication, UpstreamRegistry, find, named
from pull_through_cache.deployment.credentials import Credentials
from pull_through_cache.deployment.model import Model
from pull_through_cache.deployment.repositories import RepositorySettings
from pull_through_cache.deployment.values import (
    AccountId,
    AzureName,
    Host,
    Prefix,
    Region,
    RoleArn,
    UpstreamKey,
    is_prefix,
)

RegistryName = Literal[
    "ecr-public",
    "k8s",
    "quay",
    "docker-hub",
    "github-container-registry",
    "gitlab-container-registry",
    "azure-container-registry",
    "chainguard",
    "ecr",
]


class Upstream(Model):
    """A registry whose images ECR fetches and keeps. It is named by `registry` or by `url`."""

    registry: Annotated[
        RegistryName | None,
        Field(
            description="The registry by ECR's name for it (`upstreamRegistry` of its API).", examples=["docker-hub"]
        ),
    ] = None
    name: Annotated[
        AzureName | None,
        Field(
            validate_default=True,
            description="Name of the Azure container registry, for `registry: azure-container-registry`.",
            examples=["contoso"],
        ),
    ] = None
    account_id: Annotated[
        AccountId | None,
        Field(
            validate_default=True,
            description="Account of the upstream, in quotes, for `registry: ecr`.",
            examples=["'210987654321'"],
        ),
    ] = None
    region: Annotated[
        Region | None,
        Field(
            validate_default=True, description="Region of the upstream, for `registry: ecr`.", examples=["us-east-1"]
        ),
    ] = None
    url: Annotated[
        Host | None,
        Field(
            validate_default=True,
            description="Host of the upstream registry, instead of `registry`.",
            examples=["public.ecr.aws"],
        ),
    ] = None
    prefix: Annotated[
        Prefix | None,
        Field(
            description="Prefix of the cached repositories; `ROOT` for none at all. Default: the upstream's key, with "
            "`_` as `-`; where that is no prefix, the registry's usual one.",
            examples=["docker-hub"],
        ),
    ] = None
    upstream_prefix: Annotated[
        Prefix | None,
        Field(
            description="What the upstream's repositories begin with that are cached; it is left out of the cached "
            "names. For ECR private and Chainguard. Default: all of them.",
            examples=["base-images"],
        ),
    ] = None
    role_arn: Annotated[
        RoleArn | None,
        Field(
            description="Role with which ECR pulls from another account's registry, for ECR private. Default: one is made.",
            examples=["arn:aws:iam::123456789012:role/ecr-pull-through"],
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
    repositories: Annotated[
        RepositorySettings,
        Field(
            description="Settings of this upstream's repositories, where they differ from `registry.repositories`.",
            examples=["{lifecycle: {keep_last: 20}}"],
        ),
    ] = RepositorySettings()
    adopt: Annotated[
        StrictBool,
        Field(
            description="Take over the rule and template that exist for the prefix already, with Terraform's `import`; "
            "needs Terraform 1.5. Take it out after the first apply.",
            examples=["true"],
        ),
    ] = False
    renamed_from: Annotated[
        UpstreamKey | None,
        Field(
            description="The key that this upstream had before, so that Terraform moves what it has. Give the `prefix` "
            "that it had too, or the rule is replaced.",
            examples=["dockerhub"],
        ),
    ] = None

    @property
    def kind(self) -> UpstreamRegistry:
        """What ECR knows of this registry."""
        kind = _kind(vars(self))
        assert kind is not None, self
        return kind

    @property
    def host(self) -> str:
        """The `upstream_registry_url` of the rule."""
        if self.url:
            return self.url
        host = self.kind.host
        for part, value in {"<name>": self.name, "<account>": self.account_id, "<region>": self.region}.items():
            host = host.replace(part, value or "")
        return host

    @property
    def owner(self) -> str | None:
        """The account of an ECR private registry."""
        return self.host.partition(".")[0] if self.kind.authentication is Authentication.IAM_ROLE else None

    @property
    def needs_typed_rule(self) -> bool:
        """Whether the rule says what the repository-template module's cannot: a role, or a part of the upstream."""
        return self.owner is not None or self.upstream_prefix is not None

    @field_validator("name", "account_id", "region")
    @classmethod
    def _part_of_the_host(cls, value: str | None, info: ValidationInfo) -> str | None:
        name = info.data.get("registry")
        host = named(name).host if name else ""
        part = {"name": "<name>", "account_id": "<account>", "region": "<region>"}[str(info.field_name)]
        needed = part in host
        if needed and value is None:
            raise ValueError(f"is missing; write what stands for {part} in {host}")
        if value is not None and not needed and "registry" in info.data:
            raise ValueError(f"is not for {name or 'an upstream given by its url'}; take it out")
        return value

    @field_validator("url")
    @classmethod
    def _url_or_registry(cls, url: str | None, info: ValidationInfo) -> str | None:
        if "registry" in info.data and (url is None) is (info.data["registry"] is None):
            wrong = "says the same as `registry`; take one of the two out" if url else _NEITHER
            raise ValueError(wrong)
        return url

    @field_validator("upstream_prefix")
    @classmethod
    def _upstream_prefix(cls, upstream_prefix: str | None, info: ValidationInfo) -> str | None:
        kind = _kind(info.data)
        if upstream_prefix and kind and not kind.upstream_prefix:
            raise ValueError(
                f"is not for {kind.title}, whose repositories are cached under their whole names; take it out"
            )
        # Guide: pull-through-cache-private-wildcards.html.
        if upstream_prefix and info.data.get("prefix") == "ROOT":
            raise ValueError("cannot stand beside the prefix ROOT; write another `prefix`, or take it out")
        return upstream_prefix

    @field_validator("role_arn")
    @classmethod
    def _role_arn(cls, role_arn: str | None, info: ValidationInfo) -> str | None:
        kind = _kind(info.data)
        if role_arn and kind and kind.authentication is not Authentication.IAM_ROLE:
            raise ValueError(f"is for ECR private, not for {kind.title}; take it out")
        return role_arn

    @field_validator("credentials")
    @classmethod
    def _authentication(cls, credentials: Credentials | None, info: ValidationInfo) -> Credentials | None:
        kind = _kind(info.data)
        if kind is None:  # a problem of its own
            return credentials
        if kind.authentication is Authentication.SECRET and credentials is None:
            raise ValueError(f"{kind.title} asks for credentials; write `credentials: {{}}`")
        if kind.authentication is not Authentication.SECRET and credentials is not None:
            raise ValueError(f"{kind.title} takes no credentials; take `credentials` out")
        return credentials

    @field_validator("renamed_from")
    @classmethod
    def _renamed_from(cls, renamed_from: str | None, info: ValidationInfo) -> str | None:
        if renamed_from and info.data.get("adopt"):
            raise ValueError(
                "cannot stand beside `adopt: true`, as Terraform has what is renamed; take one of the two out"
            )
        return renamed_from


_NEITHER = "is missing; write the host of the registry, for example `url: public.ecr.aws`, or its name as `registry`"


def _kind(fields: Mapping[str, Any]) -> UpstreamRegistry | None:
    """What ECR knows of the registry that these fields of an upstream name; None where they name none."""
    if fields.get("registry"):
        return named(fields["registry"])
    return find(fields["url"]) if fields.get("url") else None


def prefix_of(key: str, upstream: Upstream) -> str:
    """The prefix of an upstream: its own, or its key with `_` as `-`, or where that is none its registry's usual one."""
    from_key = key.replace("_", "-")
    return upstream.prefix or (from_key if is_prefix(from_key) else upstream.kind.usual_prefix)
