"""The remedies that `check` names work when followed."""

import json
import re

from click.testing import CliRunner

from pull_through_cache.commands import commands
from tests.terraform.conftest import Sandbox, changes

DEPLOYMENT = """\
registry:
  account_id: '123456789012'
  regions: [eu-central-1]
  pull_access: {accounts: ['200000000001']}
  upstreams: {docker-hub: {registry: docker-hub, credentials: {}}}
"""


def check(sandbox: Sandbox) -> str:
    command = ["check", str(sandbox.folder / "deployment.yaml")]
    return CliRunner().invoke(commands, command, env=sandbox.emulator.environment, catch_exceptions=False).stdout


def test_a_secret_that_somebody_overwrote_is_replaced(sandbox: Sandbox) -> None:
    stack = sandbox.stack(DEPLOYMENT)
    stack.apply()
    secrets = sandbox.client("secretsmanager")
    [secret] = secrets.list_secrets()["SecretList"]
    secrets.put_secret_value(SecretId=secret["ARN"], SecretString=json.dumps({"user": "by hand"}))

    named = re.search("`terraform apply -replace='([^`]*)'`", check(sandbox))
    assert named
    stack.has_no_changes()  # a deploy alone would not help
    stack.run("apply", "-auto-approve", "-input=false", f"-replace={named[1]}")

    assert check(sandbox).endswith("no findings\n")


def test_after_two_rotations_outside_terraform_the_variables_have_to_be_current(sandbox: Sandbox) -> None:
    stack = sandbox.stack(DEPLOYMENT)
    stack.apply()
    secrets = sandbox.client("secretsmanager")
    [secret] = secrets.list_secrets()["SecretList"]

    def rotate(token: str) -> None:
        value = json.dumps({"username": "the username of docker_hub", "accessToken": token})
        secrets.put_secret_value(SecretId=secret["ARN"], SecretString=value)

    def token() -> str:
        return str(json.loads(secrets.get_secret_value(SecretId=secret["ARN"])["SecretString"])["accessToken"])

    rotate("first")
    stack.has_no_changes()
    rotate("second")
    version = "module.secrets_manager_dockerhub_credentials.aws_secretsmanager_secret_version.this[0]"
    assert changes(stack.plan())[version] == ["create"]

    stack.environment["TF_VAR_docker_hub_access_token"] = "second"
    stack.apply()

    stack.has_no_changes()
    assert token() == "second"
    assert check(sandbox).endswith("no findings\n")
