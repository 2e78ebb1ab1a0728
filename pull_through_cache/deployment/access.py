"""Who may pull through the caches from other accounts, and the registry policy. "Guide" is the Amazon ECR User Guide."""

from typing import Annotated, Any, Literal

from pydantic import Field, GetJsonSchemaHandler, StrictBool, ValidationInfo, field_validator, model_validator
from pydantic_core import CoreSchema

from pull_through_cache.aws.policies import FIRST_PULL_SIDS, Pullers
from pull_through_cache.deployment.model import Model, duplicates, raise_problems
from pull_through_cache.deployment.statements import PolicyStatement, ambiguous_sids
from pull_through_cache.deployment.values.iam import AccountId, OrganizationId, OrganizationPath

V1_ACTIONS = ("ecr:ReplicateImage", "ecr:CreateRepository", "ecr:BatchImportUpstreamImage", "ecr:*")
"""Actions that a registry policy can grant under scope V1. Guide: registry-permissions.html, "policy scope"."""


class PullAccess(Model):
    """The principals of other accounts that may pull, if their own policies allow it: any combination of these."""

    organization: Annotated[
        OrganizationId | None,
        Field(
            description="ID of an organization, or `caller` for the organization of the registry's account, which must be in one.",
            examples=["caller"],
        ),
    ] = None
    organizational_units: Annotated[
        tuple[OrganizationPath, ...],
        Field(
            description="Paths of organizational units or of the root; with `*` at the end, the units below too.",
            examples=["[o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*]"],
        ),
    ] = ()
    accounts: Annotated[
        tuple[AccountId, ...], Field(description="Account IDs, in quotes.", examples=["['210987654321']"])
    ] = ()

    @field_validator("organizational_units", "accounts")
    @classmethod
    def _once(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        for value in duplicates(values):
            raise ValueError(f"{value} is listed twice; write it once")
        return values

    @property
    def is_empty(self) -> bool:
        """Whether no other account may pull."""
        return not (self.organization or self.organizational_units or self.accounts)

    def pullers(self, caller_organization: str) -> Pullers:
        """These principals; `caller_organization` is the ID that `caller` means."""
        return Pullers(
            organization_id=caller_organization if self.organization == "caller" else self.organization,
            organizational_units=self.organizational_units,
            accounts=self.accounts,
        )


class RegistryPolicy(Model):
    """The registry policy: one for each Region of an account. `managed` alone is short for `mode: managed`."""

    mode: Annotated[
        Literal["managed", "external", "none"],
        Field(
            description="`managed`: this project owns the policy and replaces what others wrote. `external`: another team owns "
            "it; an output has the statements to add. `none`: neither.",
            examples=["managed"],
        ),
    ] = "managed"
    extra_statements: Annotated[
        tuple[PolicyStatement, ...],
        Field(
            description="Further statements, for example for replication, each with `resources`.",
            examples=[
                "[{sid: Replication, actions: [ecr:ReplicateImage], resources: ['arn:aws:ecr:…'], principals: {}}]"
            ],
        ),
    ] = ()
    scope: Annotated[
        Literal["V1", "V2"] | None,
        Field(
            validate_default=True,
            description="REGISTRY_POLICY_SCOPE of the whole account. V2, which new accounts have, accepts all actions of ECR; V1 "
            "accepts three. Default: no change.",
            examples=["V2"],
        ),
    ] = None

    adopt: Annotated[
        StrictBool,
        Field(
            description="Import the registry policy that exists, and with a `scope` the account setting, so that the plan "
            "shows what changes. Needs `account_id` and Terraform 1.5. Delete this key after the first apply.",
            examples=["true"],
        ),
    ] = False

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
            raise ValueError("need a registry policy; write `mode: managed`, or delete this key")
        raise_problems(ambiguous_sids(statements, FIRST_PULL_SIDS))
        raise_problems(
            (
                (index, "resources"),
                "are missing; write the repositories, for example `resources: ['arn:aws:ecr:*:123456789012:repository/*']`",
            )
            for index, statement in enumerate(statements)
            if not statement.resources
        )
        return statements

    @field_validator("adopt")
    @classmethod
    def _adopt(cls, adopt: bool, info: ValidationInfo) -> bool:
        if adopt and info.data.get("mode", "managed") != "managed":
            raise ValueError("is for a managed policy; write `mode: managed`, or delete this key")
        return adopt

    @field_validator("scope")
    @classmethod
    def _scope(cls, scope: str | None, info: ValidationInfo) -> str | None:
        if info.data.get("mode", "managed") != "managed":
            if scope:
                raise ValueError("is for a managed policy; write `mode: managed`, or delete this key")
            return scope
        actions = (action for statement in info.data.get("extra_statements", ()) for action in statement.actions)
        beyond = next((action for action in actions if action not in V1_ACTIONS), None)
        if beyond and scope != "V2":
            raise ValueError(f"V1 does not accept {beyond} of extra_statements; write `scope: V2`")
        return scope
