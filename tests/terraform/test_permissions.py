"""The permissions that docs/permissions/terraform.json grants: they suffice to deploy, change and destroy, and are used."""

import json
import re
from collections.abc import Iterator

import pytest

from emulator.organization import MEMBERS, SHARED_SERVICES, Account
from pull_through_cache.deployment import load
from tests.aws import allow, policy
from tests.terraform.conftest import PROJECT, Sandbox, Terraform

DOCUMENT = (PROJECT / "docs" / "permissions" / "terraform.json").read_text()
DOCUMENTED = {action for statement in json.loads(DOCUMENT)["Statement"] for action in statement["Action"]}
EVERY_SETTING = (PROJECT / "deployments" / "every-setting.yaml").read_text()
UPSTREAMS = "  upstreams:\n"
ANOTHER_REGISTRY = f"""\
    base-images:
      registry: ecr
      account_id: "{MEMBERS[0].id}"
      region: us-east-1
      upstream_prefix: base
"""
CHANGES = {
    "IMMUTABLE": "MUTABLE",
    "keep_last: 50": "keep_last: 40",
    "prefix: aws/public": "prefix: aws/gallery",
    "recovery_window_in_days: 14": "recovery_window_in_days: 7",
    "Access token of the platform team": "Access token of the team",
    "SCAN_ON_PUSH": "CONTINUOUS_SCAN",
    "type: BASIC": "type: ENHANCED",
    'accounts: ["300000000001"]': 'accounts: ["300000000002"]',
}


def role(sandbox: Sandbox, account: Account) -> str:
    """The role with which Terraform deploys in an account, as documented; its ARN."""
    iam = sandbox.client("iam", account)
    trust = policy(allow("sts:AssumeRole", principal={"AWS": SHARED_SERVICES.id}))
    arn = str(iam.create_role(RoleName="terraform", AssumeRolePolicyDocument=trust)["Role"]["Arn"])
    iam.put_role_policy(RoleName="terraform", PolicyName="deploy", PolicyDocument=DOCUMENT)
    return arn


def stacks(sandbox: Sandbox, text: str) -> Iterator[Terraform]:
    (sandbox.folder / "deployment.yaml").write_text(text)
    for stack in sandbox.synthesize(sandbox.folder / "deployment.yaml").values():
        yield stack.init()


@pytest.mark.slow
def test_they_suffice_and_each_is_used(sandbox: Sandbox) -> None:
    text = re.sub(r" +eu-central-1: .*\n", "", EVERY_SETTING).replace("[eu-central-1, us-east-1]", "[us-east-1]")
    text = text.replace("  repositories:\n", "  repositories:\n    existing: managed\n", 1)
    text = text.replace(UPSTREAMS, f"{UPSTREAMS}{ANOTHER_REGISTRY}", 1)
    (sandbox.folder / "deployment.yaml").write_text(text)
    sandbox.node_roles(load(sandbox.folder / "deployment.yaml"))
    ours, _ = role(sandbox, SHARED_SERVICES), role(sandbox, MEMBERS[0])
    given = sandbox.client("sts").assume_role(RoleArn=ours, RoleSessionName="deploy")["Credentials"]
    sandbox.environment |= {
        "AWS_ACCESS_KEY_ID": given["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": given["SecretAccessKey"],
        "AWS_SESSION_TOKEN": given["SessionToken"],
    }
    sandbox.emulator.authorize()

    sandbox.client("ecr", region="us-east-1").create_repository(repositoryName="docker-hub/library/nginx")
    for stack in stacks(sandbox, text):
        stack.apply()
    for old, new in CHANGES.items():
        assert old in text
        text = text.replace(old, new)
    sandbox.environment["TF_VAR_docker_hub_access_token"] = "renewed"
    for stack in stacks(sandbox, text):
        stack.apply()
        stack.has_no_changes()
        stack.destroy()

    assert set(sandbox.emulator.permissions()) == DOCUMENTED
