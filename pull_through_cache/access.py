"""Who may pull through the caches from other accounts, and how the registry says so."""

from typing import Annotated, Any, Literal

from pydantic import Field, GetJsonSchemaHandler, ValidationInfo, field_validator, model_validator
from pydantic_core import CoreSchema

from pull_through_cache.forms import AccountId, OrganizationalUnitPath, OrganizationId
from pull_through_cache.statements import Statement
from pull_through_cache.validation import Model


class PullAccess(Model):
    """Whose principals may pull, where their own policies let them: any mixture of these."""

    organization: Annotated[
        OrganizationId | None,
        Field(description="An organisation's id, or `caller` for that of the registry's account.", examples=["caller"]),
    ] = None
    organizational_units: Annotated[
        tuple[OrganizationalUnitPath, ...],
        Field(
            description="Paths of organisational units; with `*` at the end the units below as well.",
            examples=["[o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*]"],
        ),
    ] = ()
    accounts: Annotated[
        tuple[AccountId, ...], Field(description="Account ids, in quotes.", examples=["['210987654321']"])
    ] = ()

    @property
    def nobody(self) -> bool:
        """Whether no other account may pull."""
        return not (self.organization or self.organizational_units or self.accounts)


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
        tuple[Statement, ...],
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
    def _extra_statements(cls, statements: tuple[Statement, ...], info: ValidationInfo) -> tuple[Statement, ...]:
        if statements and info.data.get("mode") == "none":
            raise ValueError("need a registry policy; write `mode: managed`, or take them out")
        for statement in statements:
            if not statement.resources:
                raise ValueError(f"{statement.sid} has no `resources`, which registry policies want; write them")
        return statements

    @field_validator("scope")
    @classmethod
    def _scope(cls, scope: str | None, info: ValidationInfo) -> str | None:
        # Guide: registry-permissions.html, "policy scope".
        beyond = [
            action
            for statement in info.data.get("extra_statements", ())
            for action in statement.actions
            if action not in ("ecr:ReplicateImage", "ecr:CreateRepository", "ecr:BatchImportUpstreamImage")
        ]
        if beyond and scope != "V2":
            raise ValueError(f"{beyond[0]} in extra_statements is not accepted under scope V1; write `scope: V2`")
        return scope
