"""The stack of a workload account."""

from constructs import Construct

from pull_through_cache.deployment.registry import Registry
from pull_through_cache.deployment.workload import Workload
from stacks.base import AwsStack
from stacks.node_access import grant_node_access
from stacks.settings import StackSettings


class WorkloadStack(AwsStack):
    """`workload-<name>`: lets the EKS nodes of an account pull through the caches of `registry`.

    It reads nothing of the registry's stacks, so you can deploy it before, after or at the same time as them.
    """

    def __init__(self, scope: Construct, settings: StackSettings, *, workload: Workload, registry: Registry) -> None:
        super().__init__(scope, settings)
        grant_node_access(self, workload, registry=registry)
