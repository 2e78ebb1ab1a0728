"""`python -m demo` as people run it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from botocore.session import get_session

from tests.terraform.conftest import LONGEST, PROJECT

# Nodes of, image, pull and result.
SUMMARY = [
    ["shared-services", "docker-hub/library/python:3.13", "first", "pulled"],
    ["shared-services", "docker-hub/library/python:3.13", "cached", "pulled"],
    ["shared-services", "public-ecr/nginx/nginx:1.29", "first", "pulled"],
    ["shared-services", "public-ecr/nginx/nginx:1.29", "cached", "pulled"],
    ["shop-production", "docker-hub/library/python:3.13", "cached", "pulled"],
    ["shop-production", "docker-hub/library/redis:8.2", "first", "denied"],
    ["stranger", "docker-hub/library/python:3.13", "cached", "denied"],
    ["shop-production", "docker-hub/library/redis:8.2", "first", "pulled"],
    ["stranger", "docker-hub/library/postgres:18", "first", "denied"],
]


class Demo:
    """The demo with its own temporary folder, which also identifies its processes."""

    def __init__(self, temporary: Path) -> None:
        self._temporary = temporary

    def start(self, *arguments: str, module: str = "demo", **environment: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=PROJECT,
            env={**os.environ, "TMPDIR": str(self._temporary), **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, **environment: str) -> tuple[int, str, str]:
        """Exit code, output and errors."""
        with self.start(*arguments, **environment) as process:
            output, errors = process.communicate(timeout=LONGEST)
        return process.returncode, output, errors

    def leaves_nothing(self) -> bool:
        processes = []
        for environ in Path("/proc").glob("[0-9]*/environ"):
            try:
                processes += [environ] if str(self._temporary).encode() in environ.read_bytes() else []
            except OSError:  # another's, or gone
                continue
        return (processes, list(self._temporary.iterdir())) == ([], [])


@pytest.fixture
def demo() -> Iterator[Demo]:
    # Not tmp_path: Terraform's providers have sockets in there, whose paths must be short.
    with TemporaryDirectory() as temporary:
        yield Demo(Path(temporary))


def test_the_demo_deploys_pulls_destroys_and_leaves_nothing(demo: Demo) -> None:
    status, output, errors = demo.run(AWS_PROFILE="nobody", DEPLOYMENT="nothing.yaml", HTTP_PROXY="http://127.0.0.1:9")

    assert (status, errors) == (0, "")
    assert all(character.isprintable() or character == "\n" for character in output)
    for text in ("9 added", "No changes.", "1 added, 0 changed, 0 destroyed", "Resources: 10 destroyed"):
        assert text in output
    _, _, _, *rows = output.partition("\nSummary\n")[2].splitlines()
    assert [row.split()[:4] for row in rows[: len(SUMMARY)]] == SUMMARY
    assert rows[5].strip().endswith("no resource-based policy allows the ecr:CreateRepository action")
    assert output.count("sha256:") == 3
    assert "no resource-based policy allows the ecr:BatchGetImage action" in output
    assert demo.leaves_nothing()


OWN_FILE = """\
registry:
  account_id: "111111111111"
  regions: [eu-west-1]
  upstreams: {hub: {registry: docker-hub, credentials: {}}}
  pull_access: {organizational_units: [o-ownorganiz/r-mine/ou-mine-11111111/ou-mine-22222222/*]}
workloads:
  payments:
    account_id: "222222222222"
    node_roles: ["arn:aws:iam::222222222222:role/eks/nodes"]
terraform: {backend: {s3: {bucket: of-another-world, region: eu-west-1, key: "{stack}"}}}
"""


def test_your_own_file(demo: Demo, tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(OWN_FILE)

    status, output, errors = demo.run("--deployment", str(file))

    assert (status, errors) == (0, "")
    assert "ECR took registry-1.docker.io/222222222222-nodes/team/image:1 from the upstream registry." in output
    (row,) = [line for line in output.partition("\nSummary\n")[2].splitlines() if "payments" in line]
    assert "pulled   identity + registry + repository policy" in row
    assert demo.leaves_nothing()


def test_what_your_own_file_expects_exists(demo: Demo) -> None:
    """ECR upstreams, secrets, rules, templates and roles that exist, and what other teams do after the apply."""
    status, output, errors = demo.run("--deployment", "tests/demo/expecting.yaml")

    assert (status, errors) == (0, "")
    rows = [line.split() for line in output.partition("\nSummary\n")[2].splitlines() if " pulled " in line]
    images = {row[1].partition("/")[0] for row in rows if row[2] == "first"}
    assert images == {"quay", "hub", "gitlab", "github", "base", "other", "own"}
    assert demo.leaves_nothing()


def test_a_file_without_node_roles(demo: Demo, tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("registry: {regions: [us-east-1], upstreams: {quay: {registry: quay}}}\n")

    status, output, errors = demo.run("--deployment", str(file))

    assert (status, errors) == (0, "")
    assert (
        "The file has no node roles. A role in the registry's account that may do everything pulls instead." in output
    )
    assert "ECR took quay.io/123456789012-demo/team/image:1 from the upstream registry." in output


def test_every_node_role_of_the_organization_makes_its_first_pulls(demo: Demo) -> None:
    status, output, errors = demo.run("--deployment", "deployments/organization.yaml")

    assert (status, errors) == (0, "")
    rows = output.partition("\nSummary\n")[2].splitlines()
    # Six node roles, and four upstream registries.
    assert sum("first   pulled   identity + registry + repository policy" in row for row in rows) == 24


def test_a_file_that_is_wrong(demo: Demo, tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("registry: {}\n")

    status, output, errors = demo.run("--deployment", str(file))

    assert (status, output) == (2, "")
    assert errors.startswith(f"{file}:1: registry")


def test_the_emulator_is_served_for_your_own_terraform(demo: Demo, tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(OWN_FILE)
    with demo.start("--deployment", str(file), module="emulator") as process:
        assert process.stdout
        url = process.stdout.readline().strip().removeprefix("export AWS_ENDPOINT_URL=")
        iam = get_session().create_client(
            "iam",
            endpoint_url=url,
            region_name="eu-west-1",
            aws_access_key_id="EMULATOR222222222222",
            aws_secret_access_key="any",
        )
        assert iam.get_role(RoleName="nodes")["Role"]["Arn"] == "arn:aws:iam::222222222222:role/eks/nodes"
        process.send_signal(signal.SIGINT)
        process.communicate()
    assert demo.leaves_nothing()


@pytest.mark.parametrize(
    ("step", "ending"), [("Synthesize", signal.SIGTERM), ("Creation complete", signal.SIGINT)], ids=["synth", "apply"]
)
def test_an_interrupted_demo_leaves_nothing(demo: Demo, step: str, ending: signal.Signals) -> None:
    with demo.start() as process:
        assert process.stdout
        assert any(step in line for line in process.stdout)
        process.send_signal(ending)
        output, _ = process.communicate(timeout=LONGEST)

    assert process.returncode == 128 + ending
    assert output.endswith(f"{ending.name} came. Everything the demo started has ended; nothing is left.\n")
    assert demo.leaves_nothing()


def test_the_demo_shows_terraforms_errors(demo: Demo, tmp_path: Path) -> None:
    terraform = tmp_path / "terraform"
    terraform.write_text("#!/bin/sh\necho 'Error: out of order' >&2\nexit 1\n")
    terraform.chmod(0o755)

    status, _, errors = demo.run(PATH=f"{tmp_path}:{os.environ['PATH']}")

    assert (status, errors) == (1, "Error: out of order\n")
    assert demo.leaves_nothing()


def test_a_missing_terraform_is_reported(demo: Demo, tmp_path: Path) -> None:
    status, output, errors = demo.run(PATH=str(tmp_path))

    assert (status, output) == (2, "")
    assert errors.startswith("terraform is not on PATH: install it")
    assert errors.count("\n") == 1


def test_a_machine_without_provider_and_network_gets_one_sentence(tmp_path: Path) -> None:
    script = """
import pathlib, sys
import emulator.terraform
emulator.terraform.OPT = pathlib.Path("nowhere")
from demo.__main__ import main
sys.exit(main([]))
"""
    settings = tmp_path / "terraform.tfrc"
    settings.touch()
    environment = {"TF_PROVIDER_MIRROR": "", "TF_CLI_CONFIG_FILE": str(settings), "HTTPS_PROXY": "http://127.0.0.1:9"}
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=PROJECT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=LONGEST,
        check=False,
    )

    assert done.returncode == 1
    assert done.stderr.startswith("Terraform could not download the AWS provider: connect this machine to ")
    assert done.stderr.endswith("connection refused).\n")
    assert done.stderr.count("\n") == 1
