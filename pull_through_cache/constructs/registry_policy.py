"""The registry policy, which the post lacks: without it, the first pull of an image from another account fails."""

from collections.abc import Sequence

from cdktf_cdktf_provider_aws.data_aws_iam_policy_document import DataAwsIamPolicyDocument
from cdktf_cdktf_provider_aws.ecr_account_setting import EcrAccountSetting
from cdktf_cdktf_provider_aws.ecr_registry_policy import EcrRegistryPolicy
from constructs import Construct

from pull_through_cache.aws.statements import Statement
from pull_through_cache.constructs.pinned import pinned
from pull_through_cache.constructs.statements import blocks


class RegistryPolicy(Construct):
    """The policy of the registry: which other principals may import images and create their repositories.

    A registry has one policy in each Region. Terraform overwrites all of it.

    - `managed`: whether to set the policy. If not, only its `document` is made, for the owner of the registry policy.
    - `policy_scope`: the account setting REGISTRY_POLICY_SCOPE, `V1` or `V2`; None leaves it unchanged. Source: Amazon
      ECR User Guide, registry-permissions.html.
    - `address`: the name of the policy and its document; the account setting gets `<address>_policy_scope`.

    Attributes: `document`, `setting` and `policy`, the last two None if they are not made.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        statements: Sequence[Statement],
        managed: bool = True,
        policy_scope: str | None = None,
        address: str | None = None,
    ) -> None:
        super().__init__(scope, id)
        self.document = pinned(
            DataAwsIamPolicyDocument(self, "document", statement=blocks(statements)),
            address,
        )
        self.setting: EcrAccountSetting | None = None
        self.policy: EcrRegistryPolicy | None = None
        if not managed:
            return
        if policy_scope:
            self.setting = pinned(
                EcrAccountSetting(self, "scope", name="REGISTRY_POLICY_SCOPE", value=policy_scope),
                f"{address}_policy_scope" if address else None,
            )
        self.policy = pinned(
            EcrRegistryPolicy(
                self,
                "policy",
                policy=self.document.json,
                # Under the scope V1, ECR rejects a policy that needs V2.
                depends_on=[self.setting] if self.setting else None,
            ),
            address,
        )
