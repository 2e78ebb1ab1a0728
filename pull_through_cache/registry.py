"""The ECR registry of the shared services account, and its caches."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, StrictBool, ValidationInfo, ValidatorFunctionWrapHandler, field_validator

from pull_through_cache.access import PullAccess, RegistryPolicy
from pull_through_cache.forms import (
    AccountId,
    IamPath,
    NodeRole,
    PolicyArn,
    Region,
    UpstreamKey,
    arn_account,
    arn_region,
    in_region,
    is_prefix,
)
from pull_through_cache.policies import repositories
from pull_through_cache.problems import Place
from pull_through_cache.repositories import RepositorySettings
from pull_through_cache.upstream import Upstream
from pull_through_cache.validation import Model, check_together, repeated
from pull_through_cache.workload import NodeAccess, check_node_roles

MAX_RULES = 50  # Guide: service-quotas.html, pull through cache rules per registry


class Scanning(Model):
    """How images under the caches' prefixes are scanned. The registry's whole scanning configuration is made here."""

    type: Annotated[
        Literal["BASIC", "ENHANCED"], Field(description="BASIC, or ENHANCED by Inspector.", examples=["BASIC"])
    ]
    frequency: Annotated[
        Literal["SCAN_ON_PUSH", "CONTINUOUS_SCAN"],
        Field(description="When. CONTINUOUS_SCAN is for ENHANCED.", examples=["SCAN_ON_PUSH"]),
    ] = "SCAN_ON_PUSH"

    @field_validator("frequency")
    @classmethod
    def _frequency(cls, frequency: str, info: ValidationInfo) -> str:
        # API, RegistryScanningRule: scanFrequency.
        if frequency == "CONTINUOUS_SCAN" and info.data.get("type") == "BASIC":
            raise ValueError("CONTINUOUS_SCAN is for ENHANCED; write SCAN_ON_PUSH, or `type: ENHANCED`")
        return frequency


class Registry(NodeAccess):
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
    repositories: Annotated[
        RepositorySettings,
        Field(description="Settings of all cached repositories.", examples=["{lifecycle: {keep_last: 20}}"]),
    ] = RepositorySettings()
    upstreams: Annotated[
        Mapping[UpstreamKey, Upstream],
        Field(
            min_length=1,
            description="The upstream registries to cache, each under a key of your choosing.",
            examples=["{public-ecr: {url: public.ecr.aws}}"],
        ),
    ]
    pull_access: Annotated[
        PullAccess,
        Field(
            description="Whose principals may pull. Default: those of the caller's organisation. `{}`: of no other account.",
            examples=["{organization: caller}"],
        ),
    ] = PullAccess(organization="caller")
    repository_policy: Annotated[
        Literal["pull", "post"],
        Field(
            description="What the repositories' policy grants. `pull`: what has an effect there. `post`: the post's seven "
            "actions.",
            examples=["pull"],
        ),
    ] = "pull"
    registry_policy: Annotated[
        RegistryPolicy,
        Field(
            description="The registry's own policy, without which the first pull of an image from another account fails.",
            examples=["managed"],
        ),
    ] = RegistryPolicy()
    scanning: Annotated[
        Scanning | None,
        Field(description="Scanning of cached images. Default: left as it is.", examples=["{type: BASIC}"]),
    ] = None
    node_roles: Annotated[
        tuple[NodeRole, ...],
        Field(
            description="Roles of the EKS nodes in the registry's account, by name or ARN. Keep the first one first.",
            examples=["[eks-nodes]"],
        ),
    ] = ()
    role_path: Annotated[
        IamPath | None,
        Field(description="IAM path of the roles that are made here. Default: `/`.", examples=["/platform/"]),
    ] = None
    permissions_boundary: Annotated[
        PolicyArn | None,
        Field(
            description="Permissions boundary of the roles that are made here, by ARN.",
            examples=["arn:aws:iam::123456789012:policy/boundary"],
        ),
    ] = None
    outputs: Annotated[
        StrictBool,
        Field(
            description="Whether the stacks have outputs; without, they are the post's to the letter.",
            examples=["false"],
        ),
    ] = True

    def prefix(self, key: str) -> str:
        """The prefix of the repositories that cache the upstream `key`."""
        return prefix_of(key, self.upstreams[key])

    @property
    def prefixes(self) -> list[str]:
        """The prefixes of all caches, in order."""
        return sorted(self.prefix(key) for key in self.upstreams)

    def settings(self, key: str) -> RepositorySettings:
        """The settings of the repositories that cache the upstream `key`."""
        return self.repositories.overridden_by(self.upstreams[key].repositories)

    @property
    def sets_tags(self) -> bool:
        """Whether any cached repository gets tags."""
        return any(self.settings(key).tags for key in self.upstreams)

    @property
    def repositories_for_nodes(self) -> list[str]:
        """ARNs of the repositories that nodes may pull, in every Region; `*` where the registry's account is not known."""
        if self.account_id is None:
            return ["*"]
        return repositories(self.prefixes, account_id=self.account_id, regions=self.regions)

    @field_validator("regions")
    @classmethod
    def _regions(cls, regions: tuple[str, ...]) -> tuple[str, ...]:
        if not regions:
            raise ValueError("is empty; write for example `regions: [eu-central-1]`")
        for region in repeated(regions):
            raise ValueError(f"{region} stands here twice; write it once")
        return regions

    @field_validator("repositories")
    @classmethod
    def _repositories(cls, settings: RepositorySettings, info: ValidationInfo) -> RepositorySettings:
        for place, message in _keys_per_region(settings, info.data.get("regions", ())):
            raise ValueError(f"{'.'.join(map(str, place))} {message}")
        return settings

    @field_validator("upstreams", mode="wrap")
    @classmethod
    def _upstreams(
        cls, value: Any, handler: ValidatorFunctionWrapHandler, info: ValidationInfo
    ) -> Mapping[str, Upstream]:
        def rule(upstreams: Mapping[str, Upstream]) -> Iterator[tuple[Place, str]]:
            yield from _apart(upstreams)
            for key, upstream in upstreams.items():
                found = [
                    *_secrets_per_region(upstream, info.data.get("regions", ()), info.data.get("account_id")),
                    *(
                        (("repositories", *place), text)
                        for place, text in _keys_per_region(upstream.repositories, info.data.get("regions", ()))
                    ),
                ]
                yield from (((key, *place), message) for place, message in found)
            if len(upstreams) > MAX_RULES:
                yield (), f"are {len(upstreams)}; ECR takes {MAX_RULES} rules in a Region, so take some out"

        return check_together(value, handler, rule)

    @field_validator("node_roles")
    @classmethod
    def _node_roles(cls, roles: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        return check_node_roles(roles, info.data.get("account_id"))


def prefix_of(key: str, upstream: Upstream) -> str:
    """The prefix of an upstream: its own, or its key with `_` as `-`, or where that is none its registry's usual one."""
    from_key = key.replace("_", "-")
    return upstream.prefix or (from_key if is_prefix(from_key) else upstream.kind.usual_prefix)


def _apart(upstreams: Mapping[str, Upstream]) -> Iterator[tuple[Place, str]]:
    """Upstreams must not meet in a prefix, nor in the names that Terraform gives to their credentials."""
    taken: dict[tuple[str, str], str] = {}
    for key, upstream in upstreams.items():
        prefix = prefix_of(key, upstream).removesuffix("/")
        other = taken.setdefault(("prefix", prefix), key)
        if other != key:
            place = (key, "prefix") if upstream.prefix else (key,)
            yield place, f"the prefix {prefix!r} is that of {other} already; write another `prefix`"
        if upstream.credentials is not None:
            others = [
                taken.setdefault(name, key)
                for name in (("variable", key.replace("-", "_")), ("module", key.replace("-", "")))
            ]
            if others != [key, key]:
                other = next(other for other in others if other != key)
                yield (key,), f"the credentials' Terraform names would be those of {other}; write another key"
        if upstream.renamed_from in upstreams:
            yield (key, "renamed_from"), f"{upstream.renamed_from} is an upstream still; write the key that is gone"


def _secrets_per_region(
    upstream: Upstream, regions: tuple[str, ...], account_id: str | None
) -> Iterator[tuple[Place, str]]:
    # Guide: pull-through-cache-creating-secret.html, "same account and Region".
    if upstream.credentials is None or upstream.credentials.store != "existing":
        return
    for region in regions:
        arn = in_region(upstream.credentials.secret_arn, region)
        if arn is None or arn_region(arn) != region:
            yield ("credentials", "secret_arn"), f"has no secret of {region}; write an ARN for each Region"
        elif account_id and arn_account(arn) != account_id:
            yield (
                ("credentials", "secret_arn"),
                f"{arn!r} is not in account_id {account_id}; write a secret of that account",
            )


def _keys_per_region(settings: RepositorySettings, regions: tuple[str, ...]) -> Iterator[tuple[Place, str]]:
    if settings.encryption.type == "KMS":
        for region in regions:
            arn = in_region(settings.encryption.kms_key_arn, region)
            if arn is None or arn_region(arn) != region:
                yield ("encryption", "kms_key_arn"), f"has no key of {region}; write an ARN for each Region"
