"""The stack of the shared services account: one registry, in one Region."""

from collections.abc import Mapping
from typing import Any

from cdktf import TerraformOutput, TerraformStack
from cdktf_cdktf_provider_aws.data_aws_caller_identity import DataAwsCallerIdentity
from cdktf_cdktf_provider_aws.data_aws_organizations_organization import DataAwsOrganizationsOrganization
from constructs import Construct

from pull_through_cache.aws.actions import PULL, PULL_OF_THE_POST
from pull_through_cache.aws.arns import repository_arns, role_name
from pull_through_cache.aws.policies import registry_policy, repository_policy
from pull_through_cache.constructs.node_pull_access import NodePullAccess
from pull_through_cache.constructs.pull_through_caches import ADDRESS, PullThroughCache, PullThroughCaches
from pull_through_cache.constructs.registry_policy import RegistryPolicy
from pull_through_cache.constructs.registry_scanning import RegistryScanning
from pull_through_cache.constructs.statements import module_input
from pull_through_cache.constructs.upstream_credentials import Secret, UpstreamCredentials, WriteOnlyCredentials
from pull_through_cache.constructs.upstream_rule import UpstreamRole, UpstreamRule, policy_for_upstream
from pull_through_cache.deployment.modules import ModuleSource
from pull_through_cache.deployment.registry import Registry
from pull_through_cache.deployment.upstream import Upstream
from pull_through_cache.deployment.values.regions import in_region
from stacks.settings import configure
from stacks.takeover import imports, moves


