"""Questions about pulls, over HTTPS as real clients pull. "Guide": Amazon ECR User Guide."""

from typing import Any

from tests.conformance.questions import question
from tests.conformance.sandbox import Json, SandboxAccounts, policy

WHO_MAY_PULL = "Guide, pull-through-cache-iam.html"
FIRST_PULL = ("ecr:CreateRepository", "ecr:BatchImportUpstreamImage")
READ = ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
NOT_FOUND = (
    "404: NAME_UNKNOWN: The repository with name 'PREFIX-rule/docker/library/busybox' "
    "does not exist in the registry with id 'ACCOUNT'"
)


def allow(sandbox: SandboxAccounts, *actions: str, **elements: Any) -> Json:
    """A statement about the repositories of this sandbox."""
    resource = f"arn:aws:ecr:{sandbox.region}:{sandbox.account}:repository/{sandbox.prefix}-*"
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource} | elements


def node(sandbox: SandboxAccounts, *actions: str, other: bool = False) -> str:
    """A role that may log in, and do these actions."""
    login = {"Effect": "Allow", "Action": "ecr:GetAuthorizationToken", "Resource": "*"}
    return sandbox.role("node", login, allow(sandbox, *actions), other=other)


@question(WHO_MAY_PULL, "pulled")
def a_first_pull_in_the_registry_s_account(sandbox: SandboxAccounts) -> Any:
    sandbox.rule()
    return sandbox.pull(node(sandbox, *FIRST_PULL, *READ))


@question(WHO_MAY_PULL, NOT_FOUND)
def a_first_pull_without_create_repository(sandbox: SandboxAccounts) -> Any:
    sandbox.rule()
    return sandbox.pull(node(sandbox, "ecr:BatchImportUpstreamImage", *READ))


@question(WHO_MAY_PULL, "404: MANIFEST_UNKNOWN: Requested image not found")
def a_first_pull_without_batch_import_upstream_image(sandbox: SandboxAccounts) -> Any:
    sandbox.rule()
    return sandbox.pull(node(sandbox, "ecr:CreateRepository", *READ))


@question("Guide, repository-creation-templates.html", NOT_FOUND)
def a_first_pull_with_a_template_with_tags_and_without_a_role(sandbox: SandboxAccounts) -> Any:
    sandbox.rule()
    sandbox.template(resourceTags=sandbox.tags)
    return sandbox.pull(node(sandbox, *FIRST_PULL, "ecr:TagResource", *READ))


@question(WHO_MAY_PULL, NOT_FOUND)
def a_first_pull_from_another_account_where_only_the_template_allows_it(sandbox: SandboxAccounts) -> Any:
    statement = {"Effect": "Allow", "Principal": {"AWS": sandbox.other_account}, "Action": [*FIRST_PULL, *READ]}
    sandbox.rule()
    sandbox.template(repositoryPolicy=policy(statement))
    return sandbox.pull(node(sandbox, *FIRST_PULL, *READ, other=True))


@question(WHO_MAY_PULL, "pulled")
def a_first_pull_from_another_account_that_the_registry_policy_allows(sandbox: SandboxAccounts) -> Any:
    principal = {"AWS": sandbox.other_account}
    sandbox.rule()
    sandbox.template(repositoryPolicy=policy({"Effect": "Allow", "Principal": principal, "Action": list(READ)}))
    sandbox.put_registry_policy(allow(sandbox, *FIRST_PULL, Principal=principal))
    return sandbox.pull(node(sandbox, *FIRST_PULL, *READ, other=True))
