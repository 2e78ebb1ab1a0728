"""After an apply that failed or was killed, the next one completes. Nothing is missing, and nothing exists twice."""

import json
import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pull_through_cache.deployment import Deployment
from tests.terraform.conftest import LONGEST, Sandbox, Terraform
from tests.terraform.test_blog_post import RESOURCES


@pytest.fixture
def stack(sandbox: Sandbox, blog_post: Deployment) -> Terraform:
    sandbox.node_roles(blog_post)
    return sandbox.stack(blog_post)


def there(sandbox: Sandbox) -> Counter[str]:
    """How many things of each kind the registry's account has."""
    ecr, iam, secrets = (sandbox.client(service) for service in ("ecr", "iam", "secretsmanager"))
    things: dict[str, list[Any]] = {
        "rules": ecr.describe_pull_through_cache_rules()["pullThroughCacheRules"],
        "templates": ecr.describe_repository_creation_templates()["repositoryCreationTemplates"],
        "secrets": secrets.list_secrets()["SecretList"],
        "policies": iam.list_policies(Scope="Local")["Policies"],
        "attachments": iam.list_attached_role_policies(RoleName="eks-nodes")["AttachedPolicies"],
    }
    return Counter({kind: len(found) for kind, found in things.items()})


WHOLE = Counter(rules=2, templates=2, secrets=1, policies=1, attachments=1)


@pytest.mark.parametrize(
    ("action", "times", "error"),
    [
        ("ecr:CreatePullThroughCacheRule", 2, "InternalFailure"),
        ("ecr:CreateRepositoryCreationTemplate", 2, "ThrottlingException"),
        ("secretsmanager:PutSecretValue", 1, "InternalFailure"),
        ("iam:CreatePolicy", 1, "ThrottlingException"),
        ("iam:AttachRolePolicy", 1, "AccessDeniedException"),
    ],
)
def test_an_apply_after_one_that_failed(
    sandbox: Sandbox, stack: Terraform, action: str, times: int, error: str
) -> None:
    # By default, the provider retries for minutes.
    impatience = stack.folder / "impatient_override.tf.json"
    impatience.write_text('{"provider": {"aws": {"max_retries": 1}}}')
    sandbox.emulator.fail(action, error, times=times)
    assert error in stack.run("apply", "-auto-approve", "-input=false", "-no-color", expect=1)
    impatience.unlink()

    stack.apply()

    assert stack.resources() == RESOURCES
    assert there(sandbox) == WHOLE
    stack.has_no_changes()


def test_the_provider_retries_after_throttling_and_failures(sandbox: Sandbox, stack: Terraform) -> None:
    sandbox.emulator.fail("ecr:CreateRepositoryCreationTemplate", "ThrottlingException", times=2)
    sandbox.emulator.fail("iam:CreatePolicy", "InternalFailure", times=1)

    stack.apply()

    assert stack.resources() == RESOURCES


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL], ids=lambda how: how.name)
def test_an_apply_after_one_that_was_killed(sandbox: Sandbox, stack: Terraform, how: signal.Signals) -> None:
    secret_and_nodes_policy = 4
    _end_apply(sandbox, stack, during="secretsmanager:PutSecretValue", after=secret_and_nodes_policy, how=how)

    stack.apply()

    assert stack.resources() == RESOURCES
    assert there(sandbox) == WHOLE


def test_rules_that_are_missing_in_the_state_after_a_kill_can_be_adopted(
    sandbox: Sandbox, stack: Terraform, blog_post: Deployment
) -> None:
    all_but_rules = len(RESOURCES) - 2
    _end_apply(sandbox, stack, during="ecr:CreatePullThroughCacheRule", after=all_but_rules, how=signal.SIGKILL)
    _wait_until(lambda: there(sandbox) == WHOLE)
    again = stack.run("apply", "-auto-approve", "-input=false", "-no-color", expect=1)
    assert "PullThroughCacheRuleAlreadyExistsException" in again

    upstreams = {
        key: each.model_copy(update={"adopt": ("rule", "template")})
        for key, each in blog_post.registry.upstreams.items()
    }
    registry = blog_post.registry.model_copy(update={"upstreams": upstreams})
    sandbox.stack(blog_post.model_copy(update={"registry": registry})).apply()

    assert stack.resources() == RESOURCES
    assert there(sandbox) == WHOLE
    sandbox.stack(blog_post).has_no_changes()


def _end_apply(sandbox: Sandbox, stack: Terraform, *, during: str, after: int, how: signal.Signals) -> None:
    """Start an apply, and kill it during calls of one action, when the state has this many resources."""
    sandbox.emulator.delay(during, 15, times=2)
    process = stack.start("apply", "-auto-approve", "-input=false", "-no-color")
    state = sandbox.folder / "terraform.shared-services-eu-central-1.tfstate"
    try:
        _wait_until(lambda: during in sandbox.emulator.calls() and _resources_in(state) == after)
    finally:
        os.killpg(process.pid, how)  # as a terminal or a container runtime does: Terraform and its providers
    process.communicate(timeout=LONGEST)
    assert process.returncode in (1, -how)


def _resources_in(state: Path) -> int:
    try:
        resources = json.loads(state.read_text())["resources"]
    except (FileNotFoundError, ValueError):  # missing or incomplete
        return 0
    return sum(len(each["instances"]) for each in resources if each["mode"] == "managed")


def _wait_until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LONGEST
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.05)
