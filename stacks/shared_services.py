"""The stack of the shared services account: one registry, in one Region."""

from collections.abc import Mapping

from cdktf import LocalBackend, TerraformStack
from cdktf_cdktf_provider_aws.data_aws_caller_identity import DataAwsCallerIdentity
from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from pull_through_cache.deployment import Registry, TerraformSettings
from pull_through_cache.forms import role_name
from stacks.constructs.node_pull_access import NodePullAccess
from stacks.constructs.pull_through_caches import PullThroughCache, PullThroughCaches
from stacks.constructs.repository_access import RepositoryAccess
from stacks.constructs.upstream_credentials import UpstreamCredentials
from stacks.modules import ModuleSource


class SharedServicesStack(TerraformStack):
    """The caches of `registry` in `region`, and in its first Region the access of the nodes in its account."""

    def __init__(
        self,
        scope: Construct,
        *,
        region: str,
        registry: Registry,
        terraform: TerraformSettings,
        modules: Mapping[str, ModuleSource],
    ) -> None:
        super().__init__(scope, f"shared-services-{region}")
        self.add_override("terraform.required_version", terraform.required_version)
        self.add_override("terraform.required_providers.aws.version", terraform.required_providers.aws)
        # Beside cdktf.out, where cdktf keeps it too, for cdktf.out may be deleted; but without this machine's folder.
        LocalBackend(self, path=f"../../../terraform.{self.node.id}.tfstate")
        allowed_account_ids = [registry.account_id] if registry.account_id else None
        AwsProvider(self, "aws", region=region, allowed_account_ids=allowed_account_ids)
        caller = DataAwsCallerIdentity(self, "caller")
        caller.override_logical_id("current")

        caches = {}
        for key, upstream in registry.upstreams.items():
            credentials = None
            if upstream.credentials is not None:
                credentials = UpstreamCredentials(
                    self,
                    f"{key}-credentials",
                    module=modules["secrets_manager"],
                    upstream=key,
                    account_id=caller.account_id,
                    description=upstream.credentials.description or f"{upstream.registry.title} credentials",
                    recovery_window_in_days=upstream.credentials.recovery_window_in_days,
                )
            caches[key] = PullThroughCache(
                prefix=registry.prefix(key),
                upstream_registry_url=upstream.url,
                credential_arn=credentials.credential_arn if credentials else None,
            )
        PullThroughCaches(
            self,
            "caches",
            module=modules["ecr_repository_template"],
            upstreams=caches,
            repository_policy_statements=RepositoryAccess(self, "access").statements,
        )
        # IAM is global: a second Region's stack would make the same policy again.
        if registry.node_roles and region == registry.regions[0]:
            NodePullAccess(self, "nodes", role_names=[role_name(role) for role in registry.node_roles])
