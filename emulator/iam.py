"""moto's IAM with AWS's quotas and checks. Each method is the API action of its name.

Source: IAM User Guide, reference_iam-quotas.html; white space does not count towards the size of a policy.
"""

from moto.core.responses import ActionResult
from moto.iam.exceptions import EntityAlreadyExists, LimitExceededException
from moto.iam.responses import IamResponse

from emulator.documents import check_identity_policy, check_trust_policy

MANAGED_POLICY_SIZE = 6_144
INLINE_POLICIES_SIZE = 10_240
TRUST_POLICY_SIZE = 2_048
POLICIES_PER_ROLE = 10


class Iam(IamResponse):
    """moto's IAM, completed."""

    def create_policy(self) -> ActionResult:
        """A name is unique in the account. Its path and the case of its letters do not count."""
        name = self._get_param("PolicyName")
        own = (policy for arn, policy in self.backend.managed_policies.items() if ":iam::aws:" not in arn)
        taken = {policy.name.lower() for policy in own}
        if name.lower() in taken:
            raise EntityAlreadyExists(f"A policy called {name} already exists. Duplicate names are not allowed.")
        self._check_managed_policy()
        return super().create_policy()

    def create_policy_version(self) -> ActionResult:
        self._check_managed_policy()
        return super().create_policy_version()

    def _check_managed_policy(self) -> None:
        text = self._get_param("PolicyDocument")
        check_identity_policy(text)
        if _size(text) > MANAGED_POLICY_SIZE:
            raise LimitExceededException(f"Cannot exceed quota for PolicySize: {MANAGED_POLICY_SIZE}")

    def create_role(self) -> ActionResult:
        """A name is unique in the account. The case of its letters does not count."""
        name = self._get_param("RoleName")
        if name.lower() in {role.name.lower() for role in self.backend.get_roles()}:
            raise EntityAlreadyExists(f"Role with name {name} already exists.")
        self._check_trust_policy(self._get_param("AssumeRolePolicyDocument"))
        self._check_boundary()
        return super().create_role()

    def update_assume_role_policy(self) -> ActionResult:
        self._check_trust_policy(self._get_param("PolicyDocument"))
        return super().update_assume_role_policy()

    def _check_trust_policy(self, text: str) -> None:
        check_trust_policy(text)
        if _size(text) > TRUST_POLICY_SIZE:
            raise LimitExceededException(f"Cannot exceed quota for ACLSizePerRole: {TRUST_POLICY_SIZE}")

    def put_role_permissions_boundary(self) -> ActionResult:
        self._check_boundary()
        return super().put_role_permissions_boundary()

    def _check_boundary(self) -> None:
        arn = self._get_param("PermissionsBoundary")
        if arn:
            self.backend.get_policy(arn)

    def put_role_policy(self) -> ActionResult:
        """The inline policies of a role share one quota."""
        text, name = self._get_param("PolicyDocument"), self._get_param("PolicyName")
        role = self.backend.get_role(self._get_param("RoleName"))
        check_identity_policy(text)
        others = sum(_size(other) for key, other in role.policies.items() if key != name)
        if others + _size(text) > INLINE_POLICIES_SIZE:
            raise LimitExceededException(
                f"Maximum policy size of {INLINE_POLICIES_SIZE} bytes exceeded for role {role.name}"
            )
        return super().put_role_policy()

    def attach_role_policy(self) -> ActionResult:
        role = self.backend.get_role(self._get_param("RoleName"))
        attached = set(role.managed_policies) | {self._get_param("PolicyArn")}
        if len(attached) > POLICIES_PER_ROLE:
            raise LimitExceededException(f"Cannot exceed quota for PoliciesPerRole: {POLICIES_PER_ROLE}")
        return super().attach_role_policy()


def _size(text: str) -> int:
    return len("".join(text.split()))
