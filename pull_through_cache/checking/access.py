"""Who may pull, as resource policies say it."""

from collections.abc import Iterable, Iterator, Sequence

from pull_through_cache.access import PullAccess
from pull_through_cache.checking.account import Account
from pull_through_cache.checking.findings import Finding
from pull_through_cache.checking.grants import Document, lacking, open_to_everyone
from pull_through_cache.policies import for_whom
from pull_through_cache.statements import Statement

NO_ORGANIZATION = "none: the account is in no organisation"


def whom(
    access: PullAccess, account: Account, *, sid: str, actions: Sequence[str], resources: Sequence[str] = ()
) -> Iterator[Statement]:
    """The statements for everyone in `access`. Asks for the account's organisation only where they are about it."""
    organization_id = (account.organization_id or NO_ORGANIZATION) if access.organization == "caller" else ""
    yield from for_whom(access, sid=sid, organization_id=organization_id, actions=actions, resources=resources)


def check_statements(document: Document, statements: Iterable[Statement], where: str, remedy: str) -> Iterator[Finding]:
    """What a resource policy lacks of `statements`, and whether it lets everyone in."""
    if open_to_everyone(document):
        yield Finding(where, "a statement lets everyone in, of any account", "give it a condition, or take it out")
    for statement in statements:
        if missing := lacking([document], statement):
            does = "grant" if statement.effect == "Allow" else "deny"
            yield Finding(where, f"does not {does} {missing} to {_who(statement)} ({statement.sid})", remedy)


def _who(statement: Statement) -> str:
    names = [name for names in statement.principals.values() for name in names]
    conditions = [f"{each.variable} {', '.join(each.values)}" for each in statement.conditions]
    return " with ".join([", ".join(names), *conditions])
