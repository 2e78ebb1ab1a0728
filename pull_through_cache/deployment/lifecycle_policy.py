"""Lifecycle policies as ECR accepts them.

Source: Amazon ECR User Guide, lifecycle_policy_parameters.html, lifecycle_policy_examples.html and LifecyclePolicies.html.
"""

# ruff: noqa: N815 - the fields have the names of ECR's keys

import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field, GetJsonSchemaHandler, ValidationInfo, field_validator, model_validator
from pydantic_core import CoreSchema

from pull_through_cache.aws.quotas import MAX_LIFECYCLE_POLICY, MAX_LIFECYCLE_RULES
from pull_through_cache.deployment.model import Model, Problems, duplicates, raise_problems
from pull_through_cache.deployment.values.text import Count, TextPattern

TagPattern = Annotated[
    str,
    TextPattern(
        r"(?!(.*\*){5})[A-Za-z0-9._*-]{1,128}",
        "is not a pattern of image tags; write up to 128 letters, digits and ._-, with at most four `*`",
    ),
]
TagPrefix = Annotated[
    str,
    TextPattern(
        r"[A-Za-z0-9._-]{1,128}",
        "is not the beginning of an image tag; write up to 128 letters, digits and ._-",
    ),
]


class LifecycleSelection(Model):
    """The images that a rule is for."""

    tagStatus: Annotated[
        Literal["tagged", "untagged", "any"], Field(description="Images by their tags.", examples=["any"])
    ]
    tagPrefixList: Annotated[
        tuple[TagPrefix, ...] | None,
        Field(description="For `tagged`: beginnings of tags. An image must have a tag for each.", examples=["[prod]"]),
    ] = None
    tagPatternList: Annotated[
        tuple[TagPattern, ...] | None,
        Field(
            validate_default=True,
            description="For `tagged`: patterns of tags with `*`. An image must have a tag for each.",
            examples=["['prod*']"],
        ),
    ] = None
    storageClass: Annotated[
        Literal["standard", "archive"] | None, Field(description="Default: standard.", examples=["archive"])
    ] = None
    countType: Annotated[
        Literal["imageCountMoreThan", "sinceImagePushed", "sinceImagePulled", "sinceImageTransitioned"],
        Field(description="What is counted: images, or days since an event.", examples=["sinceImagePushed"]),
    ]
    countUnit: Annotated[
        Literal["days"] | None,
        Field(
            validate_default=True, description="For every `countType` except `imageCountMoreThan`.", examples=["days"]
        ),
    ] = None
    countNumber: Annotated[Count, Field(description="How many images or days.", examples=[30])]

    @field_validator("tagPrefixList", "tagPatternList")
    @classmethod
    def _only_for_tagged(cls, tags: Sequence[str] | None, info: ValidationInfo) -> Sequence[str] | None:
        if tags is not None and info.data.get("tagStatus") in ("untagged", "any"):
            raise ValueError("is for `tagStatus: tagged`; write that, or delete this key")
        if tags is not None and not tags:
            raise ValueError("is empty; write at least one tag")
        return tags

    @field_validator("tagPatternList")
    @classmethod
    def _one_list(cls, patterns: Sequence[str] | None, info: ValidationInfo) -> Sequence[str] | None:
        prefixes = info.data.get("tagPrefixList")
        if info.data.get("tagStatus") == "tagged" and "tagPrefixList" in info.data:
            if patterns is None and prefixes is None:
                raise ValueError("is missing; write the tags, for example `tagPatternList: ['*']`")
            if patterns is not None and prefixes is not None:
                raise ValueError("excludes tagPrefixList; delete one of the two")
        return patterns

    @field_validator("countType")
    @classmethod
    def _count_type(cls, count_type: str, info: ValidationInfo) -> str:
        if count_type == "sinceImageTransitioned" and info.data.get("storageClass") != "archive":
            raise ValueError("sinceImageTransitioned counts archived images; add `storageClass: archive`")
        return count_type

    @field_validator("countUnit")
    @classmethod
    def _count_unit(cls, unit: str | None, info: ValidationInfo) -> str | None:
        count_type = info.data.get("countType")
        if unit and count_type == "imageCountMoreThan":
            raise ValueError("is for days, and imageCountMoreThan counts images; delete this key")
        if not unit and count_type and count_type != "imageCountMoreThan":
            raise ValueError("is missing; write `countUnit: days`")
        return unit


