"""One role for the creation templates of a Region, in place of one for each template."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner

from emulator.organization import SHARED_SERVICES
from pull_through_cache.commands import commands
from tests.terraform.conftest import Sandbox, image

REGIONS = ("eu-central-1", "us-east-1")
KEYS = {region: f"arn:aws:kms:{region}:{SHARED_SERVICES.id}:key/01234567-89ab" for region in REGIONS}
DEPLOYMENT = f"""\
registry:
  account_id: '{SHARED_SERVICES.id}'
  regions: [{", ".join(REGIONS)}]
  pull_access: {{}}
  node_roles: [eks-nodes]
  template_role: shared
  upstreams:
    quay: {{registry: quay, repositories: {{tags: {{team: platform}}}}}}
    kubernetes:
      registry: k8s
      repositories: {{encryption: {{type: KMS, kms_key_arn: {KEYS}}}}}
    public: {{registry: ecr-public}}
"""
NODE = f"arn:aws:iam::{SHARED_SERVICES.id}:role/eks-nodes"


def roles(sandbox: Sandbox) -> list[Any]:
    """The roles that Terraform made."""
    found = sandbox.client("iam").list_roles()["Roles"]
    return [role for role in found if role["RoleName"] not in ("eks-nodes", "OrganizationAccountAccessRole")]


def pulls(sandbox: Sandbox) -> Iterator[Any]:
    """First pulls through each cache of each Region."""
    for region in REGIONS:
        for prefix in ("quay", "kubernetes", "public"):
            yield sandbox.emulator.pull(image(f"{prefix}/app", region), NODE)


@pytest.fixture
def nodes(sandbox: Sandbox) -> Sandbox:
    sandbox.aws.role(name="eks-nodes")
    return sandbox


def test_each_region_has_one_role_that_suffices(nodes: Sandbox) -> None:
    for stack in nodes.synthesize(DEPLOYMENT).values():
        stack.init().apply()
        stack.has_no_changes()

    assert len(roles(nodes)) == len(REGIONS)
    for outcome in pulls(nodes):
        assert outcome.repository_created, outcome
    arguments = ["check", str(nodes.folder / "deployment.yaml"), "--strict"]
    result = CliRunner().invoke(commands, arguments, env=nodes.emulator.environment, catch_exceptions=False)
    assert (result.exit_code, result.stderr) == (0, "")


def test_the_roles_of_the_templates_give_way_to_the_shared_one(nodes: Sandbox) -> None:
    one_region = re.sub(r"'us-east-1': '[^']*'", "", DEPLOYMENT.replace(", us-east-1]", "]"))
    nodes.stack(one_region.replace("shared", "module")).apply()
    assert len(roles(nodes)) == 2

    stack = nodes.stack(one_region)
    stack.apply()

    stack.has_no_changes()
    [role] = roles(nodes)
    templates = nodes.client("ecr").describe_repository_creation_templates()["repositoryCreationTemplates"]
    used = {template["prefix"]: template.get("customRoleArn") for template in templates}
    assert used == {"quay": role["Arn"], "kubernetes": role["Arn"], "public": None}
