"""Who can pull in the default deployment, by the policies that Terraform created."""

from itertools import count

import pytest

from emulator.organization import MEMBERS, SHARED_SERVICES, STRANGER, Account
from pull_through_cache.deployment import load
from tests.terraform.conftest import PROJECT, Sandbox, granting_statements, image

IMAGES = {"Docker Hub": "docker-hub/library/nginx", "ECR Public": "public-ecr/docker/library/redis"}
ACCOUNTS = {"own account": SHARED_SERVICES, "account of the organization": MEMBERS[0], "stranger": STRANGER}
NO_REPOSITORY = "name unknown: The repository with name '{}' does not exist in the registry with id '123456789012'"
NO_POLICY = "because no resource-based policy allows the ecr:BatchGetImage action"
fresh = count()


@pytest.fixture(scope="module")
def nodes(shared_sandbox: Sandbox) -> dict[Account, str]:
    """Apply the default deployment. A node role of each account, with the permissions of step 5 of the post."""
    sandbox = shared_sandbox
    deployment = load(PROJECT / "deployments" / "blog-post.yaml")
    sandbox.node_roles(deployment)
    sandbox.stack(deployment).apply()
    iam = sandbox.client("iam")
    [policy] = iam.list_policies(Scope="Local")["Policies"]
    version = iam.get_policy_version(PolicyArn=policy["Arn"], VersionId=policy["DefaultVersionId"])
    document = version["PolicyVersion"]["Document"]
    roles = {SHARED_SERVICES: "arn:aws:iam::123456789012:role/eks-nodes"}
    for account in (MEMBERS[0], STRANGER):
        roles[account] = sandbox.aws.role(*document["Statement"], name="eks-nodes", account=account)
    return roles


@pytest.mark.parametrize("repository", IMAGES.values(), ids=IMAGES)
@pytest.mark.parametrize(
    ("who", "cached", "error"),
    [
        pytest.param("own account", False, None, id="own account, not cached"),
        pytest.param("own account", True, None, id="own account, cached"),
        # The post grants CreateRepository in the repository's policy, where it has no effect.
        pytest.param("account of the organization", False, NO_REPOSITORY, id="organization, not cached"),
        pytest.param("account of the organization", True, None, id="organization, cached"),
        pytest.param("stranger", False, NO_REPOSITORY, id="stranger, not cached"),
        pytest.param("stranger", True, NO_POLICY, id="stranger, cached"),
    ],
)
def test_a_pull(
    shared_sandbox: Sandbox, nodes: dict[Account, str], repository: str, who: str, cached: bool, error: str | None
) -> None:
    emulator = shared_sandbox.emulator
    name = f"{repository}-{next(fresh)}"
    if cached:
        assert emulator.pull(image(name), nodes[SHARED_SERVICES]).allowed

    answer = emulator.pull(image(name), nodes[ACCOUNTS[who]])

    assert answer.allowed is (error is None)
    assert answer.repository_created is (error is None and not cached)
    assert error is None or error.format(name) in str(answer.error)


def test_a_cached_image_needs_a_grant_of_both_accounts(shared_sandbox: Sandbox, nodes: dict[Account, str]) -> None:
    name = f"docker-hub/library/nginx-{next(fresh)}"
    shared_sandbox.emulator.pull(image(name), nodes[SHARED_SERVICES])

    answer = shared_sandbox.emulator.pull(image(name), nodes[MEMBERS[0]])

    assert granting_statements(answer)["ecr:BatchGetImage"] == {
        ("identity", "statement 1"),
        ("repository", "AllowReadFromOrganization"),
    }
