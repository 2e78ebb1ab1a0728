"""A Terraform variable with the ARN of a KMS key, for a key that other Terraform makes."""

from cdktf import Fn, TerraformVariable
from constructs import Construct

from pull_through_cache.constructs.pinned import pinned


class KmsKeyVariable(Construct):
    """A variable that accepts only the ARN of a KMS key in one Region.

    - `region`: of the key.
    - `address`: the name of the variable.

    Attributes: `variable` and `key_arn`.
    """

    def __init__(self, scope: Construct, id: str, *, region: str, address: str | None = None) -> None:
        super().__init__(scope, id)
        description = f"ARN of the KMS key for cached images in {region}."
        self.variable = pinned(TerraformVariable(self, "key", type="string", description=description), address)
        self.key_arn = self.variable.string_value
        is_key = Fn.can(Fn.regex(f"^arn:aws:kms:{region}:[0-9]{{12}}:key/[a-z0-9-]+$", self.key_arn))
        message = f"Write the ARN of a KMS key in {region}: arn:aws:kms:{region}:<account id>:key/<id>."
        self.variable.add_validation(condition=is_key, error_message=message)
