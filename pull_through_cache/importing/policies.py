"""Who may pull: the policies of the templates and of the registry, as a deployment file has them.

A policy that this project made is read back as `pull_access` and the settings that gave it. Every other policy is kept
statement by statement.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from pull_through_cache.aws.actions import PULL, PULL_OF_THE_POST
from pull_through_cache.aws.policies import Pullers, module_policy, repository_policy
from pull_through_cache.aws.statements import Statement
from pull_through_cache.check.documents import statement_of
from pull_through_cache.check.grants import statements_of

_ACTIONS = {"pull": PULL, "post": PULL_OF_THE_POST}


class Policy(NamedTuple):
    """A policy in AWS.

    - `statements`: those that this project can write.
    - `losses`: what it cannot write, in words.
    """

    statements: list[Statement]
    losses: list[str]


def policy_of(text: str | None) -> Policy:
    """The policy with this JSON; without statements if there is none."""
    if not text:
        return Policy([], [])
    document = json.loads(text)
    statements, losses = [], []
    for number, each in enumerate(statements_of(document), 1):
        if statement := statement_of(each):
            everyone = each.get("Principal") == "*"  # the same as {"AWS": "*"}, but not for Terraform
            statements.append(replace(statement, principals={"*": ("*",)}) if everyone else statement)
        else:
            losses.append(f"its statement {each.get('Sid') or number} uses NotAction, NotPrincipal or NotResource")
    version = document.get("Version", "2008-10-17")
    if version != "2012-10-17":
        losses.append(f"its version is {version}, and this project writes 2012-10-17")
    if "Id" in document:
        losses.append("it has an Id")
    return Policy(statements, losses)


def rest(statements: Sequence[Statement], made: Iterable[Statement]) -> list[Statement] | None:
    """The statements beside those that this project makes; None if one of those is missing."""
    ours = {_normal(each) for each in made}
    live = {_normal(each): each for each in statements}
    return [each for normal, each in live.items() if normal not in ours] if ours <= live.keys() else None


def settings_of_policy(
    policy: Policy, account_root: str, pullers: Pullers, actions: str
) -> tuple[dict[str, Any], list[Statement]] | None:
    """The settings of repositories that give `policy` for these pullers, and its other statements; None if none do.

    - `actions`: `pull` or `post`.
    """
    by_sid = {each.sid: each for each in policy.statements}
    writers = principals_of(by_sid.get("ReadWrite"))
    named = (account_root, *writers)
    readers = [name for name in principals_of(by_sid.get("PrivateReadOnly")) if name not in named]
    functions = values_of(by_sid.get("PrivateLambdaReadOnly"))
    made = module_policy(account_root=account_root, readers=readers, writers=writers, functions=functions)
    others = rest(policy.statements, [*made, *repository_policy(pullers, actions=_ACTIONS[actions])])
    if others is None:
        return None
    settings = {"read_access": readers, "read_write_access": writers, "lambda_read_access": functions}
    return {name: value for name, value in settings.items() if value}, others


def values_of(statement: Statement | None) -> list[str]:
    """The values of a statement's conditions."""
    return [value for condition in (statement.conditions if statement else ()) for value in condition.values]


def principals_of(statement: Statement | None) -> list[str]:
    """The principals of a statement that are accounts, roles or users."""
    return list(statement.principals.get("AWS", ())) if statement else []


def _normal(statement: Statement) -> tuple[object, ...]:
    """Equal for statements that differ only in order, or in how they name an account."""
    principals: Mapping[Any, Iterable[str]] = statement.principals
    return (
        statement.sid,
        statement.effect,
        frozenset(statement.actions),
        frozenset(statement.resources),
        frozenset((kind, frozenset(map(_account_root, names))) for kind, names in principals.items()),
        frozenset((each.test, each.variable, frozenset(each.values)) for each in statement.conditions),
    )


def _account_root(name: str) -> str:
    return f"arn:aws:iam::{name}:root" if re.fullmatch("[0-9]{12}", name) else name
