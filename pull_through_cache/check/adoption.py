"""What to write into the deployment file for rules, templates, secrets, roles, and policies that exist already."""

from collections.abc import Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from pull_through_cache.check.account import Account
from pull_through_cache.check.findings import DENIED, Finding, error_code
from pull_through_cache.deployment.addresses import NODE_POLICY
from pull_through_cache.deployment.credentials import Credentials
from pull_through_cache.deployment.registry import Registry
from pull_through_cache.deployment.upstream import Upstream
from pull_through_cache.deployment.workload import Workload


def adoption(ecr: Any, prefix: str) -> str:
    """The key `adopt` for what exists for a prefix: the rule, the template, or both; empty if neither exists."""
    rules = ecr.get_paginator("describe_pull_through_cache_rules").paginate()
    templates = ecr.get_paginator("describe_repository_creation_templates").paginate()
    rule_prefixes = {each["ecrRepositoryPrefix"] for page in rules for each in page["pullThroughCacheRules"]}
    template_prefixes = {each["prefix"] for page in templates for each in page["repositoryCreationTemplates"]}
    found = {"rule": rule_prefixes, "template": template_prefixes}
    parts = [part for part, prefixes in found.items() if prefix.rstrip("/") in {each.rstrip("/") for each in prefixes}]
    return f"`adopt: {'true' if len(parts) == 2 else f'[{parts[0]}]'}`" if parts else ""


def remedy_if_missing(ecr: Any, part: str, upstream: Upstream, prefix: str, deploy: str) -> str:
    """How to get the rule or the template (`part`) of an upstream, for which the other may exist."""
    existing = adoption(ecr, prefix)
    if part in upstream.adopt:
        return (
            f"{f'write {existing}' if existing else 'delete `adopt`'}, as there is no {part} to import; then {deploy}"
        )
    if existing and not upstream.adopt:
        other = "template" if part == "rule" else "rule"
        return f"{deploy}; if Terraform did not make the {other}, write {existing} first"
    return deploy


def secret_to_adopt(credentials: Credentials, account: Account, region: str, where: str) -> Iterator[Finding]:
    """A secret with the name of one that a deploy creates, which then ends half-way."""
    if credentials.name is None or credentials.adopt or credentials.replicate:
        return
    try:
        arn = account.client("secretsmanager", region).describe_secret(SecretId=credentials.name)["ARN"]
    except ClientError as error:
        if error_code(error) != "ResourceNotFoundException":
            raise
        return
    remedy = f"if Terraform did not make it, write `adopt: {arn}` under its `credentials` (with several Regions, an ARN for each)"
    yield Finding(where, f"a secret {credentials.name} exists already", f"{remedy}, or another `name`")


def role_to_keep(
    part: str, upstream: Upstream, role_arn: object, live: Mapping[str, Any], where: str
) -> Iterator[Finding]:
    """The role of a rule or a template (`part`) to import, if the file does not name it as `role_arn`."""
    role = live.get("customRoleArn")
    if part in upstream.adopt and role and not role_arn:
        yield Finding(where, f"a deploy takes the role {role} from it", f"to keep the role, write `role_arn: {role}`")


def remedy_with_policy(account: Account, nodes: Registry | Workload, deploy: str, stack: str) -> str:
    """`deploy`, and what to do first if a policy with the name of the nodes' policy exists, which ends a first deploy."""
    arn = f"arn:aws:iam::{account.id}:policy{nodes.policy_path or '/'}{nodes.policy_name}"
    try:
        account.client("iam").get_policy(PolicyArn=arn)
    except ClientError as error:
        if error_code(error) not in ("NoSuchEntity", *DENIED):
            raise
        return deploy
    first = f"run `terraform import aws_iam_policy.{NODE_POLICY} {arn}` in the folder of {stack} first"
    return f"{deploy}; if Terraform did not make the policy {nodes.policy_name}, {first}"
