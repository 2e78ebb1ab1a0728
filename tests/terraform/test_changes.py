"""What changes in AWS when the deployment file changes, and what does not."""

import pytest

from tests.aws import allow, policy
from tests.terraform.conftest import Sandbox, Terraform, changes

DEPLOYMENT = """\
registry:
  regions: [eu-central-1]
  pull_access: {{accounts: ['200000000001']}}
  upstreams: {{{upstreams}}}
"""
QUAY = "quay: {registry: quay}"
KUBERNETES = "kubernetes: {registry: k8s}"
HUB = "docker-hub: {registry: docker-hub, credentials: {}}"


def cache(key: str) -> set[str]:
    return {
        f'module.ecr_pull_through_caches["{key}"].{resource}.this[0]'
        for resource in ("aws_ecr_pull_through_cache_rule", "aws_ecr_repository_creation_template")
    }


@pytest.fixture
def applied(sandbox: Sandbox) -> Terraform:
    stack = sandbox.stack(DEPLOYMENT.format(upstreams=f"{QUAY}, {HUB}"))
    stack.apply()
    return stack


def changed(sandbox: Sandbox, *upstreams: str) -> dict[str, list[str]]:
    plan = sandbox.stack(DEPLOYMENT.format(upstreams=", ".join(upstreams))).plan()
    # The registry policy names the prefixes of all caches.
    return {address: does for address, does in changes(plan).items() if address != "aws_ecr_registry_policy.registry"}


@pytest.mark.usefixtures("applied")
def test_adding_or_removing_an_upstream_changes_no_other(sandbox: Sandbox) -> None:
    assert changed(sandbox, QUAY, HUB, KUBERNETES) == {address: ["create"] for address in cache("kubernetes")}
    assert changed(sandbox, HUB) == {address: ["delete"] for address in cache("quay")}


@pytest.mark.usefixtures("applied")
def test_a_renamed_upstream_keeps_its_cache_and_gets_a_new_secret(sandbox: Sandbox) -> None:
    renamed = "hub: {registry: docker-hub, prefix: docker-hub, renamed_from: docker-hub, credentials: {}}"

    does = changed(sandbox, QUAY, renamed)

    rule, template = sorted(cache("hub"))
    secret = "module.secrets_manager_hub_credentials.aws_secretsmanager_secret"
    assert template not in does
    assert does.pop(rule) == ["update"]
    assert does == {f"{secret}{kind}.this[0]": ["delete", "create"] for kind in ("", "_policy", "_version")}


@pytest.mark.usefixtures("applied")
def test_a_rule_without_its_credential_is_replaced_and_its_repositories_stay(sandbox: Sandbox) -> None:
    ecr = sandbox.client("ecr")
    ecr.create_repository(repositoryName="docker-hub/library/nginx")
    rule, _ = sorted(cache("docker-hub"))

    stack = sandbox.stack(DEPLOYMENT.format(upstreams=f"{QUAY}, docker-hub: {{registry: k8s}}"))
    assert changes(stack.plan())[rule] == ["delete", "create"]
    stack.apply()

    [repository] = ecr.describe_repositories()["repositories"]
    assert repository["repositoryName"] == "docker-hub/library/nginx"


def test_an_existing_rule_without_template_is_adopted(sandbox: Sandbox) -> None:
    sandbox.client("ecr").create_pull_through_cache_rule(ecrRepositoryPrefix="quay", upstreamRegistryUrl="quay.io")

    stack = sandbox.stack(DEPLOYMENT.format(upstreams="quay: {registry: quay, adopt: [rule]}"))

    assert "1 imported, 2 added" in stack.apply()
    stack.has_no_changes()


REGISTRY_SETTINGS = """\
registry:
  account_id: '123456789012'
  regions: [eu-central-1]
  pull_access: {accounts: ['200000000001']}
  upstreams: {quay: {registry: quay}}
  registry_policy: {scope: V2, adopt: true}
  scanning: {type: BASIC, adopt: true}
"""


def test_the_settings_of_a_registry_are_adopted(sandbox: Sandbox) -> None:
    theirs = allow("ecr:ReplicateImage", resource="*", principal={"AWS": "210987654321"}, sid="Theirs")
    sandbox.client("ecr").put_registry_policy(policyText=policy(theirs))

    stack = sandbox.stack(REGISTRY_SETTINGS)
    planned = changes(stack.plan())

    assert planned["aws_ecr_registry_policy.registry"] == ["update"]
    assert planned["aws_ecr_registry_scanning_configuration.registry"] == ["update"]
    assert "3 imported" in stack.apply()
    stack.has_no_changes()


def test_an_existing_cache_is_adopted(sandbox: Sandbox) -> None:
    ecr = sandbox.client("ecr")
    ecr.create_pull_through_cache_rule(ecrRepositoryPrefix="quay", upstreamRegistryUrl="quay.io")
    ecr.create_repository_creation_template(prefix="quay", appliedFor=["PULL_THROUGH_CACHE"])

    stack = sandbox.stack(DEPLOYMENT.format(upstreams="quay: {registry: quay, adopt: true}"))

    assert "2 imported" in stack.apply()
    assert len(ecr.describe_pull_through_cache_rules()["pullThroughCacheRules"]) == 1
    stack.has_no_changes()
