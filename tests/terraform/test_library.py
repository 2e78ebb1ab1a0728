"""The app in docs/library.md works."""

import re
import subprocess
import sys
from textwrap import dedent

from tests.terraform.conftest import PROJECT, Sandbox, Terraform


def test_the_app_plans_a_cache_and_the_nodes_policy(sandbox: Sandbox) -> None:
    blocks = re.findall(r"(?:^(?:    .*)?\n)+", (PROJECT / "docs" / "library.md").read_text(), re.MULTILINE)
    [app] = [block for block in blocks if "App()" in block]
    (sandbox.folder / "app.py").write_text(dedent(app))

    environment = {**sandbox.environment, "PYTHONPATH": str(PROJECT)}
    subprocess.run([sys.executable, "app.py"], cwd=sandbox.folder, env=environment, check=True)

    plan = Terraform(sandbox.folder / "cdktf.out" / "stacks" / "caches", sandbox.environment).init().plan()
    created = [change["type"] for change in plan["resource_changes"] if change["mode"] == "managed"]
    assert sorted(created) == [
        "aws_ecr_pull_through_cache_rule",
        "aws_ecr_repository_creation_template",
        "aws_iam_policy",
        "aws_iam_role_policy_attachment",
    ]
