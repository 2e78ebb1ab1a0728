"""Settings of cached repositories, for their creation template. "Guide" is the Amazon ECR User Guide."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, StrictBool, Tag, ValidationInfo, field_validator

from pull_through_cache.aws.policies import MODULE_SIDS, PULLER_KINDS
from pull_through_cache.aws.quotas import MAX_TEMPLATE_DESCRIPTION
from pull_through_cache.deployment.lifecycle import Lifecycle
from pull_through_cache.deployment.model import Model, Problems, duplicates, raise_problems
from pull_through_cache.deployment.statements import PolicyStatement, ambiguous_sids
from pull_through_cache.deployment.values.ecr import FunctionArn, KmsKeyArn, TagFilter
from pull_through_cache.deployment.values.iam import PrincipalArn, RoleArn
from pull_through_cache.deployment.values.regions import (
    ONE_VALUE,
    VALUE_PER_REGION,
    VARIABLE,
    ByRegion,
    Region,
    in_region,
)
from pull_through_cache.deployment.values.tags import TagKey, TagValue
from pull_through_cache.deployment.values.terraform import VariableName
from pull_through_cache.deployment.values.text import MaxBytes

AppliedFor = Literal["PULL_THROUGH_CACHE", "REPLICATION", "CREATE_ON_PUSH"]


class KmsKeyVariable(Model):
    """A KMS key that a Terraform variable names, for a key that other Terraform makes.

    The stacks declare the variable. Its value is the ARN of a key, in the stack's own Region.
    """

    variable: Annotated[
        VariableName,
        Field(
            description="Name of the Terraform variable. Each stack of the registry has it.", examples=["images_key"]
        ),
    ]


def _kind_of_key(given: Any) -> str:
    if isinstance(given, KmsKeyVariable) or (isinstance(given, Mapping) and "variable" in given):
        return VARIABLE
    return VALUE_PER_REGION if isinstance(given, Mapping) else ONE_VALUE


KmsKey = Annotated[
    Annotated[KmsKeyArn, Tag(ONE_VALUE)]
    | Annotated[Mapping[Region, KmsKeyArn], Tag(VALUE_PER_REGION)]
    | Annotated[KmsKeyVariable, Tag(VARIABLE)],
    Discriminator(_kind_of_key),
]


class Encryption(Model):
    """How images are encrypted. This affects only repositories that are created later."""

    type: Annotated[Literal["AES256", "KMS"], Field(description="AES256, or KMS.", examples=["KMS"])] = "AES256"
    kms_key_arn: Annotated[
        KmsKey | None,
        Field(
            description="The KMS key, in the registry's Region; with several Regions, a key for each. `{variable: <name>}` for "
            "a Terraform variable with its ARN, which each stack gets as a value of its own. Default: AWS's own "
            "key aws/ecr, which needs a `role_arn` because the role that the module makes is for a key of yours.",
            examples=["arn:aws:kms:eu-central-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef"],
        ),
    ] = None

    @field_validator("kms_key_arn")
    @classmethod
    def _kms_key_arn(cls, kms_key_arn: Any, info: ValidationInfo) -> Any:
        if kms_key_arn and info.data.get("type") == "AES256":
            raise ValueError("is for KMS; add `type: KMS`, or delete this key")
        return kms_key_arn

    @property
    def variable(self) -> str | None:
        """The name of the Terraform variable with the key's ARN, if it is in one."""
        return self.kms_key_arn.variable if isinstance(self.kms_key_arn, KmsKeyVariable) else None

    def key_in(self, region: str, *, of_variable: str | None = None) -> str | None:
        """The ARN of the key in a Region. `of_variable` is the value of its variable, if it is in one."""
        if isinstance(self.kms_key_arn, KmsKeyVariable):
            return of_variable
        return in_region(self.kms_key_arn, region)


