"""What the registry of one Region has, read with calls that change nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from pull_through_cache.aws.arns import repository_arns
from pull_through_cache.check.account import Account
from pull_through_cache.check.findings import DENIED, CouldNotRun, error_code


@dataclass(frozen=True)
class Live:
    """The settings of a registry in one Region, as ECR describes them.

    - `organization_id`: of the account; None if it is in none, or the credentials may not read it.
    - `rules`: in the order of their prefixes. `templates`: by prefix.
    - `policy`: the JSON of the registry policy, and `scope` its scope; None if there is no policy.
    """

    account_id: str
    region: str
    organization_id: str | None
    rules: Sequence[Mapping[str, Any]]
    templates: Mapping[str, Mapping[str, Any]]
    policy: str | None
    scope: str | None
    scanning: Mapping[str, Any]

    @property
    def account_root(self) -> str:
        """The ARN of the account."""
        return f"arn:aws:iam::{self.account_id}:root"

    @property
    def all_repositories(self) -> list[str]:
        """The ARN of every repository."""
        return repository_arns(["ROOT"], account_id=self.account_id, regions=[self.region])


def live(account: Account, region: str) -> Live:
    """The registry of `account` in `region`.

    Raises CouldNotRun for a call that the credentials do not allow, and botocore's other errors.
    """
    try:
        return _read(account, region)
    except ClientError as error:
        if error_code(error) not in DENIED:
            raise
        reason = f"{region}: ecr:{error.operation_name} is denied; allow it for these credentials"
        raise CouldNotRun(reason) from error


def _read(account: Account, region: str) -> Live:
    ecr = account.client("ecr", region)
    rules = ecr.get_paginator("describe_pull_through_cache_rules").paginate()
    templates = ecr.get_paginator("describe_repository_creation_templates").paginate()
    policy = _policy(ecr)
    return Live(
        account_id=account.id,
        region=region,
        organization_id=_organization(account),
        rules=sorted(
            (rule for page in rules for rule in page["pullThroughCacheRules"]),
            key=lambda rule: str(rule["ecrRepositoryPrefix"]),
        ),
        templates={each["prefix"]: each for page in templates for each in page["repositoryCreationTemplates"]},
        policy=policy,
        scope=None if policy is None else str(ecr.get_account_setting(name="REGISTRY_POLICY_SCOPE")["value"]),
        scanning=ecr.get_registry_scanning_configuration()["scanningConfiguration"],
    )


def _policy(ecr: Any) -> str | None:
    try:
        return str(ecr.get_registry_policy()["policyText"])
    except ClientError as error:
        if error_code(error) != "RegistryPolicyNotFoundException":
            raise
        return None


def _organization(account: Account) -> str | None:
    try:
        return account.organization_id
    except ClientError as error:
        if error_code(error) not in DENIED:
            raise
        return None
