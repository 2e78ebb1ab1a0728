"""Terraform's own settings of a stack, from a deployment file."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from pull_through_cache.deployment import Deployment


@dataclass(frozen=True, kw_only=True)
class StackSettings:
    """The settings of one stack.

    - `required_version`, `aws_version`: version constraints of Terraform and of the AWS provider.
    - `backend`: its name and settings; None for a state file beside cdktf.out.
    - `account_id`: the only account that the provider may work in; None for the account of the credentials.
    - `assume_role_arn`, `profile`: the provider's credentials for the account.
    """

    name: str
    required_version: str
    aws_version: str
    backend: tuple[str, Mapping[str, Any]] | None
    default_tags: Mapping[str, str]
    region: str
    account_id: str | None
    assume_role_arn: str | None = None
    profile: str | None = None

    @classmethod
    def of(
        cls,
        deployment: Deployment,
        name: str,
        *,
        region: str,
        account_id: str | None,
        assume_role_arn: str | None = None,
        profile: str | None = None,
    ) -> Self:
        """The settings of the stack `name` of a deployment."""
        terraform = deployment.terraform
        return cls(
            name=name,
            required_version=deployment.required_version,
            aws_version=deployment.aws_version,
            backend=terraform.backend_of(name),
            default_tags=terraform.default_tags,
            region=region,
            account_id=account_id,
            assume_role_arn=assume_role_arn,
            profile=profile,
        )
