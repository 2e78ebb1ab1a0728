"""The cdktf app in examples/ deploys what it should."""

import shutil
import subprocess
import sys

from tests.terraform.conftest import PROJECT, Sandbox, Terraform


def test_the_app_plans_a_cache_and_the_nodes_policy(sandbox: Sandbox) -> None:
    for file in ("caches.py", "main.py"):
        shutil.copy(PROJECT / "examples" / "cdktf-app" / file, sandbox.folder)

    environment = {**sandbox.environment, "PYTHONPATH": str(PROJECT)}
    subprocess.run([sys.executable, "main.py"], cwd=sandbox.folder, env=environment, check=True)

    plan = Terraform(sandbox.folder / "cdktf.out" / "stacks" / "caches", sandbox.environment).init().plan()
    created = [change["type"] for change in plan["resource_changes"] if change["mode"] == "managed"]
    assert sorted(created) == [
        "aws_ecr_pull_through_cache_rule",
        "aws_ecr_repository_creation_template",
        "aws_iam_policy",
        "aws_iam_role_policy_attachment",
    ]
