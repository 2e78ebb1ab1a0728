"""Statements of a policy, for the repository-template module and for a data source."""

from collections.abc import Iterable
from typing import Any

from cdktf_cdktf_provider_aws.data_aws_iam_policy_document import (
    DataAwsIamPolicyDocumentStatement,
    DataAwsIamPolicyDocumentStatementCondition,
    DataAwsIamPolicyDocumentStatementPrincipals,
)

from pull_through_cache.aws.statements import Statement


def module_input(statements: Iterable[Statement]) -> dict[str, Any]:
    """Statements for the input `repository_policy_statements` of the repository-template module, by sid or number."""
    return {each.sid or str(number): _module_statement(each) for number, each in enumerate(statements, 1)}


def blocks(statements: Iterable[Statement], *, write_effect: bool = True) -> list[DataAwsIamPolicyDocumentStatement]:
    """Statements as blocks of the data source `aws_iam_policy_document`.

    Without `write_effect` they omit the effect; Terraform's default is `Allow`.
    """
    return [_block(statement, statement.effect if write_effect else None) for statement in statements]


def _module_statement(statement: Statement) -> dict[str, Any]:
    given: dict[str, Any] = {
        **({"sid": statement.sid} if statement.sid else {}),
        "effect": statement.effect,
        "actions": list(statement.actions),
        "principals": [{"type": kind, "identifiers": list(names)} for kind, names in statement.principals.items()],
    }
    if statement.conditions:
        # The module reads `conditions`. It ignores any other key, which would make the repositories public.
        given["conditions"] = [
            {"test": condition.test, "variable": condition.variable, "values": list(condition.values)}
            for condition in statement.conditions
        ]
    return given


def _block(statement: Statement, effect: str | None) -> DataAwsIamPolicyDocumentStatement:
    principals = [
        DataAwsIamPolicyDocumentStatementPrincipals(type=kind, identifiers=list(names))
        for kind, names in statement.principals.items()
    ]
    conditions = [
        DataAwsIamPolicyDocumentStatementCondition(
            test=condition.test, variable=condition.variable, values=list(condition.values)
        )
        for condition in statement.conditions
    ]
    return DataAwsIamPolicyDocumentStatement(
        sid=statement.sid or None,
        effect=effect,
        actions=list(statement.actions),
        resources=list(statement.resources) or None,
        principals=principals or None,
        # The registry policy has always had an empty list here. Committed JSON changes only for a reason.
        condition=conditions if effect and principals else conditions or None,
    )