class SharedServicesStack(TerraformStack):
    """`shared-services-<region>`: the caches of `registry` in `region`, who may pull, and what clusters must know.

    The first Region's stack has the access of the nodes in the registry's own account too, as IAM is global.
    """

    def __init__(
        self,
        scope: Construct,
        region: str,
        *,
        registry: Registry,
        modules: Mapping[str, ModuleSource],
        settings: Mapping[str, Any],
    ) -> None:
        super().__init__(scope, f"shared-services-{region}")
        self._region, self._registry, self._modules = region, registry, modules
        self._secret_arns: dict[str, str] = {}
        self._policies_for_upstreams: dict[str, str] = {}
        configure(self, **settings, region=region, account_id=registry.account_id)
        caller = DataAwsCallerIdentity(self, "caller")
        caller.override_logical_id("current")
        self._account_id = caller.account_id
        self._account_root = f"arn:aws:iam::{self._account_id}:root"
        self._pullers = registry.pull_access.pullers(
            self._organization_id() if registry.pull_access.organization == "caller" else ""
        )

        caches = {key: self._cache(key, upstream) for key, upstream in sorted(registry.upstreams.items())}
        PullThroughCaches(self, "caches", **modules["ecr_repository_template"]._asdict(), caches=caches)
        policy = self._registry_policy()
        if registry.scanning:
            RegistryScanning(
                self,
                "scanning",
                scan_type=registry.scanning.type,
                scan_frequency=registry.scanning.frequency,
                repository_names=[arn.partition("/")[2] for arn in self._repositories(*registry.prefixes)],
            )
        if registry.node_roles and region == registry.regions[0]:
            NodePullAccess(
                self,
                "nodes",
                role_names=[role_name(role) for role in registry.node_roles],
                repositories=registry.repositories_for_nodes,
                tags=registry.sets_tags,
                policy_name=registry.policy_name,
                policy_path=registry.policy_path,
            )
        self._take_over()
        if registry.outputs:
            self._outputs(policy)

    def _organization_id(self) -> str:
        """The organization of the account in which Terraform runs, looked up by Terraform."""
        organization = DataAwsOrganizationsOrganization(self, "organization")
        organization.override_logical_id("current")
        return str(organization.id)

    def _cache(self, key: str, upstream: Upstream) -> PullThroughCache:
        """The cache of one upstream; makes first what its rule needs."""
        registry, prefix, settings = self._registry, self._registry.prefix(key), self._registry.repository_settings(key)
        credential_arn = self._credentials(key, upstream)
        if upstream.needs_typed_rule:
            UpstreamRule(
                self,
                f"{key}-rule",
                upstream=key,
                prefix=prefix,
                upstream_registry_url=upstream.host,
                upstream_repository_prefix=upstream.upstream_prefix,
                credential_arn=credential_arn,
                role_arn=self._role(key, upstream),
            )
        actions = PULL_OF_THE_POST if registry.repository_policy == "post" else PULL
        statements = [
            *repository_policy(self._pullers, actions=actions),
            *(each.statement for each in settings.statements),
        ]
        readers = [*settings.read_access, *settings.read_write_access]
        made_role = settings.needs_role and settings.role_arn is None
        return PullThroughCache(
            prefix=prefix,
            description=settings.description or upstream.host,
            upstream_registry_url=upstream.host,
            credential_arn=None if upstream.needs_typed_rule else credential_arn,
            create_pull_through_cache_rule=not upstream.needs_typed_rule,
            image_tag_mutability=settings.image_tag_mutability,
            image_tag_mutability_exclusion_filter=[
                {"filter": tag, "filter_type": "WILDCARD"} for tag in settings.image_tag_mutability_exclusion_filters
            ]
            or None,
            applied_for=settings.applied_for,
            encryption_type=settings.encryption.type,
            kms_key_arn=in_region(settings.encryption.kms_key_arn, self._region),
            lifecycle_policy=settings.lifecycle.policy_json,
            resource_tags=dict(settings.tags),
            repository_policy_statements=module_input(statements),
            # With any reader given, the module leaves the registry's own account out.
            repository_read_access_arns=[self._account_root, *settings.read_access] if readers else [],
            repository_read_write_access_arns=settings.read_write_access,
            repository_lambda_read_access_arns=settings.lambda_read_access,
            create_iam_role=settings.role_arn is None,
            custom_role_arn=settings.role_arn,
            # The module names the role after the prefix, and IAM takes no `/` in a name.
            iam_role_name=prefix.strip("/").replace("/", "-") if made_role and "/" in prefix else None,
            iam_role_path=registry.role_path if made_role else None,
            iam_role_permissions_boundary=registry.permissions_boundary if made_role else None,
        )

    def _credentials(self, key: str, upstream: Upstream) -> str | None:
        """The ARN of an upstream's secret, which is made here unless it exists."""
        credentials = upstream.credentials
        if credentials is None:
            return None
        secret = Secret(
            upstream=key,
            name=credentials.name,
            description=credentials.description or f"{upstream.kind.title} credentials",
            recovery_window_in_days=credentials.recovery_window_in_days,
            readers=credentials.read_access or [self._account_root],
        )
        match credentials.store:
            case "existing":
                arn = in_region(credentials.secret_arn, self._region) or ""
            case "module":
                module = self._modules["secrets_manager"]
                arn = UpstreamCredentials(self, f"{key}-credentials", **module._asdict(), secret=secret).credential_arn
            case "write_only":
                version = credentials.version
                made = WriteOnlyCredentials(self, f"{key}-credentials", secret=secret, version=version)
                arn = made.credential_arn
        self._secret_arns[key] = arn
        return arn

    def _role(self, key: str, upstream: Upstream) -> str | None:
        """The role with which ECR pulls from another account's registry, and the policy to attach there."""
        if upstream.owner is None or upstream.owner == self._registry.account_id:
            return None
        role_arn = upstream.role_arn
        if role_arn is None:
            region = upstream.host.split(".")[3]
            [theirs] = repository_arns(
                [upstream.upstream_prefix or "ROOT"], account_id=upstream.owner, regions=[region]
            )
            [ours] = self._repositories(self._registry.prefix(key))
            role_arn = UpstreamRole(
                self,
                f"{key}-role",
                upstream=key,
                upstream_repositories=theirs,
                cached_repositories=ours,
                path=self._registry.role_path,
                permissions_boundary=self._registry.permissions_boundary,
            ).arn
        self._policies_for_upstreams[key] = policy_for_upstream(
            self, f"{key}-for-upstream", upstream=key, principal=role_arn
        )
        return role_arn

    def _registry_policy(self) -> str | None:
        """The registry policy as JSON; None where there is nothing to grant."""
        policy = self._registry.registry_policy
        statements = registry_policy(
            self._pullers,
            repositories=self._repositories(*self._registry.prefixes),
            extra=[each.statement for each in policy.extra_statements],
        )
        if policy.mode == "none" or not statements:
            return None
        managed = policy.mode == "managed"
        made = RegistryPolicy(
            self, "registry-policy", statements=statements, managed=managed, policy_scope=policy.scope
        )
        return str(made.json)

    def _repositories(self, *prefixes: str) -> list[str]:
        return repository_arns(prefixes, account_id=self._account_id, regions=[self._region])

    def _take_over(self) -> None:
        """Says to Terraform what exists already and what had another address."""
        upstreams = sorted(self._registry.upstreams.items())
        blocks = {
            "import": [
                block
                for key, upstream in upstreams
                if upstream.adopt
                for block in imports(key, upstream, self._registry.prefix(key))
            ],
            "moved": [block for key, upstream in upstreams for block in moves(key, upstream)],
        }
        for kind, found in blocks.items():
            if found:
                self.add_override(kind, found)

    def _outputs(self, registry_policy: str | None) -> None:
        """What clusters, other accounts and pipelines must know."""
        host = f"{self._account_id}.dkr.ecr.{self._region}.amazonaws.com"
        prefixes = {key: self._registry.prefix(key).strip("/") for key in sorted(self._registry.upstreams)}
        outputs: dict[str, tuple[Any, str]] = {
            "cache_addresses": (
                {key: host if prefix == "ROOT" else f"{host}/{prefix}" for key, prefix in prefixes.items()},
                "What stands in place of each upstream's host in the names of images.",
            ),
            "secret_arns": (self._secret_arns, "ARNs of the secrets with the upstreams' credentials."),
            "template_role_arns": (
                f"${{{{ for key, cache in module.{ADDRESS} : key => cache.iam_role_arn }}}}",
                "ARNs of the roles with which ECR makes repositories, where it needs one.",
            ),
            "policies_for_upstreams": (
                self._policies_for_upstreams,
                "Repository policies for the accounts whose ECR registries are upstreams.",
            ),
        }
        if self._registry.registry_policy.mode == "external":
            outputs["registry_policy"] = (registry_policy, "What the owner of the registry policy must put into it.")
        for name, (value, description) in outputs.items():
            if value:
                TerraformOutput(self, name, value=value, description=description).override_logical_id(name)
