"""Lifecycle policies: which cached images expire. Source: Guide, LifecyclePolicies.html and lifecycle_policy_parameters.html."""

import json
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, ValidationInfo, field_validator

from pull_through_cache.aws.quotas import MAX_LIFECYCLE_POLICY
from pull_through_cache.deployment.model import Model, repeated
from pull_through_cache.deployment.values import Count


class Lifecycle(Model):
    """Which cached images expire. `keep_last` and `expire_after_days` exclude each other."""

    keep_last: Annotated[Count | None, Field(description="How many images each repository keeps.", examples=[20])] = (
        None
    )
    expire_after_days: Annotated[
        Count | None, Field(description="Days after which an image expires that was pushed.", examples=[90])
    ] = None
    expire_untagged_after_days: Annotated[
        Count | None, Field(description="Days after which an untagged image expires.", examples=[14])
    ] = None
    policy: Annotated[
        str | None,
        Field(
            max_length=MAX_LIFECYCLE_POLICY,
            description="A lifecycle policy of your own, as JSON, instead of the others.",
            examples=["'{\"rules\": […]}'"],
        ),
    ] = None

    @field_validator("expire_after_days")
    @classmethod
    def _expire_after_days(cls, days: int | None, info: ValidationInfo) -> int | None:
        # Guide, LifecyclePolicies.html: a rule for any tag status stands alone, at the end.
        if days and info.data.get("keep_last"):
            raise ValueError(
                "cannot stand beside keep_last, as ECR takes one rule for all images; write one of the two"
            )
        return days

    @field_validator("policy")
    @classmethod
    def _policy(cls, policy: str | None, info: ValidationInfo) -> str | None:
        if policy is None:
            return None
        if any(info.data.values()):
            raise ValueError("stands instead of the other keys; write either it or them")
        try:
            document = json.loads(policy, parse_constant=_no_number)
        except (ValueError, RecursionError) as error:
            raise ValueError(f"is not JSON ({error}); write a lifecycle policy as ECR has it") from error
        wrong = _wrong_with(document)
        if wrong:
            raise ValueError(f"is not a lifecycle policy that ECR takes: {wrong}")
        return policy

    def document(self) -> str | None:
        """The lifecycle policy as JSON; None where nothing expires."""
        if self.policy:
            return json.dumps(json.loads(self.policy), sort_keys=True)
        rules = []
        if self.expire_untagged_after_days:
            rules.append(_expire("untagged images", "untagged", sinceImagePushed=self.expire_untagged_after_days))
        if self.expire_after_days:
            rules.append(_expire("old images", "any", sinceImagePushed=self.expire_after_days))
        if self.keep_last:
            rules.append(_expire("all but the newest images", "any", imageCountMoreThan=self.keep_last))
        numbered = [{"rulePriority": priority, **rule} for priority, rule in enumerate(rules, 1)]
        return json.dumps({"rules": numbered}, sort_keys=True) if rules else None

    @property
    def expires_untagged_images(self) -> bool:
        """Whether a rule is for untagged images alone."""
        rules = json.loads(self.document() or '{"rules": []}')["rules"]
        return any(rule["selection"]["tagStatus"] == "untagged" for rule in rules)


def _expire(what: str, tag_status: str, **count: int) -> dict[str, Any]:
    [(count_type, number)] = count.items()
    selection: dict[str, Any] = {"tagStatus": tag_status, "countType": count_type, "countNumber": number}
    if count_type == "sinceImagePushed":
        selection["countUnit"] = "days"
    return {"description": f"Expire {what}", "selection": selection, "action": {"type": "expire"}}


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is not a number")


def _wrong_with(document: Any) -> str | None:
    """The first thing that ECR would refuse in a lifecycle policy, and what to write."""
    rules = document.get("rules") if isinstance(document, Mapping) else None
    if not isinstance(rules, list) or not rules:
        return "it has no rules; write a list of `rules`"
    for index, rule in enumerate(rules):
        wrong = _wrong_with_rule(rule)
        if wrong:
            return f"rules[{index}] {wrong}"
    priorities = [rule["rulePriority"] for rule in rules]
    for priority in repeated(priorities):
        return f"two rules have rulePriority {priority}; write another"
    for_all = [rule["rulePriority"] for rule in rules if rule["selection"]["tagStatus"] == "any"]
    if for_all and (len(for_all) > 1 or for_all[0] != max(priorities)):
        return "a rule with tagStatus any is not the one and last; write the highest rulePriority there"
    return None


def _wrong_with_rule(rule: Any) -> str | None:
    if not isinstance(rule, Mapping) or not all(isinstance(rule.get(key), Mapping) for key in ("selection", "action")):
        return "is not a rule; write rulePriority, selection and action"
    selection, priority = rule["selection"], rule.get("rulePriority")
    if not _is_count(priority):
        return "has no rulePriority; write a whole number from 1 on"
    if selection.get("tagStatus") not in ("tagged", "untagged", "any"):
        return "has no tagStatus in selection; write tagged, untagged or any"
    if selection["tagStatus"] == "tagged" and not (selection.get("tagPrefixList") or selection.get("tagPatternList")):
        return "does not say which tags; write tagPatternList in selection"
    if not isinstance(selection.get("countType"), str) or not _is_count(selection.get("countNumber")):
        return "has no countType or no countNumber in selection; write both"
    if selection["countType"] != "imageCountMoreThan" and selection.get("countUnit") != "days":
        return "has no countUnit in selection; write days"
    if rule["action"].get("type") not in ("expire", "transition"):
        return "has no type in action; write expire"
    return None


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1
