"""Who may pull, by the policies of the registry and of repositories."""

from collections.abc import Iterable, Iterator

from botocore.exceptions import ClientError

from pull_through_cache.aws.openness import public
from pull_through_cache.aws.statements import Statement
from pull_through_cache.check.account import Account
from pull_through_cache.check.findings import Finding
from pull_through_cache.check.grants import Document, lacking, statements_of
from pull_through_cache.deployment.registry import Registry
from pull_through_cache.deployment.sharing import needs_organization


def check_organization(registry: Registry, account: Account) -> Iterator[Finding]:
    """Whether the account is in an organization, if those who may pull depend on it."""
    if not needs_organization(registry):
        return
    try:
        is_missing = account.organization_id is None
    except ClientError:  # each policy that needs it reports this
        return
    if is_missing:
        cause = "it is in no organization, and `pull_access` is `{organization: caller}`: a deploy fails"
        remedy = "write `pull_access: {accounts: [...]}`, or `pull_access: {}` for no other account"
        yield Finding(f"account {account.id}", cause, remedy)


def organization_of(registry: Registry, account: Account) -> str:
    """The ID of the account's organization, which is asked for only if those who may pull depend on it."""
    return (account.organization_id or "") if needs_organization(registry) else ""


def check_statements(document: Document, statements: Iterable[Statement], where: str, remedy: str) -> Iterator[Finding]:
    """The parts of `statements` that a resource policy lacks, and its own statements that are public."""
    for number, each in enumerate(statements_of(document), 1):
        if reason := public(each):
            name = f"its statement {each.get('Sid') or number} is public: {reason}"
            yield Finding(where, name, "add a condition on aws:PrincipalOrgID or aws:PrincipalAccount, or remove it")
    for statement in statements:
        if missing := lacking([document], statement):
            does = "grant" if statement.effect == "Allow" else "deny"
            yield Finding(where, f"does not {does} {missing} to {described(statement)} ({statement.sid})", remedy)


def described(statement: Statement) -> str:
    """The principals of a statement and its conditions, in words."""
    names = [name for names in statement.principals.values() for name in names]
    conditions = [f"{each.variable} {', '.join(each.values)}" for each in statement.conditions]
    return " with ".join([", ".join(names), *conditions])
