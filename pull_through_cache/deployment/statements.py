"""Statements of resource policies, as a deployment file writes them and as this project makes them."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from pull_through_cache.aws import statements as aws
from pull_through_cache.deployment.model import Model, raise_problems
from pull_through_cache.deployment.values.iam import Principal
from pull_through_cache.deployment.values.text import Text, TextPattern
from pull_through_cache.files.problems import Place

# IAM Guide, reference_policies_elements_condition_operators.html: these hold too where the request has no such key.
_HOLDS_WITHOUT_THE_KEY = re.compile(r"ForAllValues:.*|.*Not.*|.*IfExists|Null", re.IGNORECASE)


class PolicyCondition(Model):
    """One condition of a policy statement."""

    test: Annotated[
        str,
        TextPattern(
            r"((ForAnyValue|ForAllValues):)?(String|Numeric|Date|Bool|Binary|Ip|NotIp|Arn|Null)[A-Za-z]*",
            "is not a condition operator; write one such as StringEquals",
        ),
        Field(description="Condition operator.", examples=["StringEquals"]),
    ]
    variable: Annotated[
        str,
        TextPattern(r"[A-Za-z0-9-]+:[!-#%-z|~]+", "is not a context key; write one such as aws:PrincipalOrgID"),
        Field(description="Context key.", examples=["aws:PrincipalOrgID"]),
    ]
    values: Annotated[
        tuple[Text, ...],
        Field(min_length=1, description="Values, of which one must match.", examples=["[o-a1b2c3d4e5]"]),
    ]


class PolicyStatement(Model):
    """A statement of a resource policy. One that allows every principal (`*`) must carry a condition."""

    sid: Annotated[
        str,
        TextPattern(r"[A-Za-z0-9]{1,128}", "is not a statement's name; write letters and digits"),
        Field(description="Its name: letters and digits.", examples=["Replication"]),
    ]
    effect: Annotated[Literal["Allow", "Deny"], Field(description="What it does.", examples=["Allow"])] = "Allow"
    actions: Annotated[
        tuple[
            Annotated[
                str, TextPattern(r"ecr:[A-Za-z*]+", "is not an action of ECR; write one such as ecr:BatchGetImage")
            ],
            ...,
        ],
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
            description="Conditions, all of which must hold.",
            examples=["[{test: StringEquals, variable: 'aws:PrincipalOrgID', values: [o-a1b2c3d4e5]}]"],
        ),
    ] = ()
    principals: Annotated[
        Mapping[Literal["AWS", "Service", "Federated"], Annotated[tuple[Principal, ...], Field(min_length=1)]],
        Field(min_length=1, description="Who, by type.", examples=["{AWS: ['arn:aws:iam::123456789012:root']}"]),
    ]

    @field_validator("conditions")
    @classmethod
    def _conditions(cls, conditions: tuple[PolicyCondition, ...]) -> tuple[PolicyCondition, ...]:
        # Terraform provider aws, aws_iam_policy_document: would make one condition of both, where either value does.
        first: dict[tuple[str, str], int] = {}
        keys = [(condition.test.lower(), condition.variable.lower()) for condition in conditions]
        raise_problems(
            ((index,), f"is about what conditions[{first[key]}] is about already; write one condition with all values")
            for index, key in enumerate(keys)
            if first.setdefault(key, index) != index
        )
        return conditions

    @field_validator("principals")
    @classmethod
    def _everyone(
        cls, principals: Mapping[str, tuple[str, ...]], info: ValidationInfo
    ) -> Mapping[str, tuple[str, ...]]:
        everyone = any("*" in names for names in principals.values())
        if not everyone or info.data.get("effect") != "Allow" or "conditions" not in info.data:
            return principals
        conditions = info.data["conditions"]
        if not conditions:
            raise ValueError(
                "'*' without conditions opens the registry to the world; write `conditions`, or whom you mean"
            )
        if all(_HOLDS_WITHOUT_THE_KEY.fullmatch(condition.test) for condition in conditions):
            raise ValueError(
                f"'*' opens the registry to the world, as {conditions[0].test} holds for strangers too; write a condition "
                "such as StringEquals beside it, or whom you mean"
            )
        return principals

    @property
    def statement(self) -> aws.Statement:
        """This statement, as policies are made of it."""
        return aws.Statement(
            sid=self.sid,
            effect=self.effect,
            actions=self.actions,
            resources=self.resources,
            principals=self.principals,
            conditions=tuple(aws.Condition(each.test, each.variable, each.values) for each in self.conditions),
        )


def ambiguous_sids(statements: Sequence[PolicyStatement], taken: Collection[str]) -> Iterator[tuple[Place, str]]:
    """The sids that two statements of one policy would have. `taken` are those of statements made here."""
    seen: set[str] = set()
    for index, statement in enumerate(statements):
        if statement.sid in taken:
            yield (index, "sid"), f"{statement.sid} is the name of a statement that is made here; write another"
        elif statement.sid in seen:
            yield (index, "sid"), f"{statement.sid} is the name of another statement already; write another"
        seen.add(statement.sid)
