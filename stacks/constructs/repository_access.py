"""Step 3: who of other accounts may use the cached repositories, and what the whole organisation is."""

from collections.abc import Sequence
from typing import Any

from cdktf_cdktf_provider_aws.data_aws_organizations_organization import DataAwsOrganizationsOrganization
from constructs import Construct

from pull_through_cache.access import PullAccess
from pull_through_cache.policies import for_whom
from pull_through_cache.statements import Statement
from stacks.statements import module_input


class RepositoryAccess(Construct):
    """Statements for everyone in `access`. Each one for the principal `*` carries a condition on the organisation.

    The caller's organisation is looked up only where `access` is about it.
    """

    def __init__(self, scope: Construct, id: str, *, access: PullAccess) -> None:
        super().__init__(scope, id)
        self._access = access
        self._organization_id = ""
        if access.organization == "caller":
            organization = DataAwsOrganizationsOrganization(self, "organization")
            organization.override_logical_id("current")
            self._organization_id = organization.id

    def repository_policy_statements(self, actions: Sequence[str]) -> dict[str, Any]:
        """What the repositories' policy grants, for the input of that name of the repository-template module."""
        return {statement.sid: module_input(statement) for statement in self._statements("AllowReadFrom", actions)}

    def registry_policy_statements(self, actions: Sequence[str], resources: Sequence[str]) -> list[Statement]:
        """What the registry's policy grants, on these repositories only."""
        return self._statements("AllowPullThroughFrom", actions, resources)

    def _statements(self, sid: str, actions: Sequence[str], resources: Sequence[str] = ()) -> list[Statement]:
        return for_whom(
            self._access, sid=sid, organization_id=self._organization_id, actions=actions, resources=resources
        )
