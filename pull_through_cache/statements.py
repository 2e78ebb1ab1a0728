"""Statements of resource policies, as a deployment file writes them and as this project makes them."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator

from pull_through_cache.forms import Text
from pull_through_cache.validation import Model


class Condition(Model):
    """One condition of a policy statement."""

    test: Annotated[Text, Field(description="Condition operator.", examples=["StringEquals"])]
    variable: Annotated[Text, Field(description="Context key.", examples=["aws:PrincipalOrgID"])]
    values: Annotated[
        tuple[Text, ...], Field(description="Values, of which one must match.", examples=["[o-a1b2c3d4e5]"])
    ]


class Statement(Model):
    """A statement of a resource policy. One that allows every principal (`*`) must carry a condition."""

    sid: Annotated[
        str, Field(pattern="^[A-Za-z0-9]+$", description="Its name: letters and digits.", examples=["Replication"])
    ]
    effect: Annotated[Literal["Allow", "Deny"], Field(description="What it does.", examples=["Allow"])] = "Allow"
    actions: Annotated[
        tuple[Text, ...], Field(description="Actions of ECR.", examples=["[ecr:BatchGetImage, ecr:DescribeImages]"])
    ]
    resources: Annotated[
        tuple[Text, ...],
        Field(description="ARNs of repositories. A repository policy has none.", examples=["[arn:aws:ecr:…]"]),
    ] = ()
    conditions: Annotated[
        tuple[Condition, ...],
        Field(
            description="Conditions, all of which must hold.",
            examples=["[{test: StringEquals, variable: 'aws:PrincipalOrgID', values: [o-a1b2c3d4e5]}]"],
        ),
    ] = ()
    principals: Annotated[
        Mapping[Literal["AWS", "Service", "Federated"], tuple[Text, ...]],
        Field(description="Who, by type.", examples=["{AWS: ['arn:aws:iam::123456789012:root']}"]),
    ]

    @field_validator("principals")
    @classmethod
    def _everyone(
        cls, principals: Mapping[str, tuple[str, ...]], info: ValidationInfo
    ) -> Mapping[str, tuple[str, ...]]:
        everyone = any("*" in names for names in principals.values())
        if everyone and info.data.get("effect") == "Allow" and info.data.get("conditions") == ():
            raise ValueError(
                "'*' without conditions opens the registry to the world; write `conditions`, or whom you mean"
            )
        return principals

    def document(self) -> dict[str, Any]:
        """The statement as policies write it, for counting its characters."""
        document: dict[str, Any] = {
            "Sid": self.sid,
            "Effect": self.effect,
            "Principal": {kind: list(names) for kind, names in self.principals.items()},
            "Action": list(self.actions),
        }
        if self.resources:
            document["Resource"] = list(self.resources)
        if self.conditions:
            tests: dict[str, dict[str, list[str]]] = {}
            for condition in self.conditions:
                tests.setdefault(condition.test, {})[condition.variable] = list(condition.values)
            document["Condition"] = tests
        return document
