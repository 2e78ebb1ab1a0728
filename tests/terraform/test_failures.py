"""An apply that fails or dies half-way is run again, and ends where it would have ended: nothing twice, nothing lost."""

import signal
import time
from collections import Counter
from typing import Any

import pytest

from pull_through_cache.deployment import Deployment
from tests.terraform.conftest import LONGEST, Terraform, World
from tests.terraform.test_blog_post import RESOURCES


@pytest.fixture
def stack(world: World, blog_post: Deployment) -> Terraform:
    world.node_roles(blog_post)
    return world.stack(blog_post)


def there(world: World) -> Counter[str]:
    """How many there are of each kind of thing in the registry's account."""
    ecr, iam, secrets = (world.client(service) for service in ("ecr", "iam", "secretsmanager"))
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
    "action", ["ecr:CreatePullThroughCacheRule", "secretsmanager:PutSecretValue", "iam:CreatePolicy"]
)
def test_a_call_that_is_refused_half_way(world: World, stack: Terraform, action: str) -> None:
    world.emulator.fail(action, "AccessDeniedException")
    assert "AccessDenied" in stack.run("apply", "-auto-approve", "-input=false", "-no-color", expect=1)

    stack.apply()

    assert stack.resources() == RESOURCES
    assert there(world) == WHOLE
    stack.has_no_changes()


def test_throttling_and_failures_that_pass_are_not_noticed(world: World, stack: Terraform) -> None:
    world.emulator.fail("ecr:CreateRepositoryCreationTemplate", "ThrottlingException", times=2)
    world.emulator.fail("iam:CreatePolicy", "InternalFailure", times=1)

    stack.apply()

    assert stack.resources() == RESOURCES


def test_an_apply_that_is_interrupted(world: World, stack: Terraform) -> None:
    world.emulator.delay("secretsmanager:PutSecretValue", 3)
    process = stack.start("apply", "-auto-approve", "-input=false", "-no-color")
    _wait_for(world, "secretsmanager:PutSecretValue")
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=LONGEST)
    assert process.returncode == 1

    stack.apply()

    assert stack.resources() == RESOURCES
    assert there(world) == WHOLE


def _wait_for(world: World, call: str) -> None:
    deadline = time.monotonic() + LONGEST
    while call not in world.emulator.calls():
        assert time.monotonic() < deadline, f"{call} never came"
        time.sleep(0.05)
