"""Settings of the repositories that a first pull makes: what their creation template says."""

import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, StrictInt, ValidationInfo, field_validator

from pull_through_cache.forms import FunctionArn, KmsKeyArn, PrincipalArn, Region, RoleArn, Text
from pull_through_cache.statements import Statement
from pull_through_cache.validation import Model


class Encryption(Model):
    """How images are encrypted. Only for repositories that are made later."""

    type: Annotated[Literal["AES256", "KMS"], Field(description="AES256, or KMS.", examples=["KMS"])] = "AES256"
    kms_key_arn: Annotated[
        KmsKeyArn | Mapping[Region, KmsKeyArn] | None,
        Field(
            validate_default=True,
            description="The KMS key, which is in the registry's Region; with several Regions a key for each.",
            examples=["arn:aws:kms:eu-central-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef"],
        ),
    ] = None

    @field_validator("kms_key_arn")
    @classmethod
    def _kms_key_arn(cls, kms_key_arn: Any, info: ValidationInfo) -> Any:
        kms = info.data.get("type") == "KMS"
        if kms_key_arn and not kms:
            raise ValueError("is for KMS; write `type: KMS` beside it, or take it out")
        if kms and not kms_key_arn:
            raise ValueError("is missing; write the ARN of the KMS key")
        return kms_key_arn


class Lifecycle(Model):
    """Which cached images expire. `keep_last` and `expire_after_days` exclude each other."""

    keep_last: Annotated[
        StrictInt | None, Field(ge=1, description="How many images each repository keeps.", examples=[20])
    ] = None
    expire_after_days: Annotated[
        StrictInt | None, Field(ge=1, description="Days after which an image expires that was pushed.", examples=[90])
    ] = None
    expire_untagged_after_days: Annotated[
        StrictInt | None, Field(ge=1, description="Days after which an untagged image expires.", examples=[14])
    ] = None
    policy: Annotated[
        str | None,
        Field(
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
            rules = json.loads(policy)["rules"]
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"is not a lifecycle policy ({error}); write JSON with `rules`") from error
        if not isinstance(rules, list):
            raise ValueError("is not a lifecycle policy; write JSON with a list of `rules`")
        if "${" in policy or "%{" in policy:
            raise ValueError("holds '${' or '%{', which Terraform would evaluate; write it without")
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


def _expire(what: str, tag_status: str, **count: int) -> dict[str, Any]:
    [(count_type, number)] = count.items()
    selection: dict[str, Any] = {"tagStatus": tag_status, "countType": count_type, "countNumber": number}
    if count_type == "sinceImagePushed":
        selection["countUnit"] = "days"
    return {"description": f"Expire {what}", "selection": selection, "action": {"type": "expire"}}


class RepositorySettings(Model):
    """Settings of cached repositories. They shape the repositories that are made later, not those that are there."""

    image_tag_mutability: Annotated[
        Literal["MUTABLE", "IMMUTABLE", "MUTABLE_WITH_EXCLUSION", "IMMUTABLE_WITH_EXCLUSION"],
        Field(description="Whether a tag may move. ECR never refreshes an immutable one.", examples=["MUTABLE"]),
    ] = "MUTABLE"
    image_tag_mutability_exclusion_filters: Annotated[
        tuple[Annotated[str, Field(pattern=r"^[0-9A-Za-z._*-]{1,128}$")], ...],
        Field(
            max_length=5,
            description="Tags, with `*` as wildcard, that are excepted; up to five. For the two values of "
            "`image_tag_mutability` that end in `_WITH_EXCLUSION`; needs version 3.1 of the ECR module.",
            examples=["['latest*']"],
        ),
    ] = ()
    encryption: Annotated[Encryption, Field(description="How images are encrypted.", examples=["{type: AES256}"])] = (
        Encryption()
    )
    tags: Annotated[
        Mapping[Text, Text], Field(description="Tags of the repositories.", examples=["{team: platform}"])
    ] = {}
    lifecycle: Annotated[Lifecycle, Field(description="Which images expire.", examples=["{keep_last: 20}"])] = (
        Lifecycle()
    )
    read_access: Annotated[
        tuple[PrincipalArn, ...],
        Field(
            description="Who else may pull what is cached, by ARN.",
            examples=["[arn:aws:iam::210987654321:role/scanner]"],
        ),
    ] = ()
    read_write_access: Annotated[
        tuple[PrincipalArn, ...],
        Field(description="Who may push too, by ARN.", examples=["[arn:aws:iam::123456789012:role/seeder]"]),
    ] = ()
    lambda_read_access: Annotated[
        tuple[FunctionArn, ...],
        Field(
            description="Lambda functions that may use cached images, by ARN.",
            examples=["['arn:aws:lambda:eu-central-1:123456789012:function:*']"],
        ),
    ] = ()
    statements: Annotated[
        tuple[Statement, ...],
        Field(
            description="More statements for the repository policy.",
            examples=[
                "[{sid: Audit, actions: [ecr:DescribeImages], principals: {AWS: ['arn:aws:iam::123456789012:root']}}]"
            ],
        ),
    ] = ()
    applied_for: Annotated[
        tuple[Literal["PULL_THROUGH_CACHE", "REPLICATION", "CREATE_ON_PUSH"], ...],
        Field(
            min_length=1,
            description="What makes repositories from the template.",
            examples=["[PULL_THROUGH_CACHE, REPLICATION]"],
        ),
    ] = ("PULL_THROUGH_CACHE",)
    description: Annotated[
        Text | None,
        Field(max_length=256, description="Of the template. Default: the upstream's host.", examples=["Docker Hub"]),
    ] = None
    role_arn: Annotated[
        RoleArn | None,
        Field(
            description="Role with which ECR sets tags and uses the KMS key. Default: one is made where it is needed.",
            examples=["arn:aws:iam::123456789012:role/ecr-templates"],
        ),
    ] = None

    @field_validator("image_tag_mutability_exclusion_filters")
    @classmethod
    def _exclusion_filters(cls, filters: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if filters and not info.data.get("image_tag_mutability", "_WITH_EXCLUSION").endswith("_WITH_EXCLUSION"):
            raise ValueError("needs image_tag_mutability MUTABLE_WITH_EXCLUSION or IMMUTABLE_WITH_EXCLUSION; write one")
        return filters

    @field_validator("statements")
    @classmethod
    def _statements(cls, statements: tuple[Statement, ...]) -> tuple[Statement, ...]:
        for statement in statements:
            if statement.resources:
                raise ValueError(f"{statement.sid} has `resources`, which repository policies refuse; take them out")
        return statements

    def overridden_by(self, other: "RepositorySettings") -> "RepositorySettings":
        """These settings, with those that `other` gives explicitly in their place."""
        return self.model_copy(update={name: getattr(other, name) for name in other.model_fields_set})

    @property
    def needs_role(self) -> bool:
        """Whether ECR needs a role to make the repositories. Guide: repository-creation-templates.html."""
        return bool(self.tags) or self.encryption.type == "KMS"
