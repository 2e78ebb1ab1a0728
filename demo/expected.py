"""What a deployment file expects to exist in AWS before the first apply, made in the emulator."""

import json
import re
from collections.abc import Iterator
from typing import Any

from demo.accounts import node_roles, organization_of, pullers, registry_account
from demo.nodes import client, create_node_role
from demo.upstream_accounts import create_images
from emulator.aws import Emulator
from emulator.organization import Account
from pull_through_cache.deployment import Deployment
from pull_through_cache.deployment.registry import Registry
from pull_through_cache.deployment.upstream import Upstream
from pull_through_cache.deployment.values.regions import in_region

_ARN = re.compile(r"arn:aws:(?:iam|sts)::(\d{12}):(role|user|policy|assumed-role)/([^*?]+)")
_EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}
# What assumes the roles of templates and of ECR upstreams. Terraform assumes others, from the same account.
_SERVICES = ["ecr.amazonaws.com", "pullthroughcache.ecr.amazonaws.com"]


class NotEmulated(Exception):  # noqa: N818 - as in a sentence
    """A file names something that the emulator does not have."""


def create_expected(emulator: Emulator, deployment: Deployment) -> Iterator[str]:
    """Make it all, and yield a sentence for each thing. Raises NotEmulated."""
    registry, account = deployment.registry, registry_account(deployment)
    _check_boundary(client(emulator, "iam", account, "us-east-1"), registry.permissions_boundary)
    yield from _create_identities(emulator, deployment)
    for upstream in registry.upstreams.values():
        yield from create_images(emulator, deployment, upstream)
    for region in registry.regions:
        ecr = client(emulator, "ecr", account, region)
        for key, upstream in registry.upstreams.items():
            secret = _secret_arn(key, upstream, account, region)
            if secret:
                emulator.add_secret(secret, "somebody", "anything")
                yield f"{secret} has a user name and an access token."
            yield from _adopted(ecr, registry, key, secret)
        yield from _adopted_settings(ecr, registry, account)


def _check_boundary(iam: Any, boundary: str | None) -> None:
    if boundary and boundary.startswith("arn:aws:iam::aws:"):
        try:
            iam.get_policy(PolicyArn=boundary)
        except iam.exceptions.NoSuchEntityException:
            names = sorted(each["PolicyName"] for each in iam.list_policies(Scope="AWS")["Policies"])
            raise NotEmulated(
                f"registry.permissions_boundary: the demo does not have {boundary}; write one of {', '.join(names)}, "
                "or a policy of the registry's account"
            ) from None


def _create_identities(emulator: Emulator, deployment: Deployment) -> Iterator[str]:
    """Node roles without permissions, and every other role, user, and policy whose ARN is in the file."""
    accounts = {each.id: each for each in organization_of(deployment).accounts}
    nodes = {(account.id, role): account for account, role, _ in node_roles(deployment)}
    for (_, role), account in nodes.items():
        create_node_role(emulator, account, role)
        yield f"{role} has no permissions."
    taken = {(account, "role", _name(role)) for account, role in nodes}
    for account, role, _ in [] if nodes else pullers(deployment):
        yield from _create_identity(emulator, account, "role", role.partition(":role/")[2])
    for account_id, kind, name in _arns(deployment.model_dump(mode="json")):
        if account_id in accounts and (account_id, kind, _name(name)) not in taken:
            taken.add((account_id, kind, _name(name)))
            yield from _create_identity(emulator, accounts[account_id], kind, name)


def _name(arn: str) -> str:
    return arn.rpartition("/")[2].lower()


def _arns(value: Any) -> Iterator[tuple[str, str, str]]:
    """Account, kind, and path with name of the identities in a file."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _arns(each)
    match = _ARN.fullmatch(value) if isinstance(value, str) else None
    if match:
        account, kind, name = match.groups()
        # arn:aws:sts::<account>:assumed-role/<role>/<session>
        yield (account, "role", name.partition("/")[0]) if kind == "assumed-role" else (account, kind, name)


def _create_identity(emulator: Emulator, account: Account, kind: str, name: str) -> Iterator[str]:
    iam = client(emulator, "iam", account, "us-east-1")
    folder, _, last = name.rpartition("/")
    path, everything = f"/{folder}/" if folder else "/", _policy(_EVERYTHING)
    if kind == "policy":
        iam.create_policy(Path=path, PolicyName=last, PolicyDocument=everything)
    elif kind == "user":
        iam.create_user(Path=path, UserName=last)
        iam.put_user_policy(UserName=last, PolicyName="everything", PolicyDocument=everything)
    else:
        principal = {"Service": _SERVICES, "AWS": f"arn:aws:iam::{account.id}:root"}
        trust = _policy({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"})
        iam.create_role(Path=path, RoleName=last, AssumeRolePolicyDocument=trust)
        iam.put_role_policy(RoleName=last, PolicyName="everything", PolicyDocument=everything)
    yield f"arn:aws:iam::{account.id}:{kind}/{name} {'allows' if kind == 'policy' else 'may do'} everything."


def _secret_arn(key: str, upstream: Upstream, account: Account, region: str) -> str | None:
    """The secret that exists before the first apply: the file's, or that of the rule to adopt."""
    if upstream.credentials is None:
        return None
    if upstream.credentials.store == "existing":
        return in_region(upstream.credentials.secret_arn, region)
    if upstream.credentials.adopt:
        return in_region(upstream.credentials.adopt, region)
    former = f"arn:aws:secretsmanager:{region}:{account.id}:secret:ecr-pullthroughcache/former-{key}-AbCdEf"
    return former if "rule" in upstream.adopt else None


def _adopted(ecr: Any, registry: Registry, key: str, secret: str | None) -> Iterator[str]:
    """The rule and the template of an upstream with `adopt`."""
    upstream, prefix = registry.upstreams[key], registry.prefix(key)
    if "rule" in upstream.adopt:
        settings = {
            "upstreamRepositoryPrefix": upstream.upstream_prefix,
            "credentialArn": secret,
            "customRoleArn": in_region(upstream.role_arn, ecr.meta.region_name) or _former_role(upstream, registry),
        }
        ecr.create_pull_through_cache_rule(
            ecrRepositoryPrefix=prefix,
            upstreamRegistryUrl=upstream.host,
            **{name: value for name, value in settings.items() if value},
        )
        yield f"There is a rule for {prefix} already."
    if "template" in upstream.adopt:
        ecr.create_repository_creation_template(prefix=prefix, appliedFor=["PULL_THROUGH_CACHE"])
        yield f"There is a creation template for {prefix} already."


def _former_role(upstream: Upstream, registry: Registry) -> str | None:
    """A role for the rule to adopt, which Terraform replaces. ECR does not look whether it exists."""
    elsewhere = upstream.owner and upstream.owner != registry.account_id
    return f"arn:aws:iam::{registry.account_id}:role/former" if elsewhere else None


def _adopted_settings(ecr: Any, registry: Registry, account: Account) -> Iterator[str]:
    """The registry policy and the scanning configuration with `adopt`."""
    if registry.registry_policy.adopt:
        principal = {"AWS": f"arn:aws:iam::{account.id}:root"}
        ecr.put_registry_policy(
            policyText=_policy(
                {"Effect": "Allow", "Principal": principal, "Action": "ecr:ReplicateImage", "Resource": "*"}
            )
        )
        yield "There is a registry policy already."
    if registry.scanning and registry.scanning.adopt:
        ecr.put_registry_scanning_configuration(scanType="BASIC", rules=[])
        yield "There is a scanning configuration already."


def _policy(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
