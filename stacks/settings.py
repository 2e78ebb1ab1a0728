"""What every stack says to Terraform itself: versions, backend, provider."""

from collections.abc import Mapping
from typing import Any

from cdktf import LocalBackend, TerraformStack
from cdktf_cdktf_provider_aws.provider import AwsProvider, AwsProviderAssumeRole, AwsProviderDefaultTags


def configure(
    stack: TerraformStack,
    *,
    name: str,
    hcl: bool,
    required_version: str,
    aws_version: str,
    backend: tuple[str, Mapping[str, Any]] | None,
    default_tags: Mapping[str, str],
    region: str,
    account_id: str | None,
    assume_role_arn: str | None = None,
    profile: str | None = None,
) -> None:
    """Gives the stack `name` its versions, its backend and the AWS provider for `region`, which refuses other accounts.

    Without a backend the state is beside cdktf.out, as cdktf has it: that folder may be deleted.
    """
    terraform: dict[str, Any] = {"required_providers": {"aws": {"version": aws_version}}}
    if not hcl:  # `cdktf synth --hcl` would write this as `0 = "required_version"`
        terraform["required_version"] = required_version
    kind, own = backend or ("local", {})
    if backend:
        terraform |= {"cloud": own} if kind == "cloud" else {"backend": {kind: own}}
    stack.add_override("terraform", terraform)
    # Without a backend, cdktf would write one with the folder of this machine into the JSON.
    LocalBackend(stack, path=f"../../../terraform.{name}.tfstate")
    if kind != "local":
        stack.add_override("terraform.backend" if kind == "cloud" else "terraform.backend.local", None)
    AwsProvider(
        stack,
        "aws",
        region=region,
        allowed_account_ids=[account_id] if account_id else None,
        assume_role=[AwsProviderAssumeRole(role_arn=assume_role_arn)] if assume_role_arn else None,
        profile=profile,
        default_tags=[AwsProviderDefaultTags(tags=default_tags)] if default_tags else None,
    )
