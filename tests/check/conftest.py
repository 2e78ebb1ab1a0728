"""A deployment and the state of AWS that is as it says, made by hand: every test breaks something of it."""

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from botocore.session import Session
from click.testing import CliRunner, Result

from emulator.organization import MEMBERS, ORGANIZATION_ID, SHARED_SERVICES, Account
from pull_through_cache.checking import Account as Caller
from pull_through_cache.checking import check
from pull_through_cache.commands import commands
from pull_through_cache.deployment import load
from tests.aws import Aws, Json, allow, policy

SHOP = MEMBERS[0]
UPSTREAM_ACCOUNT = "900000000001"
KEY = f"arn:aws:kms:us-east-1:{SHARED_SERVICES.id}:key/01234567-89ab-cdef-0123-456789abcdef"
SECRET = "ecr-pullthroughcache/docker-hub"
VALUE = {"username": "somebody", "accessToken": "a token that nobody may see"}
LIFECYCLE = {
    "rules": [
        {
            "rulePriority": 1,
            "description": "Expire all but the newest images",
            "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 50},
            "action": {"type": "expire"},
        }
    ]
}
DEPLOYMENT = f"""\
registry:
  account_id: '{SHARED_SERVICES.id}'
  regions: [us-east-1]
  upstreams:
    quay: {{registry: quay}}
    docker-hub: {{registry: docker-hub, credentials: {{name: {SECRET}}}}}
    base:
      registry: ecr
      account_id: '{UPSTREAM_ACCOUNT}'
      region: us-east-1
      upstream_prefix: base
      repositories:
        tags: {{team: platform}}
        encryption: {{type: KMS, kms_key_arn: '{KEY}'}}
        lifecycle: {{keep_last: 50}}
  node_roles: [eks-nodes]
workloads:
  shop:
    account_id: '{SHOP.id}'
    assume_role_arn: arn:aws:iam::{SHOP.id}:role/terraform
    node_roles: [eks-nodes]
"""
PREFIXES = ("quay", "docker-hub", "base")
CACHED = [f"arn:aws:ecr:us-east-1:{SHARED_SERVICES.id}:repository/{prefix}/*" for prefix in PREFIXES]
FIRST_PULL = ("ecr:CreateRepository", "ecr:BatchImportUpstreamImage")
PULL = ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
OUR_ORGANIZATION = {"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION_ID}}
LOGIN = allow("ecr:GetAuthorizationToken", resource="*")
NODE = allow(*FIRST_PULL, *PULL, "ecr:TagResource", resource=CACHED)
REGISTRY_POLICY = allow(*FIRST_PULL, resource=CACHED, principal="*", condition=OUR_ORGANIZATION)
REPOSITORY_POLICY = allow(*PULL, principal="*", condition=OUR_ORGANIZATION)
READ_UPSTREAM = allow(
    *PULL,
    "ecr:BatchImportUpstreamImage",
    "ecr:GetImageCopyStatus",
    resource=f"arn:aws:ecr:us-east-1:{UPSTREAM_ACCOUNT}:repository/base/*",
)
WRITE_CACHE = allow("ecr:*", resource=CACHED[2])
SET_UP = allow("ecr:CreateRepository", "ecr:TagResource", resource=CACHED[2])
USE_KEY = allow("kms:*", resource=KEY)
SESSION = Session()
SESSION.create_client = cache(SESSION.create_client)  # to make a client takes longer than a call


def trust(service: str) -> str:
    return policy(allow("sts:AssumeRole", principal={"Service": service}))


class World:
    """The accounts, as the deployment wants them until a test breaks something."""

    def __init__(self, aws: Aws, folder: Path) -> None:
        self.aws = aws
        self.emulator = aws.emulator
        self.file = folder / "deployment.yaml"
        self.file.write_text(DEPLOYMENT)
        self.ecr = aws.client("ecr")
        self.iam = aws.client("iam")
        self.shop_iam = aws.client("iam", SHOP)
        self.secrets = aws.client("secretsmanager")

    def make(self) -> None:
        secret_arn = self.aws.secret(SECRET, SecretString=json.dumps(VALUE))
        self.role("upstream", LOGIN, READ_UPSTREAM, WRITE_CACHE, service="pullthroughcache.ecr.amazonaws.com")
        self.role("template", SET_UP, USE_KEY, service="ecr.amazonaws.com")
        self.role("eks-nodes", LOGIN, NODE)
        self.role("eks-nodes", LOGIN, NODE, account=SHOP)
        self.rule("quay", upstreamRegistryUrl="quay.io")
        self.rule("docker-hub", upstreamRegistryUrl="registry-1.docker.io", credentialArn=secret_arn)
        self.rule(
            "base",
            upstreamRegistryUrl=f"{UPSTREAM_ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com",
            upstreamRepositoryPrefix="base",
            customRoleArn=f"arn:aws:iam::{SHARED_SERVICES.id}:role/upstream",
        )
        for prefix in PREFIXES:
            self.ecr.create_repository_creation_template(
                prefix=prefix, appliedFor=["PULL_THROUGH_CACHE"], repositoryPolicy=policy(REPOSITORY_POLICY)
            )
        self.template(
            "base",
            resourceTags=[{"Key": "team", "Value": "platform"}],
            encryptionConfiguration={"encryptionType": "KMS", "kmsKey": KEY},
            lifecyclePolicy=json.dumps(LIFECYCLE),
            customRoleArn=f"arn:aws:iam::{SHARED_SERVICES.id}:role/template",
        )
        self.registry_policy(REGISTRY_POLICY)

    def role(
        self, name: str, *statements: Json, service: str = "ec2.amazonaws.com", account: Account = SHARED_SERVICES
    ) -> None:
        iam = self.aws.client("iam", account)
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust(service))
        self.grant(name, *statements, account=account)

    def grant(self, name: str, *statements: Json, account: Account = SHARED_SERVICES) -> None:
        """Puts these statements in the place of those that the role has."""
        document = policy(*statements)
        self.aws.client("iam", account).put_role_policy(RoleName=name, PolicyName="access", PolicyDocument=document)

    def attach(self, name: str, *statements: Json) -> str:
        """A policy of these statements, attached to the role of the registry's account; its ARN."""
        made = self.iam.create_policy(PolicyName=f"{name}-more", PolicyDocument=policy(*statements))
        arn = str(made["Policy"]["Arn"])
        self.iam.attach_role_policy(RoleName=name, PolicyArn=arn)
        return arn

    def rule(self, prefix: str, **settings: str) -> None:
        self.ecr.create_pull_through_cache_rule(ecrRepositoryPrefix=prefix, **settings)

    def replace_rule(self, prefix: str, **settings: str) -> None:
        self.ecr.delete_pull_through_cache_rule(ecrRepositoryPrefix=prefix)
        self.rule(prefix, **settings)

    def template(self, prefix: str, **settings: Any) -> None:
        self.ecr.update_repository_creation_template(prefix=prefix, **settings)

    def registry_policy(self, *statements: Json) -> None:
        self.ecr.put_registry_policy(policyText=policy(*statements))

    def secret_value(self, value: str) -> None:
        self.secrets.put_secret_value(SecretId=SECRET, SecretString=value)

    def deployment(self, old: str, new: str) -> None:
        """Changes the deployment's text."""
        text = self.file.read_text()
        assert old in text
        self.file.write_text(text.replace(old, new))

    def run(self, *options: str, account: Account = SHARED_SERVICES, **environment: str | None) -> Result:
        """The command, with the credentials of an account."""
        settings = {**self.emulator.environment_of(account), **environment}
        return CliRunner().invoke(commands, ["check", str(self.file), *options], env=settings, catch_exceptions=False)

    def found(self) -> dict[str, list[tuple[str, str]]]:
        """What the command finds: cause and remedy by place."""
        places: dict[str, list[tuple[str, str]]] = {}
        for finding in check(load(self.file), Caller("us-east-1", SESSION)):
            places.setdefault(finding.where, []).append((finding.cause, finding.remedy))
        return places


@pytest.fixture(scope="session")
def all_is_well(accounts: Aws, tmp_path_factory: pytest.TempPathFactory) -> int:
    """The snapshot of a world in which all is well."""
    accounts.emulator.reset()
    World(accounts, tmp_path_factory.mktemp("world")).make()
    return accounts.emulator.snapshot()


@pytest.fixture
def world(accounts: Aws, all_is_well: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A world in which all is well, and where the environment has the credentials of the registry's account."""
    for name in list(os.environ):
        if name.startswith("AWS_") and name != "AWS_CA_BUNDLE":
            monkeypatch.delenv(name)
    for name, value in accounts.emulator.environment.items():
        monkeypatch.setenv(name, value)
    accounts.emulator.reset(all_is_well)
    return World(accounts, tmp_path)
