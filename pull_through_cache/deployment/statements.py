"""Statements of resource policies, in a deployment file and in the policies that this project makes."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from pull_through_cache.aws import statements as aws
from pull_through_cache.aws.actions import PULL
from pull_through_cache.aws.conditions import is_operator
from pull_through_cache.aws.openness import public
from pull_through_cache.deployment.model import Model, raise_problems
from pull_through_cache.deployment.values.iam import PRINCIPALS, EcrAction
from pull_through_cache.deployment.values.text import TextPattern
from pull_through_cache.files.problems import Place, shown


def _operator(text: str) -> str:
    if not is_operator(text):
        raise ValueError(f"{shown(text)} is not a condition operator; write one such as StringEquals")
    return text


class PolicyCondition(Model):
    """One condition of a policy statement."""

    test: Annotated[
        str,
        AfterValidator(_operator),
        Field(description="Condition operator.", examples=["StringEquals"]),
    ]
    variable: Annotated[
        str,
        TextPattern(r"[A-Za-z0-9-]+:[!-#%-z|~]+", "is not a context key; write one such as aws:PrincipalOrgID"),
        Field(description="Context key.", examples=["aws:PrincipalOrgID"]),
    ]
    values: Annotated[
        tuple[str, ...],
        Field(min_length=1, description="Values. One of them must match.", examples=["[o-a1b2c3d4e5]"]),
    ]


class PolicyStatement(Model):
    """A statement of a resource policy.

    A statement for every account (`*`) must have a condition that identifies the callers: aws:PrincipalOrgID,
    aws:PrincipalOrgPaths, aws:PrincipalAccount or aws:PrincipalArn, and for services aws:SourceAccount, aws:SourceArn,
    aws:SourceOrgID or aws:SourceOrgPaths. Its operator is StringEquals, StringLike, or similar. Each of its values names
    an organization or an account.
    """

    sid: Annotated[
        str,
        TextPattern(r"[A-Za-z0-9]{1,128}", "is not the name of a statement; write up to 128 letters and digits"),
        Field(description="Its name: letters and digits. Default: none.", examples=["Replication"]),
    ] = ""
    effect: Annotated[
        Literal["Allow", "Deny"], Field(description="Whether the statement allows or denies.", examples=["Allow"])
    ] = "Allow"
    actions: Annotated[
        tuple[EcrAction, ...],
        Field(min_length=1, description="Actions of ECR.", examples=["[ecr:BatchGetImage, ecr:DescribeImages]"]),
    ]
    resources: Annotated[
        tuple[
            Annotated[
                str,
                TextPattern(
                    r"\*|arn:aws:ecr:[a-z0-9*-]*:([0-9]{12}|\*)?:[A-Za-z0-9._/*-]+",
                    "is not the ARN of repositories; write one such as arn:aws:ecr:*:<account id>:repository/<prefix>/*",
                ),
            ],
            ...,
        ],
        Field(
            description="ARNs of repositories. A repository policy has none.",
            examples=["['arn:aws:ecr:*:123456789012:repository/*']"],
        ),
    ] = ()
    conditions: Annotated[
        tuple[PolicyCondition, ...],
        Field(
            description="Conditions. All of them must hold.",
            examples=["[{test: StringEquals, variable: 'aws:PrincipalOrgID', values: [o-a1b2c3d4e5]}]"],
        ),
    ] = ()
    principals: Annotated[
        Mapping[Literal["*", "AWS", "Service", "Federated"], Annotated[tuple[str, ...], Field(min_length=1)]],
        Field(
            min_length=1,
            description="Principals, by type. `'*': ['*']` means the same as `AWS: ['*']`, and is written as `\"Principal\": \"*\"`.",
            examples=["{AWS: ['arn:aws:iam::123456789012:root']}"],
        ),
    ]

    @field_validator("conditions")
    @classmethod
    def _conditions(cls, conditions: tuple[PolicyCondition, ...]) -> tuple[PolicyCondition, ...]:
        # Terraform provider aws, aws_iam_policy_document: it would merge both into one condition, which either value meets.
        first: dict[tuple[str, str], int] = {}
        keys = [(condition.test.lower(), condition.variable.lower()) for condition in conditions]
        raise_problems(
            ((index,), f"has the operator and key of conditions[{first[key]}]; write one condition with all values")
            for index, key in enumerate(keys)
            if first.setdefault(key, index) != index
        )
        return conditions

    @field_validator("principals")
    @classmethod
    def _types(cls, principals: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
        if "*" in principals and len(principals) > 1:
            raise_problems([(("*",), "includes every principal; delete this key, or the others")])
        raise_problems(
            ((kind, index), problem)
            for kind, names in principals.items()
            for index, name in enumerate(names)
            if (problem := PRINCIPALS[kind].problem(name))
        )
        return principals

    @field_validator("principals")
    @classmethod
    def _strangers(
        cls, principals: Mapping[str, tuple[str, ...]], info: ValidationInfo
    ) -> Mapping[str, tuple[str, ...]]:
        if not {"effect", "actions", "conditions"} <= info.data.keys():
            return principals
        reason = public(_statement(principals=principals, **info.data).document())
        if reason:
            raise ValueError(
                f"{reason}, and no condition identifies the callers; add one, for example aws:PrincipalOrgID (for a service "
                "aws:SourceAccount) with StringEquals, or name the accounts"
            )
        return principals

    @property
    def statement(self) -> aws.Statement:
        """This statement, as a policy contains it."""
        return _statement(**dict(self))


def _statement(*, actions: tuple[str, ...], conditions: Sequence[PolicyCondition], **elements: Any) -> aws.Statement:
    made = tuple(aws.Condition(each.test, each.variable, each.values) for each in conditions)
    return aws.Statement(actions=actions, conditions=made, **elements)


def ambiguous_sids(statements: Sequence[PolicyStatement], taken: Collection[str]) -> Iterator[tuple[Place, str]]:
    """Sids that two statements of one policy share. `taken` are the sids of statements that this project makes."""
    seen: set[str] = set()
    for index, statement in enumerate(statements):
        if not statement.sid:
            continue
        if statement.sid in taken:
            yield (index, "sid"), f"{statement.sid} is the name of a statement that this project makes; write another"
        elif statement.sid in seen:
            yield (index, "sid"), f"{statement.sid} is the name of another statement; write another"
        seen.add(statement.sid)


def pullers_of(statements: Iterable[PolicyStatement]) -> set[str]:
    """The names of the principals that the statements of a repository policy allow to pull, whatever their conditions."""

    def allowed(action: str) -> set[str]:
        return {
            name
            for each in statements
            if each.effect == "Allow" and any(fnmatchcase(action.lower(), pattern.lower()) for pattern in each.actions)
            for names in each.principals.values()
            for name in names
        }

    return set.intersection(*map(allowed, PULL))
