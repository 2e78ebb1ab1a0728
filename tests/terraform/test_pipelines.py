"""The commands of docs/pipelines.md work."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from emulator.organization import MEMBERS
from tests.terraform.conftest import LONGEST, PROJECT, Sandbox

DEPLOYMENT = """\
registry:
  account_id: "123456789012"
  regions: [eu-central-1]
  upstreams: {quay: {registry: quay}}
workloads:
  shop: {account_id: "200000000001", assume_role_arn: "arn:aws:iam::200000000001:role/terraform", node_roles: [nodes]}
"""


def commands(heading: str) -> str:
    """The first block of commands under a heading."""
    text = (PROJECT / "docs" / "pipelines.md").read_text()
    section = text.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    block = re.search(r"(?:^    .*\n|^\n)*^    .*$", section, re.MULTILINE)
    assert block, f"{heading} has no commands"
    return block[0]


def project(folder: Path) -> Path:
    """A copy of the project that shares its virtual environment, with a small deployment for an organization."""
    copy = folder / "project"
    shutil.copytree(
        PROJECT, copy, ignore=shutil.ignore_patterns(".venv", ".git", "node_modules", "cdktf.out", ".*_cache", "tests")
    )
    (copy / ".venv").symlink_to(PROJECT / ".venv")
    (copy / "deployments" / "organization.yaml").write_text(DEPLOYMENT)
    return copy


def test_plain_terraform_deploys_every_stack(sandbox: Sandbox) -> None:
    sandbox.aws.role(name="nodes", account=MEMBERS[0])
    done = subprocess.run(
        ["bash", "-euc", commands("Plain Terraform")],
        cwd=project(sandbox.folder),
        env={**sandbox.environment, "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=LONGEST,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert sandbox.client("ecr").describe_pull_through_cache_rules()["pullThroughCacheRules"]
    assert sandbox.client("iam", MEMBERS[0]).list_attached_role_policies(RoleName="nodes")["AttachedPolicies"]
