"""Policy statements in the two forms that Terraform takes them in."""

from typing import Any

from cdktf_cdktf_provider_aws.data_aws_iam_policy_document import (
    DataAwsIamPolicyDocumentStatement,
    DataAwsIamPolicyDocumentStatementCondition,
    DataAwsIamPolicyDocumentStatementPrincipals,
)

from pull_through_cache.statements import Statement


def module_input(statement: Statement) -> dict[str, Any]:
    """A statement for the input `repository_policy_statements` of the repository-template module."""
    given: dict[str, Any] = {
        "sid": statement.sid,
        "effect": statement.effect,
        "actions": list(statement.actions),
        "principals": [{"type": kind, "identifiers": list(names)} for kind, names in statement.principals.items()],
    }
    if statement.conditions:
        # The module reads `conditions`. It would drop any other key, and open the repositories to everyone.
        given["conditions"] = [
            {"test": condition.test, "variable": condition.variable, "values": list(condition.values)}
            for condition in statement.conditions
        ]
    return given


def block(statement: Statement) -> DataAwsIamPolicyDocumentStatement:
    """A statement as a block of the data source `aws_iam_policy_document`."""
    return DataAwsIamPolicyDocumentStatement(
        sid=statement.sid,
        effect=statement.effect,
        actions=list(statement.actions),
        resources=list(statement.resources),
        principals=[
            DataAwsIamPolicyDocumentStatementPrincipals(type=kind, identifiers=list(names))
            for kind, names in statement.principals.items()
        ],
        condition=[
            DataAwsIamPolicyDocumentStatementCondition(
                test=condition.test, variable=condition.variable, values=list(condition.values)
            )
            for condition in statement.conditions
        ],
    )
