"""Questions about policies and IAM. "Guide": Amazon ECR User Guide; "IAM Guide": IAM User Guide."""

import json
from typing import Any

from tests.conformance.questions import code, error, question
from tests.conformance.sandbox import TRUSTED_BY_EC2, Json, SandboxAccounts, policy

ELEMENTS = "IAM Guide, reference_policies_elements.html"
QUOTAS = "IAM Guide, reference_iam-quotas.html"
LIFECYCLE = "Guide, lifecycle_policy_parameters.html"
READ: Json = {"Effect": "Allow", "Action": "ecr:BatchGetImage"}
EXPIRE: Json = {"type": "expire"}
ANY: Json = {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 9}


def repository_policy(sandbox: SandboxAccounts, **elements: Any) -> str:
    """How a repository answers a policy of one statement."""
    ecr, name = sandbox.client("ecr"), f"{sandbox.prefix}-repository"
    ecr.create_repository(repositoryName=name, tags=sandbox.tags)
    statement = READ | {"Principal": {"AWS": sandbox.account}} | elements
    return code(ecr.set_repository_policy, repositoryName=name, policyText=policy(statement))


@question(ELEMENTS, "InvalidParameterException")
def a_repository_policy_with_an_action_that_does_not_exist(sandbox: SandboxAccounts) -> Any:
    return repository_policy(sandbox, Action="ecr:PullImage")


@question("Service Authorization Reference, Amazon ECR", "accepted")
def a_repository_policy_with_a_permission_that_is_no_call(sandbox: SandboxAccounts) -> Any:
    return repository_policy(sandbox, Action="ecr:BatchImportUpstreamImage")


@question(ELEMENTS, "InvalidParameterException")
def a_repository_policy_for_a_role_that_does_not_exist(sandbox: SandboxAccounts) -> Any:
    return repository_policy(
        sandbox, Principal={"AWS": f"arn:aws:iam::{sandbox.account}:role/{sandbox.prefix}-missing"}
    )


@question(ELEMENTS, "InvalidParameterException")
def a_repository_policy_with_an_unknown_condition_operator(sandbox: SandboxAccounts) -> Any:
    return repository_policy(sandbox, Condition={"StringMatches": {"aws:PrincipalOrgID": "o-1"}})


@question("Guide, registry-permissions.html", "V2")
def the_scope_of_a_registry_policy(sandbox: SandboxAccounts) -> Any:
    return sandbox.client("ecr").get_account_setting(name="REGISTRY_POLICY_SCOPE")["value"]


@question(ELEMENTS, "MalformedPolicyDocument")
def a_trust_policy_for_a_role_that_does_not_exist(sandbox: SandboxAccounts) -> Any:
    missing = {"AWS": f"arn:aws:iam::{sandbox.account}:role/{sandbox.prefix}-missing"}
    return code(sandbox.role, name="role", trust=TRUSTED_BY_EC2 | {"Principal": missing})


@question(ELEMENTS, "MalformedPolicyDocument")
def an_identity_policy_with_an_unknown_condition_operator(sandbox: SandboxAccounts) -> Any:
    text = policy(READ | {"Resource": "*", "Condition": {"StringMatches": {"aws:PrincipalOrgID": "o-1"}}})
    return code(sandbox.client("iam").create_policy, PolicyName=f"{sandbox.prefix}-policy", PolicyDocument=text)


@question(ELEMENTS, "accepted")
def an_identity_policy_with_an_action_that_does_not_exist(sandbox: SandboxAccounts) -> Any:
    text = policy({"Effect": "Allow", "Action": "ecr:PullImage", "Resource": "*"})
    return code(sandbox.client("iam").create_policy, PolicyName=f"{sandbox.prefix}-policy", PolicyDocument=text)


