"""Images of Quay through ECR, for the nodes of one cluster."""

import pull_through_cache.constructs  # noqa: F401 - before cdktf: the AWS bindings then load in under a second

# isort: split
from cdktf import TerraformStack
from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from pull_through_cache.constructs.node_pull_access import NodePullAccess
from pull_through_cache.constructs.pull_through_caches import PullThroughCache, PullThroughCaches


class CachesStack(TerraformStack):
    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        self.add_override("terraform.required_providers.aws.version", ">= 5.100.0, < 7.0.0")
        AwsProvider(self, "aws", region="eu-central-1")
        PullThroughCaches(
            self,
            "caches",
            source="terraform-aws-modules/ecr/aws//modules/repository-template",
            version="~> 2.3.0",
            caches={"quay": PullThroughCache(prefix="quay", description="Quay", upstream_registry_url="quay.io")},
        )
        NodePullAccess(self, "nodes", role_names=["eks-nodes"])
