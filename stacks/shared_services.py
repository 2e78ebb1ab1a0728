"""The stack of the shared services account: one registry, in one Region."""

from collections.abc import Iterator, Mapping
from typing import Any

from cdktf import TerraformOutput
from cdktf_cdktf_provider_aws.data_aws_caller_identity import DataAwsCallerIdentity
from cdktf_cdktf_provider_aws.data_aws_organizations_organization import DataAwsOrganizationsOrganization
from constructs import Construct

from pull_through_cache.aws.arns import repository_names
from pull_through_cache.constructs.existing_repositories import ExistingRepositories, ManagedRepositories
from pull_through_cache.constructs.kms_key_variable import KmsKeyVariable
from pull_through_cache.constructs.pinned import pinned
from pull_through_cache.constructs.pull_through_caches import PullThroughCaches
from pull_through_cache.constructs.registry_policy import RegistryPolicy
from pull_through_cache.constructs.registry_scanning import RegistryScanning
from pull_through_cache.constructs.template_role import TemplateRole
from pull_through_cache.deployment import addresses
from pull_through_cache.deployment.cached_names import managed_names
from pull_through_cache.deployment.modules import ModuleSource
from pull_through_cache.deployment.registry import Registry
from pull_through_cache.deployment.repository_policy import whole_repository_policy
from pull_through_cache.deployment.sharing import needs_organization, registry_statements
from pull_through_cache.deployment.template_roles import key_variables, shared_role_uses
from stacks.base import AwsStack
from stacks.cached_upstream import CachedUpstream
from stacks.node_access import grant_node_access
from stacks.settings import StackSettings
from stacks.takeover import take_over


class SharedServicesStack(AwsStack):
    """`shared-services-<region>`: the caches of `registry` in one Region, and who may pull through them.

    The first Region's stack also has the permissions of the nodes in the registry's own account, because IAM is global.
    """

    def __init__(
        self, scope: Construct, settings: StackSettings, *, registry: Registry, modules: Mapping[str, ModuleSource]
    ) -> None:
        super().__init__(scope, settings)
        self._registry, self._region = registry, settings.region
        caller = pinned(DataAwsCallerIdentity(self, "caller"), addresses.CALLER)
        self._account_id = caller.account_id
        organization = self._organization()
        keys = {name: self._key_arn(name) for name in key_variables(registry)}
        role_arn = self._template_role(keys)
        self._upstreams = {
            key: CachedUpstream(
                self,
                key,
                registry=registry,
                region=self._region,
                account_id=self._account_id,
                organization=organization,
                template_role_arn=role_arn,
                keys=keys,
                modules=modules,
            )
            for key in sorted(registry.upstreams)
        }
        self._caches = self._make_caches(modules["ecr_repository_template"])
        self._manage_existing(organization)
        self._registry_policy = self._make_registry_policy(organization)
        self._scan()
        if registry.node_roles and self._region == registry.regions[0]:
            grant_node_access(self, registry, registry=registry)
        take_over(self, registry, self._region)
        for name, value, description in self._outputs() if registry.outputs else ():
            if value:
                pinned(TerraformOutput(self, name, value=value, description=description), name)

    def _make_caches(self, module: ModuleSource) -> PullThroughCaches:
        return PullThroughCaches(
            self,
            "caches",
            source=module.source,
            version=module.version,
            caches={key: upstream.cache for key, upstream in self._upstreams.items()},
            address=addresses.CACHES,
        )

    def _key_arn(self, variable: str) -> str:
        """The ARN of a KMS key that is in a Terraform variable."""
        return KmsKeyVariable(self, f"{variable}-key", region=self._region, address=variable).key_arn

    def _organization(self) -> str:
        """Step 3: the organization that may pull. Terraform looks up that of the account in which it runs."""
        if not needs_organization(self._registry):
            return ""
        organization = pinned(DataAwsOrganizationsOrganization(self, "organization"), addresses.ORGANIZATION)
        return str(organization.id)

    def _template_role(self, keys: Mapping[str, str]) -> str | None:
        """The ARN of the role that the creation templates share, if they need one."""
        registry = self._registry
        uses = shared_role_uses(registry, account_id=self._account_id, region=self._region, keys=keys)
        if not uses:
            return None
        made = TemplateRole(
            self,
            "template-role",
            uses=uses,
            path=registry.role_path,
            permissions_boundary=registry.permissions_boundary,
            address=addresses.TEMPLATE_ROLE,
        )
        return str(made.role.arn)

    def _manage_existing(self, organization: str) -> None:
        """Step 3 for repositories that exist already, if the file asks for it."""
        registry, root = self._registry, f"arn:aws:iam::{self._account_id}:root"
        caches = {
            key: ManagedRepositories(
                names=names,
                statements=whole_repository_policy(registry, key, organization=organization, account_root=root),
                lifecycle_policy=registry.repository_settings(key).lifecycle.policy_json,
            )
            for key, names in managed_names(registry).items()
        }
        if caches:
            ExistingRepositories(self, "existing", caches=caches, address=addresses.EXISTING)

    def _make_registry_policy(self, organization: str) -> RegistryPolicy | None:
        policy = self._registry.registry_policy
        statements = registry_statements(
            self._registry, organization=organization, account_id=self._account_id, region=self._region
        )
        if policy.mode == "none" or not statements:
            return None
        return RegistryPolicy(
            self,
            "registry-policy",
            statements=statements,
            managed=policy.mode == "managed",
            policy_scope=policy.scope,
            address=addresses.REGISTRY,
        )

    def _scan(self) -> None:
        scanning = self._registry.scanning
        if scanning:
            RegistryScanning(
                self,
                "scanning",
                scan_type=scanning.type,
                rules=scanning.filters(repository_names(self._registry.prefixes)),
                address=addresses.REGISTRY,
            )

    def _outputs(self) -> Iterator[tuple[str, Any, str]]:
        """What clusters, other accounts and pipelines need: name, value and description."""
        host = f"{self._account_id}.dkr.ecr.{self._region}.amazonaws.com"
        prefixes = {key: self._registry.prefix(key).strip("/") for key in self._upstreams}
        yield (
            "cache_addresses",
            {key: host if prefix == "ROOT" else f"{host}/{prefix}" for key, prefix in prefixes.items()},
            "What stands in place of each upstream's host in the names of images.",
        )
        yield (
            "secret_arns",
            {key: upstream.secret_arn for key, upstream in self._upstreams.items() if upstream.secret_arn},
            "ARNs of the secrets with the upstreams' credentials.",
        )
        yield (
            "template_role_arns",
            self._caches.role_arns,
            "ARNs of the roles with which ECR makes repositories, where it needs one.",
        )
        yield (
            "policies_for_upstreams",
            {key: each.policy_for_upstream for key, each in self._upstreams.items() if each.policy_for_upstream},
            "Repository policies for the accounts whose ECR registries are upstreams.",
        )
        if self._registry_policy and self._registry.registry_policy.mode == "external":
            yield (
                "registry_policy",
                self._registry_policy.document.json,
                "What the owner of the registry policy must put into it.",
            )
