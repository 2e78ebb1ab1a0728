"""Terraform writes a write-only token to no file: no plan, state or log."""

import json

from tests.terraform.conftest import Sandbox

TOKEN = "dckr_pat_of_nobody"
DEPLOYMENT = """\
registry:
  regions: [eu-central-1]
  pull_access: {}
  upstreams:
    docker-hub: {registry: docker-hub, credentials: {store: write_only}}
"""


def test_the_token_is_in_secrets_manager_and_in_no_file(sandbox: Sandbox) -> None:
    stack = sandbox.stack(DEPLOYMENT)
    stack.environment |= {
        "TF_VAR_docker_hub_access_token": TOKEN,
        # From DEBUG on, the provider logs the bodies of its requests to AWS.
        "TF_LOG": "INFO",
        "TF_LOG_PATH": str(sandbox.folder / "terraform.log"),
    }

    plan = json.dumps(stack.plan())
    printed = stack.run("apply", "-no-color", str(stack.folder / "plan"))
    stack.has_no_changes()

    [secret] = sandbox.client("secretsmanager").list_secrets()["SecretList"]
    value = sandbox.client("secretsmanager").get_secret_value(SecretId=secret["ARN"])["SecretString"]
    assert json.loads(value)["accessToken"] == TOKEN
    assert TOKEN not in plan + printed
    written = [file for file in sandbox.folder.rglob("*") if file.is_file() and ".terraform" not in file.parts]
    assert {"terraform.log", "plan", "terraform.shared-services-eu-central-1.tfstate"} <= {
        file.name for file in written
    }
    assert [file.name for file in written if TOKEN.encode() in file.read_bytes()] == []
