"""Before a deploy, a state that may be another deployment file's is noticed."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stacks.app import build_app
from tests.conftest import Load

PROJECT = Path(__file__).parents[2]
STACK = "shared-services-eu-central-1"
ACCOUNT = "123456789012"
DEPLOYMENT = f"""\
registry:
  account_id: "{ACCOUNT}"
  regions: [eu-central-1, us-east-1]
  upstreams: {{quay: {{registry: quay}}}}
"""
POLICY = {"mode": "managed", "type": "aws_ecr_registry_policy", "name": "registry"}
CALLER = {"mode": "data", "type": "aws_caller_identity", "name": "caller", "instances": []}

Notice = Callable[..., str]


def cache(key: str, account: str = ACCOUNT) -> dict[str, Any]:
    """A rule as Terraform writes it into a state."""
    module, kind = f'module.ecr_pull_through_caches["{key}"]', "aws_ecr_pull_through_cache_rule"
    instances = [{"index_key": 0, "attributes": {"registry_id": account}}]
    return {"module": module, "mode": "managed", "type": kind, "name": "this", "instances": instances}


def policy(arn: str | None) -> dict[str, Any]:
    return {**POLICY, "instances": [{"attributes": {"arn": arn}}]}


@pytest.fixture
def notice(tmp_path: Path, load_text: Load) -> Notice:
    """The warnings about a state with these resources in a file beside cdktf.out."""

    def notice(*resources: object, text: str = DEPLOYMENT, stacks: tuple[str, ...] = ()) -> str:
        build_app(load_text(text), outdir=str(tmp_path / "cdktf.out")).synth()
        (tmp_path / f"terraform.{STACK}.tfstate").write_text(json.dumps({"version": 4, "resources": resources}))
        done = subprocess.run(
            [sys.executable, "-m", "stacks.states", "mine.yaml", *stacks],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(PROJECT)},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stderr

    return notice


def test_what_the_file_does_not_name(notice: Notice) -> None:
    assert notice(cache("quay"), cache("docker-hub")) == (
        f"Warning: the state of {STACK} has resources that a deploy would delete: "
        'module.ecr_pull_through_caches["docker-hub"]. '
        "If a file other than mine.yaml made them, set DEPLOYMENT to that file.\n"
    )


def test_many_addresses_are_cut(notice: Notice) -> None:
    warning = notice(*map(cache, "abcdefg"))

    assert 'caches["e"], …. If' in warning
    assert '["f"]' not in warning


@pytest.mark.parametrize(
    "resource",
    [cache("quay", "210987654321"), policy("arn:aws:iam::210987654321:policy/a")],
    ids=["registry_id", "arn"],
)
def test_another_account(notice: Notice, resource: object) -> None:
    warning = f"Warning: the state of {STACK} has resources of account 210987654321, not {ACCOUNT}. "
    assert notice(resource).startswith(warning)


def test_every_account_is_possible_without_account_id(notice: Notice) -> None:
    assert notice(cache("quay"), text=DEPLOYMENT.replace(f'  account_id: "{ACCOUNT}"\n', "")) == ""


def test_the_state_of_the_same_file_is_no_warning(notice: Notice) -> None:
    assert notice(cache("quay"), policy(None), policy(f"arn:aws:iam::{ACCOUNT}:policy/a"), CALLER) == ""


def test_a_renamed_upstream_is_no_warning(notice: Notice) -> None:
    renamed = DEPLOYMENT.replace("quay: {", "red-hat: {prefix: quay, renamed_from: quay, ")
    assert notice(cache("quay"), text=renamed) == ""


@pytest.mark.parametrize(
    ("stacks", "noticed"),
    [((STACK,), True), (("*",), True), (("shared-services-us-east-1",), False)],
    ids=["named", "pattern", "another"],
)
def test_only_the_stacks_of_the_command_count(notice: Notice, stacks: tuple[str, ...], noticed: bool) -> None:
    assert bool(notice(cache("docker-hub"), stacks=stacks)) == noticed


def test_without_a_state_there_is_no_warning(notice: Notice) -> None:
    local = "{local: {path: 'missing.{stack}'}}"
    assert notice(cache("docker-hub"), text=f"{DEPLOYMENT}terraform: {{backend: {local}}}\n") == ""
