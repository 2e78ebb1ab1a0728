"""A KMS key whose ARN is in a Terraform variable."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from pull_through_cache.commands import commands
from tests.terraform.conftest import Sandbox, image

NODE = "arn:aws:iam::123456789012:role/eks-nodes"
KEY = "arn:aws:kms:eu-central-1:123456789012:key/01234567-89ab"
DEPLOYMENT = """\
registry:
  account_id: '123456789012'
  regions: [eu-central-1]
  pull_access: {}
  node_roles: [eks-nodes]
  template_role: ROLE
  repositories: {encryption: {type: KMS, kms_key_arn: {variable: images_key}}}
  upstreams: {quay: {registry: quay}, kubernetes: {registry: k8s}}
"""


@pytest.mark.parametrize("role", ["module", "shared"])
def test_images_are_encrypted_with_the_key(sandbox: Sandbox, role: str) -> None:
    sandbox.aws.role(name="eks-nodes")
    deployment = DEPLOYMENT.replace("ROLE", role)
    stack = sandbox.stack(deployment)
    elsewhere = KEY.replace("eu-central-1", "us-east-1")
    refused = stack.run("plan", "-input=false", "-no-color", expect=1, variables={"images_key": elsewhere})
    assert "Write the ARN of a KMS key in eu-central-1" in refused

    stack.environment["TF_VAR_images_key"] = KEY
    stack.apply()
    stack.has_no_changes()

    outcome = sandbox.emulator.pull(image("quay/app"), NODE)
    assert outcome.repository_created, outcome
    [repository] = sandbox.client("ecr").describe_repositories()["repositories"]
    assert repository["encryptionConfiguration"] == {"encryptionType": "KMS", "kmsKey": KEY}
    arguments = ["check", str(sandbox.folder / "deployment.yaml"), "--strict"]
    result = CliRunner().invoke(commands, arguments, env=sandbox.emulator.environment, catch_exceptions=False)
    assert (result.exit_code, result.stderr) == (0, "")
    for written in sandbox.synthesize_hcl(Path(sandbox.folder / "deployment.yaml")).values():
        written.init()
        written.environment["TF_VAR_images_key"] = KEY
        written.has_no_changes()
