import json
from typing import Any

import pytest
from cdktf import TerraformOutput, TerraformStack, Testing
from cdktf_cdktf_provider_aws.data_aws_iam_policy_document import DataAwsIamPolicyDocument
from cdktf_cdktf_provider_aws.data_aws_secretsmanager_secret import DataAwsSecretsmanagerSecret
from cdktf_cdktf_provider_aws.secretsmanager_secret import SecretsmanagerSecret
from cdktf_cdktf_provider_aws.secretsmanager_secret_policy import SecretsmanagerSecretPolicy
from cdktf_cdktf_provider_aws.secretsmanager_secret_version import SecretsmanagerSecretVersion

from pull_through_cache.constructs.upstream_credentials import (
    CredentialVariables,
    ReplicatedCredentials,
    Secret,
    UpstreamCredentials,
    WriteOnlyCredentials,
)
from tests.constructs.conftest import kinds

READER = "arn:aws:iam::123456789012:role/reader"
MODULE = {"source": "terraform-aws-modules/secrets-manager/aws", "version": "1.3.1"}
VALUE = '${jsonencode({"username" = var.hub_username, "accessToken" = var.hub_access_token})}'


def secret(stack: TerraformStack, name: str, *, ephemeral: bool = False) -> Secret:
    variables = CredentialVariables(stack, f"{name}-variables", upstream=name, ephemeral=ephemeral, address=name)
    return Secret(name=f"ecr-pullthroughcache/{name}", description=name, value=variables.secret_value, readers=[READER])


def variables(stack: TerraformStack) -> Any:
    return json.loads(Testing.synth(stack))["variable"]


def test_two_pairs_of_variables_in_a_stack_are_separate(stack: TerraformStack) -> None:
    for name in ("one", "two"):
        CredentialVariables(stack, name, upstream=name)

    assert kinds(Testing.synth(stack)) == {"variable": 4}


@pytest.mark.parametrize("ephemeral", [False, True], ids=["in the state", "ephemeral"])
def test_variables_are_sensitive_and_have_no_default(stack: TerraformStack, ephemeral: bool) -> None:
    CredentialVariables(stack, "hub", upstream="Docker Hub", ephemeral=ephemeral, address="hub")

    assert variables(stack) == {
        f"hub_{name}": {
            "type": "string",
            "description": f"{title} for the upstream registry Docker Hub.",
            "sensitive": True,
            **({"ephemeral": True} if ephemeral else {}),
        }
        for name, title in (("username", "User name"), ("access_token", "Access token"))
    }


def test_two_secrets_of_the_module_in_a_stack_are_separate(stack: TerraformStack) -> None:
    made = [UpstreamCredentials(stack, name, **MODULE, secret=secret(stack, name)) for name in ("one", "two")]

    synthesized = Testing.synth(stack)
    assert kinds(synthesized) == {"module": 2, "variable": 4}
    modules = json.loads(synthesized)["module"]
    names = [modules[each.module.friendly_unique_id]["name"] for each in made]
    assert names == ["ecr-pullthroughcache/one", "ecr-pullthroughcache/two"]


def test_a_secret_of_the_module_has_a_policy_for_its_readers(stack: TerraformStack) -> None:
    UpstreamCredentials(stack, "hub-secret", **MODULE, secret=secret(stack, "hub"), address="secret")

    assert json.loads(Testing.synth(stack))["module"]["secret"] == {
        **MODULE,
        "name": "ecr-pullthroughcache/hub",
        "description": "hub",
        "recovery_window_in_days": 30,
        "create_policy": True,
        "block_public_policy": True,
        "secret_string": VALUE,
        "policy_statements": {
            "read": {
                "sid": "AllowAccountRead",
                "actions": ["secretsmanager:GetSecretValue"],
                "resources": ["*"],
                "principals": [{"type": "AWS", "identifiers": [READER]}],
            }
        },
    }


def test_a_rule_waits_for_the_version_of_the_modules_secret(stack: TerraformStack) -> None:
    made = UpstreamCredentials(stack, "hub-secret", **MODULE, secret=secret(stack, "hub"), address="secret")
    TerraformOutput(stack, "arn", value=made.credential_arn)

    assert json.loads(Testing.synth(stack))["output"]["arn"]["value"] == (
        "${[module.secret.secret_arn, module.secret.secret_version_id][0]}"
    )


def test_two_write_only_secrets_in_a_stack_are_separate(stack: TerraformStack) -> None:
    for name in ("one", "two"):
        WriteOnlyCredentials(stack, name, secret=secret(stack, name, ephemeral=True))

    assert kinds(Testing.synth(stack)) == {
        "data.aws_iam_policy_document": 2,
        "aws_secretsmanager_secret": 2,
        "aws_secretsmanager_secret_policy": 2,
        "aws_secretsmanager_secret_version": 2,
        "variable": 4,
    }


def test_a_write_only_secret_is_for_its_readers(stack: TerraformStack) -> None:
    WriteOnlyCredentials(stack, "hub-secret", secret=secret(stack, "hub", ephemeral=True), address="secret")

    synthesized = Testing.synth(stack)
    assert Testing.to_have_resource_with_properties(
        synthesized,
        SecretsmanagerSecret.TF_RESOURCE_TYPE,
        {"name": "ecr-pullthroughcache/hub", "description": "hub", "recovery_window_in_days": 30},
    )
    assert Testing.to_have_data_source_with_properties(
        synthesized,
        DataAwsIamPolicyDocument.TF_RESOURCE_TYPE,
        {
            "statement": [
                {
                    "sid": "AllowAccountRead",
                    "actions": ["secretsmanager:GetSecretValue"],
                    "resources": ["*"],
                    "principals": [{"type": "AWS", "identifiers": [READER]}],
                }
            ]
        },
    )
    assert Testing.to_have_resource_with_properties(
        synthesized,
        SecretsmanagerSecretPolicy.TF_RESOURCE_TYPE,
        {
            "secret_arn": "${aws_secretsmanager_secret.secret.arn}",
            "policy": "${data.aws_iam_policy_document.secret.json}",
            "block_public_policy": True,
        },
    )


def test_the_value_of_a_write_only_secret_is_written_by_version(stack: TerraformStack) -> None:
    WriteOnlyCredentials(stack, "s", secret=secret(stack, "hub", ephemeral=True), version=3, address="secret")

    synthesized = Testing.synth(stack)
    assert Testing.to_have_resource_with_properties(
        synthesized,
        SecretsmanagerSecretVersion.TF_RESOURCE_TYPE,
        {
            "secret_id": "${aws_secretsmanager_secret.secret.id}",
            "secret_string_wo": VALUE,
            "secret_string_wo_version": 3,
        },
    )
    assert not Testing.to_have_resource_with_properties(
        synthesized, SecretsmanagerSecretVersion.TF_RESOURCE_TYPE, {"secret_string": VALUE}
    )


def test_a_replica_is_found_by_its_name(stack: TerraformStack) -> None:
    for name in ("one", "two"):
        ReplicatedCredentials(stack, name, name=f"ecr-pullthroughcache/{name}")

    synthesized = Testing.synth(stack)
    assert kinds(synthesized) == {"data.aws_secretsmanager_secret": 2}
    assert Testing.to_have_data_source_with_properties(
        synthesized, DataAwsSecretsmanagerSecret.TF_RESOURCE_TYPE, {"name": "ecr-pullthroughcache/one"}
    )
