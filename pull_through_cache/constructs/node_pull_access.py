"""Step 5 of the post: the permissions of EKS nodes. The kubelet pulls images with the node role, not with a pod's role."""

from collections.abc import Sequence

from cdktf import TerraformIterator, Token
from cdktf_cdktf_provider_aws.data_aws_iam_policy_document import DataAwsIamPolicyDocument
from cdktf_cdktf_provider_aws.iam_policy import IamPolicy
from cdktf_cdktf_provider_aws.iam_role_policy_attachment import IamRolePolicyAttachment
from constructs import Construct

from pull_through_cache.aws.policies import node_policy
from pull_through_cache.constructs.pinned import pinned
from pull_through_cache.constructs.statements import blocks


class NodePullAccess(Construct):
    """An identity policy with the permissions for a pull, attached to the node roles.

    It includes CreateRepository: the first pull of an image creates its repository, as the puller.

    - `role_names`: names of the roles, not their ARNs. The first one has an attachment of its own. The others share one
      with `for_each` over their names, so that a new role does not move another. Default: none, the policy alone.
    - `repositories`: ARNs of the cached repositories. Default: `*`, which means every registry.
    - `tags`: whether cached repositories get tags, which their creator must be allowed to set.
    - `address`: the name of the policy and its first attachment; the other attachments get `<address>_others`.
    - `document_address`: the name of the data source with the policy's document. Default: `address`.

    Attributes: `document`, `policy`, `attachments`.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        role_names: Sequence[str] = (),
        repositories: Sequence[str] = ("*",),
        tags: bool = False,
        policy_name: str = "container-registry-pull-through-access",
        policy_path: str | None = None,
        address: str | None = None,
        document_address: str | None = None,
    ) -> None:
        super().__init__(scope, id)
        document = DataAwsIamPolicyDocument(self, "document", statement=blocks(node_policy(repositories, tags=tags)))
        self.document = pinned(document, document_address or address)
        self.policy = pinned(
            IamPolicy(
                self,
                "policy",
                name=policy_name,
                path=policy_path,
                description="Policy for EKS nodes to access ECR pull through cache repositories",
                policy=self.document.json,
            ),
            address,
        )
        self.attachments: list[IamRolePolicyAttachment] = []
        if not role_names:
            return
        first, *others = role_names
        attachment = IamRolePolicyAttachment(self, "first", role=first, policy_arn=self.policy.arn)
        self.attachments.append(pinned(attachment, address))
        if others:
            roles = TerraformIterator.from_list(sorted(others))
            attachment = IamRolePolicyAttachment(
                self, "others", for_each=roles, role=Token.as_string(roles.value), policy_arn=self.policy.arn
            )
            self.attachments.append(pinned(attachment, f"{address}_others" if address else None))
