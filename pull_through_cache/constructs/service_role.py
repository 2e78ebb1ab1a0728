"""A role that an AWS service assumes."""

from collections.abc import Sequence

from cdktf_cdktf_provider_aws.data_aws_iam_policy_document import DataAwsIamPolicyDocument
from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy
from constructs import Construct

from pull_through_cache.aws.statements import Statement
from pull_through_cache.constructs.pinned import pinned
from pull_through_cache.constructs.statements import blocks


class ServiceRole(Construct):
    """A role with one inline policy.

    - `name_prefix`: up to 38 characters. Terraform adds a suffix, so that the stack of every Region can have its own role.
    - `trusted`, `allowed`: the statements of its trust policy and of its inline policy.
    - `address`: the name of the role, its policy and the policy's document; the trust policy gets `<address>_trust`.

    Attributes: `trust` and `permissions` (documents), `role`, `policy`.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        name_prefix: str,
        trusted: Sequence[Statement],
        allowed: Sequence[Statement],
        path: str | None = None,
        permissions_boundary: str | None = None,
        address: str | None = None,
    ) -> None:
        super().__init__(scope, id)
        self.trust = pinned(
            DataAwsIamPolicyDocument(self, "trust", statement=blocks(trusted, write_effect=False)),
            f"{address}_trust" if address else None,
        )
        self.role = pinned(
            IamRole(
                self,
                "role",
                name_prefix=name_prefix,
                path=path,
                permissions_boundary=permissions_boundary,
                assume_role_policy=self.trust.json,
            ),
            address,
        )
        self.permissions = pinned(
            DataAwsIamPolicyDocument(self, "permissions", statement=blocks(allowed, write_effect=False)),
            address,
        )
        self.policy = pinned(
            IamRolePolicy(self, "policy", name="pull-through", role=self.role.id, policy=self.permissions.json),
            address,
        )
