"""Who may pull, by the policies of the registry and of repositories."""

from collections.abc import Iterable, Iterator

from botocore.exceptions import ClientError

from pull_through_cache.aws.openness import public
from pull_through_cache.aws.policies import Pullers
from pull_through_cache.aws.statements import Statement
from pull_through_cache.check.account import Account
from pull_through_cache.check.findings import Finding
from pull_through_cache.check.grants import Document, lacking, statements_of
from pull_through_cache.deployment.access import PullAccess


def check_organization(access: PullAccess, account: Account) -> Iterator[Finding]:
    """Whether the account is in an organization, if `access` refers to it."""
    if access.organization != "caller":
        return
    try:
        is_missing = account.organization_id is None
    except ClientError:  # each policy that needs it reports this
        return
    if is_missing:
        cause = "it is in no organization, and `pull_access` is `{organization: caller}`: a deploy fails"
        remedy = "write `pull_access: {accounts: [...]}`, or `pull_access: {}` for no other account"
        yield Finding(f"account {account.id}", cause, remedy)


def pullers_of(access: PullAccess, account: Account) -> Pullers:
    """Everyone in `access`. Asks for the account's organization only if `access` refers to it."""
    return access.pullers((account.organization_id or "") if access.organization == "caller" else "")


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
