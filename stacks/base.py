"""What all stacks have in common: Terraform's own settings, and the AWS provider."""

from collections.abc import Mapping
from typing import Any

from cdktf import LocalBackend, TerraformStack
from cdktf_cdktf_provider_aws.provider import AwsProvider, AwsProviderAssumeRole, AwsProviderDefaultTags
from constructs import Construct

from stacks.hcl import hcl
from stacks.settings import StackSettings


class AwsStack(TerraformStack):
    """A stack with a backend and the AWS provider."""

    def __init__(self, scope: Construct, settings: StackSettings) -> None:
        super().__init__(scope, settings.name)
        self._set_backend(settings)
        AwsProvider(
            self,
            "aws",
            region=settings.region,
            allowed_account_ids=[settings.account_id] if settings.account_id else None,
            assume_role=[AwsProviderAssumeRole(role_arn=settings.assume_role_arn)]
            if settings.assume_role_arn
            else None,
            profile=settings.profile,
            default_tags=[AwsProviderDefaultTags(tags=settings.default_tags)] if settings.default_tags else None,
        )

    def to_hcl_terraform(self) -> Mapping[str, Any]:
        """The HCL. It replaces cdktf's own HCL, which is not the same configuration as the JSON."""
        configuration = self.to_terraform()
        # The cdktf command line reads these two parts from metadata.json.
        metadata = {part: configuration[part] for part in ("//", "terraform")}
        return {"hcl": hcl(configuration), "metadata": metadata}

    def _set_backend(self, settings: StackSettings) -> None:
        kind, given = settings.backend or ("local", {})
        terraform: dict[str, Any] = {
            "required_version": settings.required_version,
            "required_providers": {"aws": {"version": settings.aws_version}},
        }
        if settings.backend:
            terraform |= {"cloud": given} if kind == "cloud" else {"backend": {kind: given}}
        self.add_override("terraform", terraform)
        # In a stack without a backend, cdktf writes a path of this machine into the JSON.
        LocalBackend(self, path=f"../../../terraform.{settings.name}.tfstate")
        if kind != "local":
            self.add_override("terraform.backend" if kind == "cloud" else "terraform.backend.local", None)
