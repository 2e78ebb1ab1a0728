"""Two deployment files whose stacks have one state in a backend: `make diff` of one notices what the other one deployed."""

import os
import shutil
import subprocess
from pathlib import Path

from tests.terraform.conftest import LONGEST, PROJECT, Sandbox
from tests.terraform.test_pipelines import project

DEPLOYMENT = """\
registry:
  account_id: "123456789012"
  regions: [eu-central-1]
  upstreams: {upstreams}
terraform:
  backend: {{s3: {{bucket: states, region: eu-central-1, use_path_style: true}}}}
"""


def diff(folder: Path, sandbox: Sandbox) -> str:
    """What `make diff` prints for mine.yaml."""
    done = subprocess.run(
        ["make", "-o", ".venv/runtime.txt", "-o", "node_modules/.package-lock.json", "diff"],
        cwd=folder,
        env={**sandbox.environment, "PATH": os.environ["PATH"], "CI": "1", "DEPLOYMENT": "mine.yaml"},
        capture_output=True,
        text=True,
        timeout=LONGEST,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stderr


def test_state_of_another_file_in_a_backend_is_noticed(sandbox: Sandbox) -> None:
    endpoint = sandbox.environment["AWS_ENDPOINT_URL"]
    sandbox.environment["AWS_ENDPOINT_URL_S3"] = endpoint
    sandbox.client("s3").create_bucket(
        Bucket="states", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    deployed = DEPLOYMENT.format(upstreams="{quay: {registry: quay}, public-ecr: {registry: ecr-public}}")
    sandbox.stack(deployed).apply()
    folder = project(sandbox.folder)
    (folder / "node_modules").symlink_to(PROJECT / "node_modules")

    (folder / "mine.yaml").write_text(DEPLOYMENT.format(upstreams="{public-ecr: {registry: ecr-public}}"))
    assert 'would delete: module.ecr_pull_through_caches["quay"]. If' in diff(folder, sandbox)

    shutil.rmtree(folder / "cdktf.out")
    (folder / "mine.yaml").write_text(deployed)
    assert "Warning" not in diff(folder, sandbox)
