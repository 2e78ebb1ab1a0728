"""The remedies that `check` names work when followed."""

import json
import re

import pytest
from click.testing import CliRunner

from pull_through_cache.commands import commands
from tests.aws import allow, policy
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


@pytest.mark.parametrize("store", ["module", "write_only"])
def test_a_secret_that_exists_is_adopted(sandbox: Sandbox, store: str) -> None:
    name = "ecr-pullthroughcache/docker-hub"
    sandbox.aws.secret(name, "eu-central-1", Description="By hand")
    text = DEPLOYMENT.replace("credentials: {}", f"credentials: {{store: {store}, name: {name}}}")
    sandbox.synthesize(text)
    named = re.search("write `(adopt: [^`]*)` under", check(sandbox))
    assert named

    stack = sandbox.stack(text.replace(f"name: {name}", f"name: {name}, {named[1]}"))
    assert ["update"] in changes(stack.plan()).values()
    stack.apply()

    stack.has_no_changes()
    [secret] = sandbox.client("secretsmanager").list_secrets()["SecretList"]
    value = json.loads(sandbox.client("secretsmanager").get_secret_value(SecretId=secret["ARN"])["SecretString"])
    assert value["username"] == "the username of docker_hub"
    assert check(sandbox).endswith("no findings\n")


def test_a_policy_of_nodes_that_exists_is_imported(sandbox: Sandbox) -> None:
    sandbox.aws.role(name="eks-nodes")
    theirs = policy(allow("ecr:GetAuthorizationToken", resource="*"))
    sandbox.client("iam").create_policy(PolicyName="container-registry-pull-through-access", PolicyDocument=theirs)
    text = "registry:\n  account_id: '123456789012'\n  regions: [eu-central-1]\n  pull_access: {}\n"
    stack = sandbox.stack(f"{text}  upstreams: {{quay: {{registry: quay}}}}\n  node_roles: [eks-nodes]\n")
    named = re.search("run `terraform (import [^`]*)`", check(sandbox))
    assert named

    stack.run(*named[1].split())
    stack.apply()

    stack.has_no_changes()
    assert check(sandbox).endswith("no findings\n")
