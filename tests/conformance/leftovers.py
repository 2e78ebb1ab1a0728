"""Everything that a sandbox left in an account."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import Any

Thing = tuple[str, Callable[[], Any]]
"""A resource, and the call that deletes it."""


def things(client: Callable[[str], Any], prefix: str) -> Iterator[Thing]:
    """Everything in this client's account with a name that begins with the prefix."""
    yield from _in_ecr(client("ecr"), prefix)
    yield from _secrets(client("secretsmanager"), prefix)
    yield from _in_iam(client("iam"), prefix)


def _in_ecr(ecr: Any, prefix: str) -> Iterator[Thing]:
    for page in ecr.get_paginator("describe_pull_through_cache_rules").paginate():
        for rule in page["pullThroughCacheRules"]:
            if (name := rule["ecrRepositoryPrefix"]).startswith(prefix):
                yield f"rule {name}", partial(ecr.delete_pull_through_cache_rule, ecrRepositoryPrefix=name)
    for page in ecr.get_paginator("describe_repository_creation_templates").paginate():
        for template in page["repositoryCreationTemplates"]:
            if (name := template["prefix"]).startswith(prefix):
                yield f"template {name}", partial(ecr.delete_repository_creation_template, prefix=name)
    for page in ecr.get_paginator("describe_repositories").paginate():
        for repository in page["repositories"]:
            if (name := repository["repositoryName"]).startswith(prefix):
                yield f"repository {name}", partial(ecr.delete_repository, repositoryName=name, force=True)
    with suppress(ecr.exceptions.RegistryPolicyNotFoundException):
        if prefix in ecr.get_registry_policy()["policyText"]:
            yield "registry policy", ecr.delete_registry_policy


def _secrets(manager: Any, prefix: str) -> Iterator[Thing]:
    for page in manager.get_paginator("list_secrets").paginate(IncludePlannedDeletion=False):
        for secret in page["SecretList"]:
            if (name := secret["Name"]).removeprefix("ecr-pullthroughcache/").startswith(prefix):
                delete = partial(manager.delete_secret, SecretId=secret["ARN"], ForceDeleteWithoutRecovery=True)
                yield f"secret {name}", delete


def _in_iam(iam: Any, prefix: str) -> Iterator[Thing]:
    for page in iam.get_paginator("list_roles").paginate():
        for role in page["Roles"]:
            if (name := role["RoleName"]).lower().startswith(prefix):
                for inline in iam.list_role_policies(RoleName=name)["PolicyNames"]:
                    delete = partial(iam.delete_role_policy, RoleName=name, PolicyName=inline)
                    yield f"policy {inline} of role {name}", delete
                yield f"role {name}", partial(iam.delete_role, RoleName=name)
    for page in iam.get_paginator("list_policies").paginate(Scope="Local"):
        for found in page["Policies"]:
            if (name := found["PolicyName"]).lower().startswith(prefix):
                yield f"policy {name}", partial(iam.delete_policy, PolicyArn=found["Arn"])
