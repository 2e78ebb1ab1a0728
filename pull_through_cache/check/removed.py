"""What a deploy removes from a registry policy, and how to keep it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from pull_through_cache.aws.policies import FIRST_PULL_SIDS, is_first_pull_sid
from pull_through_cache.aws.statements import Statement
from pull_through_cache.check.access import described
from pull_through_cache.check.documents import statement_of, written
from pull_through_cache.check.findings import Finding
from pull_through_cache.check.grants import Document, lacking, statements_of
from pull_through_cache.deployment.access import V1_ACTIONS, RegistryPolicy
from pull_through_cache.files.yaml_writing import yaml_of


def removed_statements(
    document: Document, wanted: Sequence[Statement], policy: RegistryPolicy, where: str, remedy: str
) -> Iterator[Finding]:
    """The statements of the live policy `document` that `wanted`, which replaces it, does not have.

    - `policy`: of the deployment file, to which the findings propose to add the statements.
    - `remedy`: for a statement that an earlier deploy made.
    """
    replacement = {"Statement": [each.document() for each in wanted]}
    foreign: list[tuple[str, Statement | None]] = []
    for number, live in enumerate(statements_of(document), 1):
        statement, name = statement_of(live), str(live.get("Sid") or number)
        if statement is None:
            foreign.append((f"a deploy removes its statement {name}", None))
        elif lost := lacking([replacement], statement):
            cause = f"its statement {name}: {statement.effect} {lost} for {described(statement)}"
            if is_first_pull_sid(name):
                yield Finding(where, f"not in the file: {cause}", remedy)
            else:
                foreign.append((f"a deploy removes {cause}", statement))
    yield from _with_remedy(foreign, policy, where)


def _with_remedy(
    foreign: Sequence[tuple[str, Statement | None]], policy: RegistryPolicy, where: str
) -> Iterator[Finding]:
    problems = [_problem(statement, policy) for _, statement in foreign]
    kept = [statement for (_, statement), problem in zip(foreign, problems, strict=True) if statement and not problem]
    paste = yaml_of(_with(kept, policy))
    for (cause, _), problem in zip(foreign, problems, strict=True):
        if problem:
            remedy = f"write `registry_policy: external`, or remove the statement, which a file cannot have: {problem}"
            yield Finding(where, cause, remedy)
        else:
            remedy = (
                "keep it with the YAML for `registry_policy` that check prints, or write `registry_policy: external`"
            )
            yield Finding(where, cause, remedy, paste=paste)


def _problem(statement: Statement | None, policy: RegistryPolicy) -> str | None:
    """Why the file cannot have a statement; None if it can."""
    if statement is None:
        return "it uses NotAction, NotPrincipal or NotResource"
    try:
        RegistryPolicy.model_validate(_with([statement], policy)["registry_policy"])
    except ValidationError as error:
        return str(error.errors()[0]["msg"]).removeprefix("Value error, ")
    return None


def _with(statements: Sequence[Statement], policy: RegistryPolicy) -> dict[str, Any]:
    """The key `registry_policy` of the file, with more statements."""
    given = policy.model_dump(mode="json", exclude_defaults=True)
    extra = list(given.pop("extra_statements", []))
    taken = {*FIRST_PULL_SIDS, *(each.get("sid", "") for each in extra)}
    for number, statement in enumerate(statements, 1):
        sid = _free_sid(statement.sid, number, taken)
        taken.add(sid)
        extra.append(written(replace(statement, sid=sid)))
    beyond_v1 = any(action not in V1_ACTIONS for each in extra for action in each["actions"])
    scope = {"scope": "V2"} if beyond_v1 else {}
    return {"registry_policy": {"mode": "managed", **given, **scope, "extra_statements": extra}}


def _free_sid(sid: str, number: int, taken: set[str]) -> str:
    """A name of letters and digits that no other statement has."""
    plain = "".join(each for each in sid if each.isascii() and each.isalnum())[:100] or f"Kept{number}"
    while plain in taken:
        plain += "Kept"
    return plain
