"""`existing: managed`: Terraform sets the policies of the repositories that the registry has already."""

import json

import pytest
from botocore.session import Session
from click.testing import CliRunner

from pull_through_cache.check import Account
from pull_through_cache.check.existing import existing_repositories
from pull_through_cache.commands import commands
from pull_through_cache.deployment import load
from tests.aws import Json, allow, error_of, policy
from tests.terraform.conftest import Sandbox, Terraform, changes

DEPLOYMENT = """\
registry:
  account_id: '123456789012'
  regions: [eu-central-1]
  pull_access: {accounts: ['200000000001']}
  repositories: {existing: managed, lifecycle: {keep_last: 20}}
  upstreams:
    quay: {registry: quay}
"""
TEAM = """\
    team:
      registry: quay
      prefix: quay/team
      repositories: {lifecycle: {keep_last: 5}, read_access: ['arn:aws:iam::210987654321:root']}
"""
UNMANAGED = DEPLOYMENT.replace("managed", "unmanaged")
THEIRS = policy(allow("ecr:BatchGetImage", principal={"AWS": "210987654321"}, sid="Theirs"))
POLICY, LIFECYCLE = (f"aws_ecr_{kind}_policy.existing" for kind in ("repository", "lifecycle"))
REPLACED = ["delete", "create"]
"""What the provider does to change a lifecycle policy."""


def template(sandbox: Sandbox, prefix: str) -> tuple[Json, Json]:
    """The repository policy and the lifecycle policy of a creation template."""
    ecr = sandbox.client("ecr")
    [found] = ecr.describe_repository_creation_templates(prefixes=[prefix])["repositoryCreationTemplates"]
    return json.loads(found["repositoryPolicy"]), json.loads(found["lifecyclePolicy"])


def policies(sandbox: Sandbox, repository: str) -> tuple[Json, Json]:
    """The same of a repository."""
    ecr = sandbox.client("ecr")
    return (
        json.loads(ecr.get_repository_policy(repositoryName=repository)["policyText"]),
        json.loads(ecr.get_lifecycle_policy(repositoryName=repository)["lifecyclePolicyText"]),
    )


def has_no_policy(sandbox: Sandbox, repository: str) -> bool:
    missing = error_of(sandbox.client("ecr").get_repository_policy, repositoryName=repository)
    return missing.startswith("RepositoryPolicyNotFoundException")


@pytest.fixture
def applied(sandbox: Sandbox) -> Terraform:
    """A registry with two cached repositories, one of them with a policy of its own, after a deploy."""
    ecr = sandbox.client("ecr")
    for name in ("quay/app", "quay/team/app"):
        ecr.create_repository(repositoryName=name)
    ecr.set_repository_policy(repositoryName="quay/app", policyText=THEIRS)
    stack = sandbox.stack(DEPLOYMENT)
    stack.apply()
    return stack


def test_a_repository_gets_the_policies_of_the_most_specific_template(sandbox: Sandbox) -> None:
    ecr = sandbox.client("ecr")
    for name in ("quay/app", "quay/team/app", "quay/teams/app", "quayside/app", "service"):
        ecr.create_repository(repositoryName=name)
    ecr.set_repository_policy(repositoryName="quay/app", policyText=THEIRS)

    text = f"{DEPLOYMENT}{TEAM}    rest: {{registry: k8s, prefix: ROOT}}\n"
    stack = sandbox.stack(text)
    stack.apply()

    stack.has_no_changes()
    [in_hcl] = sandbox.synthesize_hcl(text).values()
    in_hcl.init().has_no_changes()
    assert policies(sandbox, "quay/app") == policies(sandbox, "quay/teams/app") == template(sandbox, "quay")
    assert policies(sandbox, "quay/team/app") == template(sandbox, "quay/team")
    assert all(has_no_policy(sandbox, name) for name in ("quayside/app", "service"))


