"""Step 5 of the post: lets the nodes of one account pull through the caches."""

from cdktf import TerraformOutput
from constructs import Construct

from pull_through_cache.aws.arns import role_name
from pull_through_cache.constructs.node_pull_access import NodePullAccess
from pull_through_cache.constructs.pinned import pinned
from pull_through_cache.deployment import addresses
from pull_through_cache.deployment.registry import Registry
from pull_through_cache.deployment.sharing import caches_of
from pull_through_cache.deployment.workload import Workload


def grant_node_access(scope: Construct, account: Registry | Workload, *, registry: Registry) -> None:
    """Let the node roles of `account` pull through the caches of `registry`."""
    caches = caches_of(registry, account) if isinstance(account, Workload) else ()
    access = NodePullAccess(
        scope,
        "nodes",
        role_names=[role_name(role) for role in account.node_roles] if account.attach else [],
        repositories=registry.repositories_for_nodes(caches),
        tags=registry.sets_tags,
        policy_name=account.policy_name,
        policy_path=account.policy_path,
        address=addresses.NODE_POLICY,
        document_address=addresses.NODE_POLICY_DOCUMENT,
    )
    if not account.attach:
        name, description = "node_policy_arn", "ARN of the policy to attach to the roles of EKS nodes."
        pinned(TerraformOutput(scope, name, value=access.policy.arn, description=description), name)
