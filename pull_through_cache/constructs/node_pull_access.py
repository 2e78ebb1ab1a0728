"""Step 5: the EKS nodes' permissions. A kubelet pulls as the node role, not as the pod's role."""

from collections.abc import Sequence

from cdktf import TerraformIterator, Token
from cdktf_cdktf_provider_aws.data_aws_iam_policy_document import DataAwsIamPolicyDocument
from cdktf_cdktf_provider_aws.iam_policy import IamPolicy
from cdktf_cdktf_provider_aws.iam_role_policy_attachment import IamRolePolicyAttachment
from constructs import Construct

from pull_through_cache.aws.policies import node_policy
from pull_through_cache.constructs.statements import blocks

_NAME = "container_registry_pull_through_access"


class NodePullAccess(Construct):
    """An identity policy with what a pull needs, attached to every node role.

    CreateRepository is among it: the first pull of an image makes its repository, as the puller.

    - `role_names`: IAM accepts the roles' names only, no ARNs. The first has an address without a key; the others are
      keyed by their names, so adding one moves none.
    - `repositories`: ARNs of the cached repositories. Where the registry is not known: `*`, which is every registry.
    - `tags`: whether cached repositories get tags, which whoever makes them must be allowed to set.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        role_names: Sequence[str],
        repositories: Sequence[str] = ("*",),
        tags: bool = False,
        policy_name: str = "container-registry-pull-through-access",
        policy_path: str | None = None,
    ) -> None:
        super().__init__(scope, id)
        statements = node_policy(repositories, tags=tags)
        document = DataAwsIamPolicyDocument(self, "document", statement=blocks(statements))
        document.override_logical_id("ecr_pull_through")

        policy = IamPolicy(
            self,
            "policy",
            name=policy_name,
            path=policy_path,
            description="Policy for EKS nodes to access ECR pull through cache repositories",
            policy=document.json,
        )
        policy.override_logical_id(_NAME)

        first, *others = role_names
        IamRolePolicyAttachment(self, "first", role=first, policy_arn=policy.arn).override_logical_id(_NAME)
        if others:
            roles = TerraformIterator.from_list(sorted(others))
            attachments = IamRolePolicyAttachment(
                self, "others", for_each=roles, role=Token.as_string(roles.value), policy_arn=policy.arn
            )
            attachments.override_logical_id(f"{_NAME}_others")
