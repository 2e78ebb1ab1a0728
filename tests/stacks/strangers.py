"""What policies let a stranger do: the emulator evaluates them for a role of an unknown account.

The stranger's own policies allow everything. What the emulator does not evaluate counts as granted.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from botocore.session import get_session

from emulator.organization import ORGANIZATION_ID, SHARED_SERVICES, STRANGER
from emulator.policies import Policy, evaluate
from emulator.principals import Principal

Json = Mapping[str, Any]
ACTIONS = [f"ecr:{name}" for name in get_session().get_service_model("ecr").operation_names]
REPOSITORY = f"arn:aws:ecr:eu-central-1:{SHARED_SERVICES.id}:repository/quay/app"
_OWN = Policy("identity", "everything", {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})


def stranger(path: str = "") -> Principal:
    """A role of another organization, with every condition key that its requests could carry."""
    arn = f"arn:aws:iam::{STRANGER.id}:role/{path}eks-nodes"
    keys = {
        "PrincipalArn": arn,
        "PrincipalAccount": STRANGER.id,
        "PrincipalOrgID": "o-stranger01",
        "PrincipalOrgPaths": "o-stranger01/r-stra/ou-stra-12345678/",
        "PrincipalTag/team": "platform",
        "PrincipalType": "AssumedRole",
        "userid": "AROAEXAMPLE:session",
        "SourceVpc": "vpc-1",
        "SourceVpce": "vpce-1",
        "SourceIp": "203.0.113.7",
        "SecureTransport": "true",
        "CurrentTime": "2026-01-01T00:00:00Z",
        "RequestedRegion": "eu-central-1",
        "ResourceAccount": SHARED_SERVICES.id,
        "ResourceOrgID": ORGANIZATION_ID,
    }
    return Principal(arn, STRANGER.id, {f"aws:{key}": [value] for key, value in keys.items()})


STRANGERS = [stranger(), stranger(f"a:iam::{SHARED_SERVICES.id}:role/")]


def granted(statement: Json) -> list[str]:
    """The actions that a statement of a resource policy allows to a stranger."""
    conditions = statement.get("Condition", {}).items()
    evaluated = {operator: tests for operator, tests in conditions if _is_evaluated(operator)}
    document = {"Statement": [{**statement, "Resource": "*", "Condition": evaluated}]}
    policies = [_OWN, Policy("repository", "policy", document)]
    return [
        action
        for action in ACTIONS
        for principal in STRANGERS
        if evaluate(action, REPOSITORY, principal, policies, owner=SHARED_SERVICES.id).allowed
    ]


@cache
def _is_evaluated(operator: str) -> bool:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "*", "Condition": {operator: {"aws:SourceVpc": "true"}}}
    policies = [Policy("repository", "policy", {"Statement": [statement]})]
    try:
        evaluate("ecr:PutImage", REPOSITORY, STRANGERS[0], policies, owner=SHARED_SERVICES.id)
    except ValueError:
        return False
    return True


def resource_policies(stack: Any) -> Iterator[Json]:
    """Every statement in the Terraform JSON of a stack that names principals, as JSON of a policy."""
    for statement in _with_principals(stack):
        condition: dict[str, dict[str, list[str]]] = {}
        for each in statement.get("conditions") or statement.get("condition") or []:
            condition.setdefault(each["test"], {}).setdefault(each["variable"], []).extend(each["values"])
        principal: dict[str, list[str]] = {}
        for each in statement["principals"]:
            principal.setdefault(each["type"], []).extend(each["identifiers"])
        effect, actions = statement.get("effect", "Allow"), statement["actions"]
        yield {"Effect": effect, "Principal": principal, "Action": actions, "Condition": condition}
    for name in ("repository_read_access_arns", "repository_read_write_access_arns"):
        for arns in _under(stack, name):
            yield {"Effect": "Allow", "Principal": {"AWS": arns}, "Action": "ecr:*"}


def _with_principals(data: Any) -> Iterator[Json]:
    if isinstance(data, Mapping) and "principals" in data:
        yield data
    for value in _inside(data):
        yield from _with_principals(value)


def _under(data: Any, key: str) -> Iterator[Any]:
    if isinstance(data, Mapping) and isinstance(data.get(key), list):
        yield data[key]
    for value in _inside(data):
        yield from _under(value, key)


def _inside(data: Any) -> Iterable[Any]:
    return data.values() if isinstance(data, Mapping) else data if isinstance(data, list) else ()
