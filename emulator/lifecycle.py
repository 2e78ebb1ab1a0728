"""Lifecycle policies as the Guide describes them. moto lacks transitions and most count types.

"Guide" is the Amazon ECR User Guide. Source: lifecycle_policy_parameters.html and LifecyclePolicies.html. AWS's own texts
are known for only a few of these errors; the other texts are the emulator's.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from emulator.errors import invalid

RULES = 50
WILDCARDS = 4
SINCE = ("sinceImagePushed", "sinceImagePulled", "sinceImageTransitioned")
RULE_KEYS = {"rulePriority": int, "description": str, "selection": dict, "action": dict}
SELECTION_KEYS = {
    "tagStatus": str,
    "tagPatternList": list,
    "tagPrefixList": list,
    "storageClass": str,
    "countType": str,
    "countUnit": str,
    "countNumber": int,
}
ACTION_KEYS = {"type": str, "targetStorageClass": str}
OPTIONAL = {"description", "tagPatternList", "tagPrefixList", "storageClass", "countUnit", "targetStorageClass"}


def check_lifecycle_policy(text: str) -> None:
    """Raise InvalidParameterException unless ECR accepts the policy."""
    problem = next(_problems(text), None)
    if problem:
        raise invalid("LifecyclePolicyText", f"Lifecycle policy validation failure: {problem}")


def _problems(text: str) -> Iterator[str]:
    try:
        policy = json.loads(text)
    except ValueError:
        policy = None
    if not isinstance(policy, dict):
        yield "Could not map policyString into LifecyclePolicy."
        return
    rules = policy.get("rules")
    if not isinstance(rules, list):
        yield 'object has missing required properties (["rules"])'
        return
    if set(policy) != {"rules"} or not 1 <= len(rules) <= RULES:
        yield f"a policy has between 1 and {RULES} rules, and nothing else"
    for rule in rules:
        yield from _shape_problems(rule, RULE_KEYS)
        yield from _shape_problems(rule["selection"], SELECTION_KEYS)
        yield from _shape_problems(rule["action"], ACTION_KEYS)
        yield from _selection_problems(rule["selection"])
        yield from _action_problems(rule["selection"], rule["action"])
    yield from _priority_problems(rules)


def _shape_problems(value: Any, keys: Mapping[str, type]) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f'instance type ({type(value).__name__}) does not match any allowed primitive type (allowed: ["object"])'
        return
    missing = sorted(set(keys) - OPTIONAL - set(value))
    unknown = sorted(set(value) - set(keys))
    if missing:
        yield f"object has missing required properties ({json.dumps(missing)})"
    if unknown:
        yield f"object instance has properties which are not allowed by the schema: ({json.dumps(unknown)})"
    for key, given in value.items():
        if not isinstance(given, keys[key]) or isinstance(given, bool):
            yield f"{key} must be of the type {keys[key].__name__}"


def _selection_problems(selection: dict[str, Any]) -> Iterator[str]:
    yield from _enum_problem(selection, "tagStatus", "tagged", "untagged", "any")
    yield from _enum_problem(selection, "storageClass", "standard", "archive")
    yield from _enum_problem(selection, "countType", "imageCountMoreThan", *SINCE)
    yield from _enum_problem(selection, "countUnit", "days")
    lists = [selection[key] for key in ("tagPatternList", "tagPrefixList") if selection.get(key)]
    if len(lists) != (selection["tagStatus"] == "tagged"):
        yield "tagStatus tagged goes with one of tagPatternList and tagPrefixList, any other status with neither"
    patterns = selection.get("tagPatternList", [])
    if any(str(pattern).count("*") > WILDCARDS for pattern in patterns):
        yield f"a pattern has at most {WILDCARDS} wildcards"
    if any(not isinstance(tag, str) or not tag for tags in lists for tag in tags):
        yield "tags are strings, and not empty"
    if selection["countNumber"] < 1:
        yield "countNumber must be greater than 0"
    if ("countUnit" in selection) != (selection["countType"] in SINCE):
        yield "countUnit goes with the count types sinceImage…, and is needed there"


def _action_problems(selection: dict[str, Any], action: dict[str, Any]) -> Iterator[str]:
    yield from _enum_problem(action, "type", "expire", "transition")
    yield from _enum_problem(action, "targetStorageClass", "archive")
    if ("targetStorageClass" in action) != (action["type"] == "transition"):
        yield "targetStorageClass goes with the action transition, and is needed there"
    archived = selection.get("storageClass") == "archive"
    if selection["countType"] == "sinceImagePulled" and action["type"] != "transition":
        yield "sinceImagePulled goes with the action transition"
    if selection["countType"] == "sinceImageTransitioned" and not archived:
        yield "sinceImageTransitioned goes with the storageClass archive"
    if archived and action["type"] == "transition":
        yield "an archived image cannot be archived again"


def _priority_problems(rules: list[dict[str, Any]]) -> Iterator[str]:
    priorities = [rule["rulePriority"] for rule in rules]
    if len(set(priorities)) < len(priorities):
        yield "rulePriority must be unique"
    if min(priorities) < 1:
        yield "rulePriority must be greater than 0"
    for storage_class in ("standard", "archive"):
        ofclass = [rule for rule in rules if rule["selection"].get("storageClass", "standard") == storage_class]
        for status in ("untagged", "any"):
            if [rule["selection"]["tagStatus"] for rule in ofclass].count(status) > 1:
                yield f"a storage class has one rule for {status} images"
        last = max(ofclass, key=lambda rule: int(rule["rulePriority"]), default=None)
        if any(rule["selection"]["tagStatus"] == "any" and rule is not last for rule in ofclass):
            yield "the rule for any images must have the highest rulePriority of its storage class"


def _enum_problem(value: dict[str, Any], key: str, *allowed: str) -> Iterator[str]:
    if key in value and value[key] not in allowed:
        yield f"instance value ({value[key]}) not found in enum (possible values: {json.dumps(allowed)})"
