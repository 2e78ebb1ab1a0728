"""One upstream of a registry: which images are cached, and how. "Guide" is the Amazon ECR User Guide."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, WithJsonSchema, field_validator

from pull_through_cache.aws.registries import Authentication, UpstreamRegistry, find, named
from pull_through_cache.deployment.access import PullAccess
from pull_through_cache.deployment.credentials import Credentials
from pull_through_cache.deployment.model import Model
from pull_through_cache.deployment.repositories import RepositorySettings
from pull_through_cache.deployment.values.ecr import AzureName, Host, Prefix, UpstreamKey, is_prefix
from pull_through_cache.deployment.values.iam import AccountId, RoleArn
from pull_through_cache.deployment.values.regions import ByRegion, Region

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

_PARTS = ("rule", "template")


class Upstream(Model):
    """A registry that ECR fetches images from and caches. Write `registry` or `url`."""

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
            description="Prefix of the cached repositories; `ROOT` for no prefix. Default: the upstream's key with `-` for "
            "`_`; if ECR does not accept that, the registry's usual prefix.",
            examples=["docker-hub"],
        ),
    ] = None
    upstream_prefix: Annotated[
        Prefix | None,
        Field(
            description="Caches only the upstream's repositories with names that begin with this, and leaves it out of the "
            "cached names. For ECR private and Chainguard. Default: all repositories.",
            examples=["base-images"],
        ),
    ] = None
    role_arn: Annotated[
        ByRegion[RoleArn] | None,
        Field(
            description="Role with which ECR pulls from another account's registry, for ECR private; if each Region has its "
            "own, an ARN for each. Default: this project makes one.",
            examples=["arn:aws:iam::123456789012:role/ecr-pull-through"],
        ),
    ] = None
    credentials: Annotated[
        Credentials | None,
        Field(
            validate_default=True,
            description="For upstreams that require credentials; `{}` for the defaults.",
            examples=["{}"],
        ),
    ] = None
    repositories: Annotated[
        RepositorySettings,
        Field(
            description="Settings of this upstream's repositories that differ from `registry.repositories`.",
            examples=["{lifecycle: {keep_last: 20}}"],
        ),
    ] = RepositorySettings()
    pull_access: Annotated[
        PullAccess | None,
        Field(
            description="The principals of other accounts that may pull what this upstream caches. Default: the registry's "
            "`pull_access`. `{}`: no other account.",
            examples=["{accounts: ['210987654321']}"],
        ),
    ] = None
    adopt: Annotated[
        tuple[Literal["rule", "template"], ...],
        WithJsonSchema(
            {"anyOf": [{"type": "boolean"}, {"type": "array", "items": {"enum": list(_PARTS)}, "uniqueItems": True}]}
        ),
        Field(
            description="Import what already exists for the prefix: `true` for the rule and the template, or a list of "
            "one of them; needs Terraform 1.5. Delete this key after the first apply.",
            examples=["[rule]"],
        ),
    ] = ()
    renamed_from: Annotated[
        UpstreamKey | None,
        Field(
            description="The key that this upstream had before, so that Terraform moves its resources. Write its former "
            "`prefix` too, or Terraform replaces the rule.",
            examples=["dockerhub"],
        ),
    ] = None

    @property
    def kind(self) -> UpstreamRegistry:
        """The registry as ECR knows it."""
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
        """Whether the rule has what the repository-template module cannot set: a role, or an upstream prefix."""
        return self.owner is not None or self.upstream_prefix is not None

    @field_validator("name", "account_id", "region")
    @classmethod
    def _part_of_the_host(cls, value: str | None, info: ValidationInfo) -> str | None:
        name = info.data.get("registry")
        host = named(name).host if name else ""
        part = {"name": "<name>", "account_id": "<account>", "region": "<region>"}[str(info.field_name)]
        needed = part in host
        if needed and value is None:
            raise ValueError(f"is missing; write the {part} of {host}")
        if value is not None and not needed and "registry" in info.data:
            raise ValueError(f"is not for {name or 'an upstream with `url`'}; delete this key")
        return value

    @field_validator("url")
    @classmethod
    def _url_or_registry(cls, url: str | None, info: ValidationInfo) -> str | None:
        if "registry" in info.data and (url is None) is (info.data["registry"] is None):
            wrong = "excludes `registry`; delete one of the two" if url else _NEITHER
            raise ValueError(wrong)
        return url

    @field_validator("upstream_prefix")
    @classmethod
    def _upstream_prefix(cls, upstream_prefix: str | None, info: ValidationInfo) -> str | None:
        kind = _kind(info.data)
        if upstream_prefix and kind and not kind.upstream_prefix:
            raise ValueError(f"is not for {kind.title}: ECR caches its repositories under full names; delete this key")
        # Guide: pull-through-cache-private-wildcards.html.
        if upstream_prefix and info.data.get("prefix") == "ROOT":
            raise ValueError("excludes `prefix: ROOT`; write another `prefix`, or delete this key")
        return upstream_prefix

    @field_validator("role_arn")
    @classmethod
    def _role_arn(cls, role_arn: Any, info: ValidationInfo) -> Any:
        kind = _kind(info.data)
        if role_arn and kind and kind.authentication is not Authentication.IAM_ROLE:
            raise ValueError(f"is for ECR private, not for {kind.title}; delete this key")
        return role_arn

    @field_validator("credentials")
    @classmethod
    def _authentication(cls, credentials: Credentials | None, info: ValidationInfo) -> Credentials | None:
        kind = _kind(info.data)
        if kind is None:  # reported elsewhere
            return credentials
        if kind.authentication is Authentication.SECRET and credentials is None:
            raise ValueError(f"{kind.title} requires credentials; write `credentials: {{}}`")
        if kind.authentication is not Authentication.SECRET and credentials is not None:
            raise ValueError(f"{kind.title} accepts no credentials; delete this key")
        return credentials

    @field_validator("adopt", mode="before")
    @classmethod
    def _both_or_neither(cls, adopt: Any) -> Any:
        return (_PARTS if adopt else ()) if isinstance(adopt, bool) else adopt

    @field_validator("renamed_from")
    @classmethod
    def _renamed_from(cls, renamed_from: str | None, info: ValidationInfo) -> str | None:
        if renamed_from and info.data.get("adopt"):
            raise ValueError("excludes `adopt`: Terraform already manages a renamed upstream; delete one of the two")
        return renamed_from


_NEITHER = "is missing; write the host of the registry, for example `url: public.ecr.aws`, or write `registry`"


def _kind(fields: Mapping[str, Any]) -> UpstreamRegistry | None:
    """The registry that these fields of an upstream name; None if they name none."""
    if fields.get("registry"):
        return named(fields["registry"])
    return find(fields["url"]) if fields.get("url") else None


def sid_ending(key: str) -> str:
    """How the sids of an upstream's own statements end in the registry policy."""
    return f"For{''.join(map(str.capitalize, re.split('[-_]', key)))}"


def prefix_of(key: str, upstream: Upstream) -> str:
    """The prefix of an upstream: its own, else its key with `-` for `_`, else its registry's usual prefix."""
    from_key = key.replace("_", "-")
    return upstream.prefix or (from_key if is_prefix(from_key) else upstream.kind.usual_prefix)
