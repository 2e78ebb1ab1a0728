"""Settings of the repositories that a first pull makes: what their creation template says."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator

from pull_through_cache.aws.policies import MODULE_SIDS, PULLER_KINDS
from pull_through_cache.deployment.lifecycle import Lifecycle
from pull_through_cache.deployment.model import Model, refuse, repeated
from pull_through_cache.deployment.statements import PolicyStatement, ambiguous_sids
from pull_through_cache.deployment.values import (
    Form,
    FunctionArn,
    InRegions,
    KmsKeyArn,
    PrincipalArn,
    RoleArn,
    TagKey,
    TagValue,
)
from pull_through_cache.files.problems import Place

AppliedFor = Literal["PULL_THROUGH_CACHE", "REPLICATION", "CREATE_ON_PUSH"]


class Encryption(Model):
    """How images are encrypted. Only for repositories that are made later."""

    type: Annotated[Literal["AES256", "KMS"], Field(description="AES256, or KMS.", examples=["KMS"])] = "AES256"
    kms_key_arn: Annotated[
        InRegions[KmsKeyArn] | None,
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


class RepositorySettings(Model):
    """Settings of cached repositories. They shape the repositories that are made later, not those that are there."""

    image_tag_mutability: Annotated[
        Literal["MUTABLE", "IMMUTABLE", "MUTABLE_WITH_EXCLUSION", "IMMUTABLE_WITH_EXCLUSION"],
        Field(description="Whether a tag may move. ECR never refreshes an immutable one.", examples=["MUTABLE"]),
    ] = "MUTABLE"
    image_tag_mutability_exclusion_filters: Annotated[
        tuple[
            Annotated[
                str,
                Form(
                    r"(?!(.*\*){3})[0-9A-Za-z._*-]{1,128}",
                    "is not a filter of tags; write up to 128 letters, digits and ._-, with `*` twice at most",
                ),
            ],
            ...,
        ],
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
        Mapping[TagKey, TagValue],
        Field(max_length=50, description="Tags of the repositories, up to 50.", examples=["{team: platform}"]),
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
        tuple[PolicyStatement, ...],
        Field(
            description="More statements for the repository policy.",
            examples=[
                "[{sid: Audit, actions: [ecr:DescribeImages], principals: {AWS: ['arn:aws:iam::123456789012:root']}}]"
            ],
        ),
    ] = ()
    applied_for: Annotated[
        tuple[AppliedFor, ...],
        Field(
            min_length=1,
            description="What makes repositories from the template. CREATE_ON_PUSH needs version 6 of the AWS provider.",
            examples=["[PULL_THROUGH_CACHE, REPLICATION]"],
        ),
    ] = ("PULL_THROUGH_CACHE",)
    description: Annotated[
        str | None,
        Field(max_length=256, description="Of the template. Default: the upstream's host.", examples=["Docker Hub"]),
    ] = None
    role_arn: Annotated[
        RoleArn | None,
        Field(
            description="Role with which ECR sets tags and uses the KMS key. Default: one is made where it is needed.",
            examples=["arn:aws:iam::123456789012:role/ecr-templates"],
        ),
    ] = None

    @field_validator("statements")
    @classmethod
    def _statements(cls, statements: tuple[PolicyStatement, ...]) -> tuple[PolicyStatement, ...]:
        refuse(ambiguous_sids(statements, [*MODULE_SIDS, *(f"AllowReadFrom{whom}" for whom in PULLER_KINDS)]))
        refuse(
            ((index, "resources"), "are refused in repository policies, which are about one; take them out")
            for index, statement in enumerate(statements)
            if statement.resources
        )
        return statements

    @field_validator("applied_for")
    @classmethod
    def _applied_for(cls, applied_for: tuple[AppliedFor, ...]) -> tuple[AppliedFor, ...]:
        for what in repeated(applied_for):
            raise ValueError(f"{what} stands here twice; write it once")
        if "PULL_THROUGH_CACHE" not in applied_for:
            raise ValueError("leaves cached repositories without these settings; write PULL_THROUGH_CACHE too")
        return applied_for

    def overridden_by(self, other: "RepositorySettings") -> "RepositorySettings":
        """These settings, with those that `other` gives explicitly in their place."""
        return self.model_copy(update={name: getattr(other, name) for name in other.model_fields_set})

    @property
    def needs_role(self) -> bool:
        """Whether ECR needs a role to make the repositories. Guide: repository-creation-templates.html."""
        return bool(self.tags) or self.encryption.type == "KMS"

    def contradictions(self) -> Iterator[tuple[Place, str]]:
        """What ECR refuses in the settings as they count for an upstream: its own and the registry's together."""
        # API, CreateRepositoryCreationTemplate: imageTagMutabilityExclusionFilters.
        name, with_exclusion = "image_tag_mutability_exclusion_filters", "_WITH_EXCLUSION"
        if self.image_tag_mutability_exclusion_filters and not self.image_tag_mutability.endswith(with_exclusion):
            yield (name,), f"need `image_tag_mutability` to end in {with_exclusion}; write it so, or take them out"
        if self.image_tag_mutability.endswith(with_exclusion) and not self.image_tag_mutability_exclusion_filters:
            yield ("image_tag_mutability",), f"{self.image_tag_mutability} needs filters; write `{name}: ['latest*']`"