class LifecycleAction(Model):
    """What happens to the images."""

    type: Annotated[
        Literal["expire", "transition"],
        Field(description="`expire` deletes, `transition` archives.", examples=["expire"]),
    ]
    targetStorageClass: Annotated[
        Literal["archive"] | None,
        Field(validate_default=True, description="For `transition`.", examples=["archive"]),
    ] = None

    @field_validator("targetStorageClass")
    @classmethod
    def _target(cls, target: str | None, info: ValidationInfo) -> str | None:
        kind = info.data.get("type")
        if kind == "transition" and not target:
            raise ValueError("is missing; write `targetStorageClass: archive`")
        if kind == "expire" and target:
            raise ValueError("is for `type: transition`; write that, or delete this key")
        return target


class LifecycleRule(Model):
    """One rule of a lifecycle policy."""

    rulePriority: Annotated[Count, Field(description="ECR applies the lowest first.", examples=[1])]
    description: Annotated[str | None, Field(description="What the rule is for.", examples=["Keep the newest"])] = None
    selection: Annotated[
        LifecycleSelection,
        Field(
            description="The images.",
            examples=["{tagStatus: any, countType: imageCountMoreThan, countNumber: 30}"],
        ),
    ]
    action: Annotated[LifecycleAction, Field(description="What happens to them.", examples=["{type: expire}"])]

    @field_validator("action")
    @classmethod
    def _action(cls, action: LifecycleAction, info: ValidationInfo) -> LifecycleAction:
        selection = info.data.get("selection")
        if selection and selection.countType == "sinceImagePulled" and action.type == "expire":
            message = "expire does not go with sinceImagePulled; write transition, or count sinceImagePushed"
            raise_problems([(("type",), message)])
        return action


class LifecyclePolicy(Model):
    """A lifecycle policy with the keys of ECR: as YAML, or as text that holds the policy's JSON."""

    rules: Annotated[
        tuple[LifecycleRule, ...],
        Field(
            min_length=1,
            max_length=MAX_LIFECYCLE_RULES,
            description="The rules.",
            examples=[
                "[{rulePriority: 1, selection: {tagStatus: any, countType: imageCountMoreThan, countNumber: 30}, "
                "action: {type: expire}}]"
            ],
        ),
    ]

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [{"type": "string"}, handler(schema)]}

    @model_validator(mode="before")
    @classmethod
    def _json(cls, data: Any) -> Any:
        if not isinstance(data, str):
            return data
        try:
            policy = json.loads(data, parse_constant=_no_number)
        except (ValueError, RecursionError) as error:
            raise ValueError(f"is not JSON ({error}); write a lifecycle policy with the keys of ECR") from error
        if not isinstance(policy, Mapping):
            raise ValueError('holds no `rules`; write {"rules": […]}')
        return policy

    @field_validator("rules")
    @classmethod
    def _rules(cls, rules: tuple[LifecycleRule, ...]) -> tuple[LifecycleRule, ...]:
        raise_problems(_conflicts(rules))
        return rules

    @model_validator(mode="after")
    def _length(self) -> "LifecyclePolicy":
        if len(self.json_text) > MAX_LIFECYCLE_POLICY:
            raise ValueError(f"has {len(self.json_text):,} characters; write {MAX_LIFECYCLE_POLICY:,} at most")
        return self

    @property
    def json_text(self) -> str:
        """The policy as JSON."""
        return json.dumps(self.model_dump(exclude_none=True), sort_keys=True)

    @property
    def archives(self) -> bool:
        """Whether a rule archives images."""
        return any(rule.action.type == "transition" for rule in self.rules)


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is not a number")


def _conflicts(rules: Sequence[LifecycleRule]) -> Problems:
    """Rules that ECR does not accept in the same policy."""
    priorities = [rule.rulePriority for rule in rules]
    for priority in duplicates(priorities):
        index = len(rules) - 1 - priorities[::-1].index(priority)
        yield (index, "rulePriority"), f"{priority} is the priority of another rule; write another number"
    for_all: dict[tuple[str, str], int] = {}
    highest: dict[str, int] = {}
    for rule in rules:
        storage = rule.selection.storageClass or "standard"
        highest[storage] = max(highest.get(storage, 0), rule.rulePriority)
    for index, rule in enumerate(rules):
        status, storage = rule.selection.tagStatus, rule.selection.storageClass or "standard"
        if status == "tagged":
            continue
        first = for_all.setdefault((status, storage), index)
        if first != index:
            message = f"{status} is the tagStatus of rules[{first}]; ECR accepts one such rule for a storage class"
            yield (index, "selection", "tagStatus"), f"{message}: delete one of the two"
        elif status == "any" and rule.rulePriority != highest[storage]:
            message = "must be the highest: `tagStatus: any` comes last"
            yield (index, "rulePriority"), f"{message}; write a number above {highest[storage]}"