def test_it_manages_the_repositories_that_check_compares(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("quay/app", "quay/team/app", "quay/team/deep/app", "quay/teams/app", "quay/x.y/app", "quayside/app"):
        sandbox.client("ecr").create_repository(repositoryName=name)
    stack = sandbox.stack(f"{DEPLOYMENT}{TEAM}    dotted: {{registry: quay, prefix: quay/x.y}}\n")
    stack.apply()

    for name, value in sandbox.emulator.environment.items():
        monkeypatch.setenv(name, value)
    registry = load(sandbox.folder / "deployment.yaml").registry
    compared = existing_repositories(registry, Account("eu-central-1", Session()), "eu-central-1", [])
    assert {f'{POLICY}["{each.name}"]' for each in compared} == {
        address for address in stack.resources() if address.startswith(POLICY)
    }


@pytest.mark.usefixtures("applied")
def test_a_more_specific_cache_takes_its_repositories_over_in_place(sandbox: Sandbox) -> None:
    stack = sandbox.stack(f"{DEPLOYMENT}{TEAM}")

    planned = changes(stack.plan())
    stack.apply()

    assert planned[f'{POLICY}["quay/team/app"]'] == ["update"]
    assert planned[f'{LIFECYCLE}["quay/team/app"]'] == REPLACED
    assert policies(sandbox, "quay/team/app") == template(sandbox, "quay/team")


def test_the_next_apply_follows_what_happened_in_the_registry(sandbox: Sandbox, applied: Terraform) -> None:
    ecr = sandbox.client("ecr")
    ecr.create_repository(repositoryName="quay/new")
    ecr.delete_repository(repositoryName="quay/team/app")
    ecr.delete_repository_policy(repositoryName="quay/app")
    ecr.put_lifecycle_policy(
        repositoryName="quay/app", lifecyclePolicyText=json.dumps(template(sandbox, "quay")[1]).replace("20", "7")
    )

    assert changes(applied.plan()) == {
        f'{POLICY}["quay/app"]': ["create"],
        f'{LIFECYCLE}["quay/app"]': REPLACED,
        f'{POLICY}["quay/new"]': ["create"],
        f'{LIFECYCLE}["quay/new"]': ["create"],
    }
    applied.apply()
    assert policies(sandbox, "quay/app") == policies(sandbox, "quay/new") == template(sandbox, "quay")


def test_a_repository_that_is_deleted_between_plan_and_apply(sandbox: Sandbox) -> None:
    ecr = sandbox.client("ecr")
    for name in ("quay/app", "quay/gone"):
        ecr.create_repository(repositoryName=name)
    stack = sandbox.stack(DEPLOYMENT)
    stack.plan()
    ecr.delete_repository(repositoryName="quay/gone")

    failed = stack.run("apply", "-input=false", "-no-color", str(stack.folder / "plan"), expect=1)

    assert "RepositoryNotFoundException" in failed
    assert policies(sandbox, "quay/app") == template(sandbox, "quay")
    stack.has_no_changes()


def test_policies_that_are_deleted_between_plan_and_destroy(sandbox: Sandbox, applied: Terraform) -> None:
    ecr = sandbox.client("ecr")
    plan = str(applied.folder / "plan")
    applied.run("plan", "-destroy", "-input=false", f"-out={plan}")
    ecr.delete_repository(repositoryName="quay/team/app")
    ecr.delete_repository_policy(repositoryName="quay/app")

    applied.run("apply", "-input=false", plan)

    assert applied.resources() == set()


@pytest.mark.usefixtures("applied")
def test_without_it_the_policies_go_and_settle_sets_them_again(sandbox: Sandbox) -> None:
    stack = sandbox.stack(UNMANAGED)
    assert changes(stack.plan()) == {
        f'{kind}["{name}"]': ["delete"] for kind in (POLICY, LIFECYCLE) for name in ("quay/app", "quay/team/app")
    }
    stack.apply()
    assert has_no_policy(sandbox, "quay/app")

    settle = ["settle", "--apply", "--yes", str(sandbox.folder / "deployment.yaml")]
    result = CliRunner().invoke(commands, settle, env=sandbox.emulator.environment, catch_exceptions=False)

    assert result.exit_code == 0
    assert policies(sandbox, "quay/app") == template(sandbox, "quay")


def test_what_terraform_forgets_first_stays(sandbox: Sandbox, applied: Terraform) -> None:
    applied.run("state", "rm", POLICY, LIFECYCLE)

    sandbox.stack(UNMANAGED).has_no_changes()

    assert policies(sandbox, "quay/app") == template(sandbox, "quay")
