"""The stack of one workload account: its EKS nodes' access to the registry."""

from collections.abc import Mapping, Sequence
from typing import Any

from cdktf import TerraformStack
from constructs import Construct

from pull_through_cache.aws.arns import role_name
from pull_through_cache.constructs.node_pull_access import NodePullAccess
from pull_through_cache.deployment.workload import Workload
from stacks.settings import configure


class WorkloadStack(TerraformStack):
    """`workload-<name>`: the nodes' policy and its attachments.

    It reads nothing of the registry's stacks, so it can be deployed before, after or beside them.
    """

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        workload: Workload,
        region: str,
        repositories: Sequence[str],
        tags: bool,
        settings: Mapping[str, Any],
    ) -> None:
        super().__init__(scope, f"workload-{name}")
        configure(
            self,
            **settings,
            region=region,
            account_id=workload.account_id,
            assume_role_arn=workload.assume_role_arn,
            profile=workload.profile,
        )
        NodePullAccess(
            self,
            "nodes",
            role_names=[role_name(role) for role in workload.node_roles],
            repositories=repositories,
            tags=tags,
            policy_name=workload.policy_name,
            policy_path=workload.policy_path,
        )
