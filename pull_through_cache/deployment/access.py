"""Who may pull through the caches from other accounts, and how the registry says so."""

from typing import Annotated, Any, Literal

from pydantic import Field, GetJsonSchemaHandler, ValidationInfo, field_validator, model_validator
from pydantic_core import CoreSchema

from pull_through_cache.aws.policies import PULLER_KINDS, Pullers
from pull_through_cache.deployment.model import Model, duplicates, raise_problems
from pull_through_cache.deployment.statements import PolicyStatement, ambiguous_sids
from pull_through_cache.deployment.values.iam import AccountId, OrganizationId, OrganizationPath

V1_ACTIONS = ("ecr:ReplicateImage", "ecr:CreateRepository", "ecr:BatchImportUpstreamImage")
"""What a registry policy may grant under scope V1. Guide: registry-permissions.html, "policy scope"."""


class PullAccess(Model):
    """Whose principals may pull, where their own policies let them: any mixture of these."""

    organization: Annotated[
        OrganizationId | None,
        Field(description="An organization's id, or `caller` for that of the registry's account.", examples=["caller"]),
    ] = None
    organizational_units: Annotated[
        tuple[OrganizationPath, ...],
        Field(
            description="Paths of organizational units; with `*` at the end the units below as well.",
            examples=["[o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*]"],
        ),
    ] = ()
    accounts: Annotated[
        tuple[AccountId, ...], Field(description="Account ids, in quotes.", examples=["['210987654321']"])
    ] = ()

    @field_validator("organizational_units", "accounts")
    @classmethod
    def _once(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        for value in duplicates(values):
            raise ValueError(f"{value} is here twice; write it once")
        return values

    @property
    def is_empty(self) -> bool:
        """Whether no other account may pull."""
        return not (self.organization or self.organizational_units or self.accounts)

    def pullers(self, caller_organization: str) -> Pullers:
        """Everyone named here; `caller_organization` is the id that `caller` stands for."""
        return Pullers(
            organization_id=caller_organization if self.organization == "caller" else self.organization,
            organizational_units=self.organizational_units,
            accounts=self.accounts,
        )


class RegistryPolicy(Model):
    """The registry policy, of which an account has one in each Region. `managed` alone is short for `mode: managed`."""

    mode: Annotated[
        Literal["managed", "external", "none"],
        Field(
            description="`managed`: made here, and whoever else writes it is overwritten. `external`: not made; an output "
            "holds what its owner must put into it. `none`: neither.",
            examples=["managed"],
        ),
    ] = "managed"
    extra_statements: Annotated[
        tuple[PolicyStatement, ...],
        Field(
            description="What others need in the policy, such as replication; each with `resources`.",
            examples=[
                "[{sid: Replication, actions: [ecr:ReplicateImage], resources: ['arn:aws:ecr:…'], principals: {}}]"
            ],
        ),
    ] = ()
    scope: Annotated[
        Literal["V1", "V2"] | None,
        Field(
            validate_default=True,
            description="REGISTRY_POLICY_SCOPE, for the whole account: V1 accepts three actions only, V2 all of ECR's. "
            "Default: left as it is.",
            examples=["V2"],
        ),
    ] = None

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [{"enum": ["managed", "external", "none"], "type": "string"}, handler(schema)]}

    @model_validator(mode="before")
    @classmethod
    def _mode_alone(cls, data: Any) -> Any:
        return {"mode": data} if isinstance(data, str) else data

    @field_validator("extra_statements")
    @classmethod
    def _extra_statements(
        cls, statements: tuple[PolicyStatement, ...], info: ValidationInfo
    ) -> tuple[PolicyStatement, ...]:
        if statements and info.data.get("mode") == "none":
            raise ValueError("need a registry policy; write `mode: managed`, or take them out")
        raise_problems(ambiguous_sids(statements, [f"AllowPullThroughFrom{whom}" for whom in PULLER_KINDS]))
        raise_problems(
            ((index, "resources"), "are missing, which registry policies want; write `resources: ['arn:aws:ecr:…']`")
            for index, statement in enumerate(statements)
            if not statement.resources
        )
        return statements

    @field_validator("scope")
    @classmethod
    def _scope(cls, scope: str | None, info: ValidationInfo) -> str | None:
        if info.data.get("mode", "managed") != "managed":
            if scope:
                raise ValueError("is set with a managed policy only; write `mode: managed`, or take it out")
            return scope
        actions = (action for statement in info.data.get("extra_statements", ()) for action in statement.actions)
        beyond = next((action for action in actions if action not in V1_ACTIONS), None)
        if beyond and scope != "V2":
            raise ValueError(f"V1 does not accept {beyond} of extra_statements; write `scope: V2`")
        return scope
