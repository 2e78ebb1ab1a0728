"""Steps 2 to 4 of the post for one upstream: its credentials, who may pull, and its cache."""

from collections.abc import Iterable, Mapping

from constructs import Construct

from pull_through_cache.aws.arns import repository_arns
from pull_through_cache.aws.statements import Statement, policy_text
from pull_through_cache.constructs.pull_through_caches import PullThroughCache
from pull_through_cache.constructs.statements import module_input
from pull_through_cache.constructs.upstream_credentials import (
    CredentialVariables,
    ReplicatedCredentials,
    Secret,
    UpstreamCredentials,
    WriteOnlyCredentials,
)
from pull_through_cache.constructs.upstream_rule import UpstreamRepositoryPolicy, UpstreamRole, UpstreamRule
from pull_through_cache.deployment.addresses import UpstreamAddresses
from pull_through_cache.deployment.credentials import Credentials
from pull_through_cache.deployment.modules import ModuleSource
from pull_through_cache.deployment.registry import Registry
from pull_through_cache.deployment.replicas import has_replica
from pull_through_cache.deployment.sharing import repository_statements
from pull_through_cache.deployment.template_roles import shares_role
from pull_through_cache.deployment.values.regions import in_region


class CachedUpstream(Construct):
    """Everything that one upstream needs in one Region, except the instance of the caches' module.

    - `account_id`: of the registry, as a reference.
    - `organization`: the ID of the organization of the registry's account.
    - `keys`: the ARNs of KMS keys, by the Terraform variable that has them.
    - `template_role_arn`: of the role that the creation templates share; None if they do not.

    Attributes: `cache`, the inputs for the caches' module; `secret_arn`; and `policy_for_upstream`, the repository
    policy for the upstream's account. The last two are None if the upstream needs none.
    """

    def __init__(
        self,
        scope: Construct,
        key: str,
        *,
        registry: Registry,
        region: str,
        account_id: str,
        organization: str,
        template_role_arn: str | None,
        keys: Mapping[str, str],
        modules: Mapping[str, ModuleSource],
    ) -> None:
        super().__init__(scope, f"{key}-upstream")
        self._key, self._upstream, self._registry = key, registry.upstreams[key], registry
        self._region, self._account_id, self._modules, self._keys = region, account_id, modules, keys
        self._addresses = UpstreamAddresses(key)
        self.secret_arn = self._credentials(self._upstream.credentials) if self._upstream.credentials else None
        self.policy_for_upstream: str | None = None
        if self._upstream.needs_typed_rule:
            self._rule()
        own_role = in_region(registry.repository_settings(key).role_arn, region)
        role_arn = template_role_arn if shares_role(registry, key) else own_role
        self.cache = self._cache(repository_statements(registry, key, organization=organization), role_arn)

    @property
    def _account_root(self) -> str:
        return f"arn:aws:iam::{self._account_id}:root"

    def _credentials(self, credentials: Credentials) -> str:
        """Step 2: the ARN of the upstream's secret, which is created unless it exists."""
        if credentials.store == "existing":
            return in_region(credentials.secret_arn, self._region) or ""
        names, write_only = self._addresses, credentials.store == "write_only"
        if credentials.name and has_replica(self._registry, self._key, self._region):
            replica = ReplicatedCredentials(self, "credentials", name=credentials.name, address=names.secret)
            return replica.credential_arn
        variables = CredentialVariables(
            self, "variables", upstream=self._key, ephemeral=write_only, address=names.variables
        )
        secret = Secret(
            name=credentials.name,
            name_prefix=None if credentials.name else f"ecr-pullthroughcache/{names.secret.replace('_', '-')}",
            description=credentials.description or f"{self._upstream.kind.title} credentials",
            value=variables.secret_value,
            readers=credentials.read_access or [self._account_root],
            recovery_window_in_days=credentials.recovery_window_in_days,
            replica_regions=self._registry.regions[1:] if credentials.replicate else (),
        )
        if write_only:
            return WriteOnlyCredentials(
                self, "credentials", secret=secret, version=credentials.version, address=names.secret
            ).credential_arn
        module = self._modules["secrets_manager"]
        return UpstreamCredentials(
            self,
            "credentials",
            source=module.source,
            version=module.version,
            secret=secret,
            address=names.secret_module,
        ).credential_arn

    def _rule(self) -> None:
        """Step 4 if the caches' module cannot make the rule."""
        UpstreamRule(
            self,
            "rule",
            prefix=self._registry.prefix(self._key),
            upstream_registry_url=self._upstream.host,
            upstream_repository_prefix=self._upstream.upstream_prefix,
            credential_arn=self.secret_arn,
            role_arn=self._role(),
            address=self._addresses.rule,
        )

    def _role(self) -> str | None:
        """The ARN of the role with which ECR pulls from another account's registry."""
        owner, registry = self._upstream.owner, self._registry
        if owner is None or owner == registry.account_id:
            return None
        role_arn = in_region(self._upstream.role_arn, self._region)
        if role_arn is None:
            upstream_region = self._upstream.host.split(".")[3]
            upstream_prefix = self._upstream.upstream_prefix or "ROOT"
            [theirs] = repository_arns([upstream_prefix], account_id=owner, regions=[upstream_region])
            [ours] = repository_arns([registry.prefix(self._key)], account_id=self._account_id, regions=[self._region])
            made = UpstreamRole(
                self,
                "role",
                upstream=self._key,
                upstream_repositories=theirs,
                cached_repositories=ours,
                path=registry.role_path,
                permissions_boundary=registry.permissions_boundary,
                address=self._addresses.role,
            )
            role_arn = made.role.arn
        policy = UpstreamRepositoryPolicy(
            self, "upstream-policy", principal=role_arn, address=self._addresses.upstream_policy
        )
        self.policy_for_upstream = policy.document.json
        return role_arn

    def _cache(self, statements: Iterable[Statement], role_arn: str | None) -> PullThroughCache:
        """Steps 3 and 4: the inputs for the caches' module, which makes the template's role unless there is a `role_arn`."""
        registry, upstream = self._registry, self._upstream
        prefix, settings = registry.prefix(self._key), registry.repository_settings(self._key)
        has_readers = settings.read_access or settings.read_write_access
        module_makes_role = settings.needs_role and role_arn is None
        filters = settings.image_tag_mutability_exclusion_filters
        own = [each.statement for each in settings.statements]
        only = settings.statements_only
        return PullThroughCache(
            prefix=prefix,
            description=upstream.host if settings.description is None else settings.description,
            upstream_registry_url=upstream.host,
            credential_arn=None if upstream.needs_typed_rule else self.secret_arn,
            create_pull_through_cache_rule=not upstream.needs_typed_rule,
            image_tag_mutability=settings.image_tag_mutability,
            image_tag_mutability_exclusion_filter=[{"filter": tag, "filter_type": "WILDCARD"} for tag in filters]
            or None,
            applied_for=settings.applied_for,
            encryption_type=settings.encryption.type,
            kms_key_arn=settings.encryption.key_in(
                self._region, of_variable=self._keys.get(settings.encryption.variable or "")
            ),
            lifecycle_policy=settings.lifecycle.policy_json,
            resource_tags=dict(settings.tags),
            create_repository_policy=not only,
            repository_policy=policy_text(own) if only and own else None,
            repository_policy_statements={} if only else module_input([*statements, *own]),
            # If there are any readers, the module omits the registry's own account.
            repository_read_access_arns=[self._account_root, *settings.read_access] if has_readers else [],
            repository_read_write_access_arns=settings.read_write_access,
            repository_lambda_read_access_arns=settings.lambda_read_access,
            create_iam_role=role_arn is None,
            custom_role_arn=role_arn,
            # The module names the role after the prefix, and IAM allows no `/` in a name.
            iam_role_name=prefix.strip("/").replace("/", "-") if module_makes_role and "/" in prefix else None,
            iam_role_path=registry.role_path if module_makes_role else None,
            iam_role_permissions_boundary=registry.permissions_boundary if module_makes_role else None,
        )
