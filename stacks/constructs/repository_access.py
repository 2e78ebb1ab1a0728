"""Step 3: who may use the cached repositories."""

from typing import Any

from cdktf_cdktf_provider_aws.data_aws_organizations_organization import DataAwsOrganizationsOrganization
from constructs import Construct


class RepositoryAccess(Construct):
    """Statements for the repository policy of every cached repository: the caller's organisation may pull.

    `statements` are for the input `repository_policy_statements` of the repository-template module. Every statement
    for the principal `*` carries a condition on the organisation.
    """

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        organization = DataAwsOrganizationsOrganization(self, "organization")
        organization.override_logical_id("current")

        sid = "AllowReadFromOrganization"
        self.statements: dict[str, Any] = {
            sid: {
                "sid": sid,
                "effect": "Allow",
                "actions": [
                    "ecr:CreateRepository",
                    "ecr:BatchCheckLayerAvailability",
                    "ecr:BatchGetImage",
                    "ecr:BatchImportUpstreamImage",
                    "ecr:DescribeImages",
                    "ecr:GetAuthorizationToken",
                    "ecr:GetDownloadUrlForLayer",
                ],
                "principals": [{"type": "AWS", "identifiers": ["*"]}],
                # The module reads `conditions`; it would drop any other key and open the repositories to everyone.
                "conditions": [{"test": "StringEquals", "variable": "AWS:PrincipalOrgID", "values": [organization.id]}],
            }
        }
