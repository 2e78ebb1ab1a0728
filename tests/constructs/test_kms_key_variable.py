"""A Terraform variable with the ARN of a KMS key."""

import json

from cdktf import TerraformOutput, TerraformStack, Testing

from pull_through_cache.constructs.kms_key_variable import KmsKeyVariable
from tests.constructs.conftest import kinds


def test_two_variables_in_a_stack_are_separate(stack: TerraformStack) -> None:
    for name in ("one", "two"):
        KmsKeyVariable(stack, name, region="eu-west-1")

    assert kinds(Testing.synth(stack)) == {"variable": 2}


def test_it_accepts_only_keys_of_its_region(stack: TerraformStack) -> None:
    made = KmsKeyVariable(stack, "key", region="eu-west-1", address="images_key")

    TerraformOutput(stack, "arn", value=made.key_arn)
    synthesized = json.loads(Testing.synth(stack))
    variable = synthesized["variable"]["images_key"]
    pattern = "^arn:aws:kms:eu-west-1:[0-9]{12}:key/[a-z0-9-]+$"
    assert variable["type"] == "string"
    assert [each["condition"] for each in variable["validation"]] == [f'${{can(regex("{pattern}", var.images_key))}}']
    assert synthesized["output"]["arn"]["value"] == "${var.images_key}"