class RepositorySettings(Model):
    """Settings of cached repositories. Without `existing`, they affect only repositories that are created later."""

    existing: Annotated[
        Literal["unmanaged", "managed"],
        Field(
            description="Who sets the repository policy and the lifecycle policy of repositories that exist already. "
            "`unmanaged`: you, with `settle`. `managed`: Terraform, which replaces their policies, and deletes them if you "
            "set `unmanaged` again: see operating.md. A cache with the prefix `ROOT` must be `unmanaged`.",
            examples=["managed"],
        ),
    ] = "unmanaged"
    image_tag_mutability: Annotated[
        Literal["MUTABLE", "IMMUTABLE", "MUTABLE_WITH_EXCLUSION", "IMMUTABLE_WITH_EXCLUSION"],
        Field(description="Whether a tag may move. ECR never refreshes an immutable one.", examples=["MUTABLE"]),
    ] = "MUTABLE"
    image_tag_mutability_exclusion_filters: Annotated[
        tuple[
            TagFilter,
            ...,
        ],
        Field(
            max_length=5,
            description="Up to five exceptions: tags with `*` as a wildcard. For the two values of "
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
            description="Principals that may also pull cached images, by ARN.",
            examples=["[arn:aws:iam::210987654321:role/scanner]"],
        ),
    ] = ()
    read_write_access: Annotated[
        tuple[PrincipalArn, ...],
        Field(
            description="Principals that may also pull and push, by ARN.",
            examples=["[arn:aws:iam::123456789012:role/seeder]"],
        ),
    ] = ()
    lambda_read_access: Annotated[
        tuple[FunctionArn, ...],
        Field(
            description="Lambda functions that may use cached images, by ARN.",
            examples=["['arn:aws:lambda:eu-central-1:123456789012:function:*']"],
        ),
    ] = ()
    statements_only: Annotated[
        StrictBool,
        Field(
            description="Whether the repository policy contains only `statements`: nothing for `pull_access`, and nothing "
            "for the registry's own account, whose identity policies decide. Without `statements`, there is no policy.",
            examples=["true"],
        ),
    ] = False
    statements: Annotated[
        tuple[PolicyStatement, ...],
        Field(
            description="More statements of the repository policy.",
            examples=[
                "[{sid: Audit, actions: [ecr:DescribeImages], principals: {AWS: ['arn:aws:iam::123456789012:root']}}]"
            ],
        ),
    ] = ()
    applied_for: Annotated[
        tuple[AppliedFor, ...],
        Field(
            min_length=1,
            description="What creates repositories with these settings. CREATE_ON_PUSH needs version 6.28.0 of the AWS "
            "provider, which the constraint then requires.",
            examples=["[PULL_THROUGH_CACHE, REPLICATION]"],
        ),
    ] = ("PULL_THROUGH_CACHE",)
    description: Annotated[
        str | None,
        MaxBytes(MAX_TEMPLATE_DESCRIPTION),
        Field(
            description="Description of the template; `''` for none. Default: the upstream's host.",
            examples=["Docker Hub"],
        ),
    ] = None
    role_arn: Annotated[
        ByRegion[RoleArn] | None,
        Field(
            description="Role with which ECR sets tags and uses the KMS key; if each Region has its own, an ARN for each. "
            "Default: this project makes one if needed.",
            examples=["arn:aws:iam::123456789012:role/ecr-templates"],
        ),
    ] = None

    @field_validator("statements")
    @classmethod
    def _statements(cls, statements: tuple[PolicyStatement, ...], info: ValidationInfo) -> tuple[PolicyStatement, ...]:
        ours = [*MODULE_SIDS, *(f"AllowReadFrom{kind}" for kind in PULLER_KINDS)]
        raise_problems(ambiguous_sids(statements, [] if info.data.get("statements_only") else ours))
        raise_problems(
            ((index, "resources"), "a repository policy is for one repository and has no resources; delete this key")
            for index, statement in enumerate(statements)
            if statement.resources
        )
        return statements

    @field_validator("applied_for")
    @classmethod
    def _applied_for(cls, applied_for: tuple[AppliedFor, ...]) -> tuple[AppliedFor, ...]:
        for what in duplicates(applied_for):
            raise ValueError(f"{what} is listed twice; write it once")
        if "PULL_THROUGH_CACHE" not in applied_for:
            raise ValueError("does not include cached repositories; add PULL_THROUGH_CACHE")
        return applied_for

    def overridden_by(self, other: "RepositorySettings") -> "RepositorySettings":
        """These settings, with those that `other` sets explicitly in their place."""
        return self.model_copy(update={name: getattr(other, name) for name in other.model_fields_set})

    @property
    def needs_role(self) -> bool:
        """Whether ECR needs a role to make the repositories. Guide: repository-creation-templates.html."""
        return bool(self.tags) or self.encryption.type == "KMS"

    @property
    def makes_role(self) -> bool:
        """Whether this project makes the role that ECR needs."""
        return self.needs_role and self.role_arn is None

    def contradictions(self) -> Problems:
        """Combinations of settings that ECR does not accept."""
        # API, CreateRepositoryCreationTemplate: imageTagMutabilityExclusionFilters.
        name, with_exclusion = "image_tag_mutability_exclusion_filters", "_WITH_EXCLUSION"
        if self.image_tag_mutability_exclusion_filters and not self.image_tag_mutability.endswith(with_exclusion):
            yield (
                (name,),
                f"need an `image_tag_mutability` that ends in {with_exclusion}; write one, or delete this key",
            )
        if self.image_tag_mutability.endswith(with_exclusion) and not self.image_tag_mutability_exclusion_filters:
            yield ("image_tag_mutability",), f"{self.image_tag_mutability} needs filters; write `{name}: ['latest*']`"
        for access in ("read_access", "read_write_access", "lambda_read_access"):
            if self.statements_only and getattr(self, access):
                yield (
                    ("statements_only",),
                    f"excludes {access}; write them as `statements`, or delete one of the two keys",
                )
        if self.encryption.type == "KMS" and not self.encryption.kms_key_arn and not self.role_arn:
            message = "is missing; write the ARN of a KMS key, or add a `role_arn` to use AWS's own key aws/ecr"
            yield ("encryption", "kms_key_arn"), message
