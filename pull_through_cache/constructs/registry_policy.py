"""What the post lacks: the registry policy, without which a first pull from another account fails."""

from collections.abc import Sequence

from cdktf_cdktf_provider_aws.data_aws_iam_policy_document import DataAwsIamPolicyDocument
from cdktf_cdktf_provider_aws.ecr_account_setting import EcrAccountSetting
from cdktf_cdktf_provider_aws.ecr_registry_policy import EcrRegistryPolicy
from constructs import Construct

from pull_through_cache.aws.statements import Statement
from pull_through_cache.constructs.statements import blocks


class RegistryPolicy(Construct):
    """The policy of the registry: who else may have images fetched, and their repositories made.

    An account has one registry policy in each Region, and this owns it whole. With `managed` false it is not made, and
    `json` is for whoever makes it.

    - `scope`: REGISTRY_POLICY_SCOPE of the account, `V1` or `V2`; None leaves it. Under V1 ECR accepts ReplicateImage,
      CreateRepository and BatchImportUpstreamImage only. Source: Guide, registry-permissions.html.
    """

    def __init__(
        self, scope: Construct, id: str, *, statements: Sequence[Statement], managed: bool, policy_scope: str | None
    ) -> None:
        super().__init__(scope, id)
        document = DataAwsIamPolicyDocument(self, "document", statement=blocks(statements))
        document.override_logical_id("registry")
        self.json = document.json
        if not managed:
            return
        setting = None
        if policy_scope:
            setting = EcrAccountSetting(self, "scope", name="REGISTRY_POLICY_SCOPE", value=policy_scope)
            setting.override_logical_id("registry_policy_scope")
        policy = EcrRegistryPolicy(self, "policy", policy=document.json, depends_on=[setting] if setting else None)
        policy.override_logical_id("registry")
