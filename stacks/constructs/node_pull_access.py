"""Step 5: the EKS nodes' permissions. A kubelet pulls as the node role, not as the pod's role."""

from collections.abc import Sequence

from cdktf import TerraformIterator, Token
from cdktf_cdktf_provider_aws.data_aws_iam_policy_document import (
    DataAwsIamPolicyDocument,
    DataAwsIamPolicyDocumentStatement,
)
from cdktf_cdktf_provider_aws.iam_policy import IamPolicy
from cdktf_cdktf_provider_aws.iam_role_policy_attachment import IamRolePolicyAttachment
from constructs import Construct

_NAME = "container_registry_pull_through_access"


class NodePullAccess(Construct):
    """An identity policy with what a pull needs, attached to every node role.

    CreateRepository is among it: the first pull of an image makes its repository, as the puller.

    - `role_names`: IAM accepts the roles' names only, no ARNs. The first has an address without a key; the others are
      keyed by their names, so adding one moves none.
    """

    def __init__(self, scope: Construct, id: str, *, role_names: Sequence[str]) -> None:
        super().__init__(scope, id)
        document = DataAwsIamPolicyDocument(
            self,
            "document",
            statement=[
                DataAwsIamPolicyDocumentStatement(
                    effect="Allow",
                    actions=[
                        "ecr:BatchGetImage",
                        "ecr:BatchImportUpstreamImage",
                        "ecr:GetAuthorizationToken",
                        "ecr:GetDownloadUrlForLayer",
                        "ecr:CreateRepository",
                    ],
                    resources=["*"],
                )
            ],
        )
        document.override_logical_id("ecr_pull_through")

        policy = IamPolicy(
            self,
            "policy",
            name="container-registry-pull-through-access",
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
