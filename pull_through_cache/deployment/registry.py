"""The ECR registry of the shared services account, and its caches."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field, StrictBool, ValidationInfo, ValidatorFunctionWrapHandler, field_validator

from pull_through_cache.aws.arns import arn_account, repository_arns, repository_names, role_account
from pull_through_cache.deployment.access import PullAccess, RegistryPolicy
from pull_through_cache.deployment.addresses import variables
from pull_through_cache.deployment.conflicts import (
    conflicts_between,
    conflicts_of_policy,
    conflicts_with_registry,
    settings_elsewhere,
)
from pull_through_cache.deployment.model import Model, Problems, duplicates, raise_problems, validate_entries
from pull_through_cache.deployment.repositories import RepositorySettings
from pull_through_cache.deployment.scanning import Scanning
from pull_through_cache.deployment.upstream import Upstream, prefix_of
from pull_through_cache.deployment.values.ecr import UpstreamKey
from pull_through_cache.deployment.values.iam import AccountId, NodeRole, PolicyArn, RolePath
from pull_through_cache.deployment.values.regions import Region
from pull_through_cache.deployment.workload import POLICY_NAME, Attach, NodePolicyName, NodePolicyPath, check_node_roles
from pull_through_cache.files.problems import Place

_ADOPT_NEEDS_ACCOUNT = "`adopt` needs the account's ID; write `account_id` under `registry`"


class Registry(Model):
    """The ECR registry of the shared services account, and its caches."""

    account_id: Annotated[
        AccountId | None,
        Field(
            description="Account of the registry, in quotes. Terraform fails in any other account. Default: the account of "
            "Terraform's credentials.",
            examples=['"123456789012"'],
        ),
    ] = None
    regions: Annotated[
        tuple[Region, ...],
        Field(
            json_schema_extra={"minItems": 1},
            description="Regions of the registry. The first Region's stack also has the policy of the nodes, because IAM is global.",
            examples=["[eu-central-1]"],
        ),
    ]
    repositories: Annotated[
        RepositorySettings,
        Field(description="Settings of all cached repositories.", examples=["{lifecycle: {keep_last: 20}}"]),
    ] = RepositorySettings()
    template_role: Annotated[
        Literal["module", "shared"],
        Field(
            description="Who has the role with which ECR sets tags and uses KMS keys. `module`: each template that needs one, made "
            "by its module: a role, a policy and an attachment. `shared`: all templates of a Region without a `role_arn`; it "
            "may do what they need, for their prefixes and keys.",
            examples=["shared"],
        ),
    ] = "module"
    upstreams: Annotated[
        Mapping[UpstreamKey, Upstream],
        Field(
            min_length=1,
            description="The upstream registries to cache, each under a key that you choose.",
            examples=["{public-ecr: {url: public.ecr.aws}}"],
        ),
    ]
    pull_access: Annotated[
        PullAccess,
        Field(
            description="The principals of other accounts that may pull. Default: those of the organization of the registry's "
            "account; an account without an organization needs `{}` or `accounts`. `{}`: no other account.",
            examples=["{organization: caller}"],
        ),
    ] = PullAccess(organization="caller")
    repository_policy: Annotated[
        Literal["pull", "post"],
        Field(
            description="What the policy of the repositories grants. `pull`: the actions that have an effect there. `post`: the "
            "seven actions of the blog post.",
            examples=["pull"],
        ),
    ] = "pull"
    registry_policy: Annotated[
        RegistryPolicy,
        Field(
            description="The registry policy. Without it, the first pull of an image from another account fails.",
            examples=["managed"],
        ),
    ] = RegistryPolicy()
    scanning: Annotated[
        Scanning | None,
        Field(description="Scanning of cached images. Default: no change.", examples=["{type: BASIC}"]),
    ] = None
    node_roles: Annotated[
        tuple[NodeRole, ...],
        Field(
            description="Roles of EKS nodes in the registry's account, by name or ARN. Keep the first one first: its address "
            "in Terraform differs.",
            examples=["[eks-nodes]"],
        ),
    ] = ()
    attach: Attach = True
    policy_name: NodePolicyName = POLICY_NAME
    policy_path: NodePolicyPath = None
    role_path: Annotated[
        RolePath | None,
        Field(description="IAM path of the roles that this project makes. Default: `/`.", examples=["/platform/"]),
    ] = None
    permissions_boundary: Annotated[
        PolicyArn | None,
        Field(
            description="Permissions boundary of the roles that this project makes, by ARN.",
            examples=["arn:aws:iam::123456789012:policy/boundary"],
        ),
    ] = None
    outputs: Annotated[
        StrictBool,
        Field(
            description="Whether the stacks have outputs.",
            examples=["false"],
        ),
    ] = True

    def prefix(self, key: str) -> str:
        """The prefix of the repositories that cache the upstream `key`."""
        return prefix_of(key, self.upstreams[key])

    @property
    def prefixes(self) -> list[str]:
        """The prefixes of all caches, in order."""
        return self.prefixes_of(())

    def repository_settings(self, key: str) -> RepositorySettings:
        """The settings of the repositories that cache the upstream `key`."""
        return self.repositories.overridden_by(self.upstreams[key].repositories)

    def place_of(self, key: str, *setting: str) -> Place:
        """The place in the registry of a setting of the repositories that cache the upstream `key`."""
        own = setting[0] in self.upstreams[key].repositories.model_fields_set
        return (*(("upstreams", key) if own else ()), "repositories", *setting)

    @property
    def known_account_id(self) -> str | None:
        """The registry's account: `account_id`, else the account of a node role's ARN; None if the file has neither."""
        return next(filter(None, [self.account_id, *map(role_account, self.node_roles)]), None)

    @property
    def sets_tags(self) -> bool:
        """Whether any cached repository gets tags."""
        return any(self.repository_settings(key).tags for key in self.upstreams)

    def prefixes_of(self, caches: Sequence[str]) -> list[str]:
        """The prefixes of the caches of these upstreams, by key, in order; of all caches if there are no keys."""
        return sorted(self.prefix(key) for key in caches or self.upstreams)

    def repositories_for_nodes(self, caches: Sequence[str] = ()) -> list[str]:
        """ARNs of the repositories that nodes may pull, in every Region; `*` without an `account_id`.

        - `caches`: the keys of their upstreams. Default: all.
        """
        if self.account_id is None:
            return ["*"]
        return repository_arns(self.prefixes_of(caches), account_id=self.account_id, regions=self.regions)

    @field_validator("regions")
    @classmethod
    def _regions(cls, regions: tuple[str, ...]) -> tuple[str, ...]:
        if not regions:
            raise ValueError("is empty; write for example `regions: [eu-central-1]`")
        for region in duplicates(regions):
            raise ValueError(f"{region} is listed twice; write it once")
        return regions

    @field_validator("repositories")
    @classmethod
    def _repositories(cls, settings: RepositorySettings, info: ValidationInfo) -> RepositorySettings:
        raise_problems(settings.contradictions())
        raise_problems(settings_elsewhere(settings, info.data.get("regions", ()), info.data.get("account_id")))
        return settings

    @field_validator("upstreams", mode="wrap")
    @classmethod
    def _upstreams(
        cls, value: Any, handler: ValidatorFunctionWrapHandler, info: ValidationInfo
    ) -> Mapping[str, Upstream]:
        def rule(upstreams: Mapping[str, Upstream]) -> Problems:
            yield from conflicts_between(upstreams)
            names = [name for key, upstream in upstreams.items() for name in variables(key, upstream)]
            for key, upstream in upstreams.items():
                found = conflicts_with_registry(
                    key,
                    upstream,
                    regions=info.data.get("regions", ()),
                    account_id=info.data.get("account_id"),
                    defaults=info.data.get("repositories", RepositorySettings()),
                    template_role=info.data.get("template_role", "module"),
                    credential_variables=names,
                )
                yield from (((key, *place), message) for place, message in found)

        return validate_entries(value, handler, rule)

    @field_validator("registry_policy")
    @classmethod
    def _registry_policy(cls, policy: RegistryPolicy, info: ValidationInfo) -> RegistryPolicy:
        access = info.data.get("pull_access")
        if policy.adopt and not info.data.get("account_id"):
            raise ValueError(_ADOPT_NEEDS_ACCOUNT)
        if access and "upstreams" in info.data:
            raise_problems(conflicts_of_policy(policy, info.data["upstreams"], access))
        return policy

    @field_validator("scanning")
    @classmethod
    def _scanning(cls, scanning: Scanning | None, info: ValidationInfo) -> Scanning | None:
        if scanning and scanning.adopt and not info.data.get("account_id"):
            raise ValueError(_ADOPT_NEEDS_ACCOUNT)
        upstreams = info.data.get("upstreams")
        if scanning and upstreams:
            cached = repository_names(prefix_of(key, upstream) for key, upstream in upstreams.items())
            raise_problems(scanning.conflicts(cached))
        return scanning

    @field_validator("node_roles")
    @classmethod
    def _node_roles(cls, roles: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        return check_node_roles(roles, info.data.get("account_id"))

    @field_validator("permissions_boundary")
    @classmethod
    def _permissions_boundary(cls, arn: str | None, info: ValidationInfo) -> str | None:
        account_id = info.data.get("account_id")
        if arn and account_id and arn_account(arn) not in ("aws", account_id):
            raise ValueError(f"{arn!r} is not in account {account_id}; write a policy of that account")
        return arn

    @field_validator("outputs")
    @classmethod
    def _outputs(cls, outputs: bool, info: ValidationInfo) -> bool:
        policy = info.data.get("registry_policy")
        if not outputs and policy and policy.mode == "external":
            raise ValueError("include the `external` registry policy; write `outputs: true`, or delete this key")
        if not outputs and not info.data.get("attach", True):
            raise ValueError(
                "include the nodes' policy with `attach: false`; write `outputs: true`, or delete this key"
            )
        return outputs