@question(QUOTAS, ["EntityAlreadyExists", "EntityAlreadyExists"])
def a_policy_s_name_in_another_path_and_case(sandbox: SandboxAccounts) -> Any:
    create, name = sandbox.client("iam").create_policy, f"{sandbox.prefix}-policy"
    text = policy(READ | {"Resource": "*"})
    create(PolicyName=name, Path="/one/", PolicyDocument=text, Tags=sandbox.tags)
    names = (name, name.upper())
    return [code(create, PolicyName=each, Path="/two/", PolicyDocument=text) for each in names]


@question(QUOTAS, "EntityAlreadyExists")
def a_role_s_name_in_another_case(sandbox: SandboxAccounts) -> Any:
    sandbox.role("role")
    return code(sandbox.role, name="ROLE")


@question(QUOTAS, ["accepted", "LimitExceeded: Cannot exceed quota for PolicySize: 6144"])
def the_size_of_a_managed_policy(sandbox: SandboxAccounts) -> Any:
    create, name = sandbox.client("iam").create_policy, f"{sandbox.prefix}-policy"
    accepted = code(create, PolicyName=name, PolicyDocument=of_size(6_144), Tags=sandbox.tags)
    return [accepted, error(create, PolicyName=f"{name}-2", PolicyDocument=of_size(6_145))]


@question(QUOTAS, ["accepted", "LimitExceeded: Maximum policy size of 10240 bytes exceeded for role PREFIX-role"])
def the_size_of_a_role_s_inline_policies(sandbox: SandboxAccounts) -> Any:
    sandbox.role("role")
    put, name = sandbox.client("iam").put_role_policy, f"{sandbox.prefix}-role"
    accepted = code(put, RoleName=name, PolicyName="one", PolicyDocument=of_size(10_240))
    return [accepted, error(put, RoleName=name, PolicyName="one", PolicyDocument=of_size(10_241))]


def of_size(size: int) -> str:
    """A policy of this many characters, without white space."""
    empty = json.dumps(json.loads(policy(READ | {"Resource": "*", "Sid": ""})), separators=(",", ":"))
    return empty.replace('"Sid":""', f'"Sid":"{"a" * (size - len(empty))}"')


def lifecycle(sandbox: SandboxAccounts, *rules: tuple[Json, Json]) -> str:
    """How a repository answers a lifecycle policy of these selections and actions."""
    ecr, name = sandbox.client("ecr"), f"{sandbox.prefix}-repository"
    ecr.create_repository(repositoryName=name, tags=sandbox.tags)
    numbered = [
        {"rulePriority": number, "selection": selection, "action": action}
        for number, (selection, action) in enumerate(rules, start=1)
    ]
    text = json.dumps({"rules": numbered}).ljust(100)
    return code(ecr.put_lifecycle_policy, repositoryName=name, lifecyclePolicyText=text)


@question("Guide, lifecycle_policy_examples.html", "accepted")
def archive_images_then_expire_them(sandbox: SandboxAccounts) -> Any:
    days = {"tagStatus": "any", "countUnit": "days", "countNumber": 90}
    archive = {"type": "transition", "targetStorageClass": "archive"}
    return lifecycle(
        sandbox,
        (days | {"countType": "sinceImagePulled"}, archive),
        (days | {"storageClass": "archive", "countType": "sinceImageTransitioned"}, EXPIRE),
    )


@question(LIFECYCLE, "InvalidParameterException")
def expire_images_that_are_not_pulled(sandbox: SandboxAccounts) -> Any:
    days = {"tagStatus": "any", "countUnit": "days", "countNumber": 90, "countType": "sinceImagePulled"}
    return lifecycle(sandbox, (days, EXPIRE))


@question(LIFECYCLE, "InvalidParameterException")
def a_lifecycle_rule_for_any_images_that_is_not_the_last(sandbox: SandboxAccounts) -> Any:
    return lifecycle(sandbox, (ANY, EXPIRE), (ANY | {"tagStatus": "tagged", "tagPrefixList": ["v"]}, EXPIRE))
