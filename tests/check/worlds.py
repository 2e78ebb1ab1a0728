"""Deployments and matching states of AWS, made by hand: every test breaks something of one."""

import json
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from botocore.session import Session
from click.testing import CliRunner, Result

from emulator.organization import MEMBERS, ORGANIZATION_ID, SHARED_SERVICES, Account
from pull_through_cache.check import Account as Caller
from pull_through_cache.check import check
from pull_through_cache.commands import commands
from pull_through_cache.deployment import load
from tests.aws import Aws, Json, allow, policy

SHOP = MEMBERS[0]
UPSTREAM_ACCOUNT = "900000000001"
KEY = f"arn:aws:kms:us-east-1:{SHARED_SERVICES.id}:key/01234567-89ab-cdef-0123-456789abcdef"
SECRET = "ecr-pullthroughcache/docker-hub"
VALUE = {"username": "somebody", "accessToken": "a token that nobody may see"}
LIFECYCLE: Json = {
    "rules": [
        {
            "rulePriority": 1,
            "description": "Expire all but the newest images",
            "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 50},
            "action": {"type": "expire"},
        }
    ]
}
REGISTRY = f"""\
registry:
  account_id: '{SHARED_SERVICES.id}'
  regions: [us-east-1]
  node_roles: [eks-nodes]
  upstreams:
"""
QUAY = "    quay: {registry: quay}\n"
DOCKER_HUB = f"    docker-hub: {{registry: docker-hub, credentials: {{name: {SECRET}}}}}\n"
BASE = f"""\
    base:
      registry: ecr
      account_id: '{UPSTREAM_ACCOUNT}'
      region: us-east-1
      upstream_prefix: base
      repositories:
        tags: {{team: platform}}
        encryption: {{type: KMS, kms_key_arn: '{KEY}'}}
        lifecycle: {{keep_last: 50}}
"""
WORKLOAD = f"""\
workloads:
  shop:
    account_id: '{SHOP.id}'
    assume_role_arn: arn:aws:iam::{SHOP.id}:role/terraform
    node_roles: [eks-nodes]
"""
QUAY_CACHE, HUB_CACHE, BASE_CACHE = CACHED = [
    f"arn:aws:ecr:us-east-1:{SHARED_SERVICES.id}:repository/{prefix}/*" for prefix in ("quay", "docker-hub", "base")
]
DEPLOY = "deploy shared-services-us-east-1"
FIRST_PULL = ("ecr:CreateRepository", "ecr:BatchImportUpstreamImage")
PULL = ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
OUR_ORGANIZATION = {"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION_ID}}
LOGIN = allow("ecr:GetAuthorizationToken", resource="*")
NODE = allow(*FIRST_PULL, *PULL, "ecr:TagResource", resource=CACHED)
REGISTRY_POLICY = allow(*FIRST_PULL, resource=[HUB_CACHE, QUAY_CACHE], principal="*", condition=OUR_ORGANIZATION)
REPOSITORY_POLICY = allow(*PULL, principal="*", condition=OUR_ORGANIZATION)
READ_UPSTREAM = allow(
    *PULL,
    "ecr:BatchImportUpstreamImage",
    "ecr:GetImageCopyStatus",
    resource=f"arn:aws:ecr:us-east-1:{UPSTREAM_ACCOUNT}:repository/base/*",
)
WRITE_CACHE = allow("ecr:*", resource=BASE_CACHE)
SET_UP = allow("ecr:CreateRepository", "ecr:TagResource", resource=BASE_CACHE)
USE_KEY = allow("kms:*", resource=KEY)
SESSION = Session()
SESSION.create_client = cache(SESSION.create_client)  # to make a client takes longer than a call


def trust(service: str) -> str:
    return policy(allow("sts:AssumeRole", principal={"Service": service}))


def scanning_rule(frequency: str, *names: str) -> Json:
    filters = [{"filter": name, "filterType": "WILDCARD"} for name in names]
    return {"scanFrequency": frequency, "repositoryFilters": filters}


def without(statement: Json, *actions: str) -> Json:
    return statement | {"Action": [action for action in statement["Action"] if action not in actions]}


class World:
    """A registry with two caches and a node role, as the deployment wants it until a test breaks something."""

    text = REGISTRY + QUAY + DOCKER_HUB

    def __init__(self, aws: Aws, folder: Path) -> None:
        self.aws = aws
        self.emulator = aws.emulator
        self.file = folder / "deployment.yaml"
        self.file.write_text(self.text)
        self.ecr = aws.client("ecr")
        self.iam = aws.client("iam")
        self.secrets = aws.client("secretsmanager")

    def make(self) -> None:
        secret_arn = self.aws.secret(SECRET, SecretString=json.dumps(VALUE))
        self.aws.role(LOGIN, NODE, name="eks-nodes")
        self.cache("quay", upstreamRegistryUrl="quay.io")
        self.cache("docker-hub", upstreamRegistryUrl="registry-1.docker.io", credentialArn=secret_arn)
        self.registry_policy(REGISTRY_POLICY)

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

    def gone(self, name: str) -> None:
        """Deletes the role."""
        self.iam.delete_role_policy(RoleName=name, PolicyName="access")
        self.iam.delete_role(RoleName=name)

    def cache(self, prefix: str, **settings: str) -> None:
        """A rule of these settings, and its template."""
        self.rule(prefix, **settings)
        self.ecr.create_repository_creation_template(
            prefix=prefix, appliedFor=["PULL_THROUGH_CACHE"], repositoryPolicy=policy(REPOSITORY_POLICY)
        )

    def rule(self, prefix: str, **settings: str) -> None:
        self.ecr.create_pull_through_cache_rule(ecrRepositoryPrefix=prefix, **settings)

    def replace_rule(self, prefix: str, **settings: str) -> None:
        self.ecr.delete_pull_through_cache_rule(ecrRepositoryPrefix=prefix)
        self.rule(prefix, **settings)

    def template(self, prefix: str, **settings: Any) -> None:
        self.ecr.update_repository_creation_template(prefix=prefix, **settings)

    def repository(self, name: str, *statements: Json, **settings: Any) -> None:
        """A repository with a policy of these statements, if there are any."""
        self.ecr.create_repository(repositoryName=name, **settings)
        if statements:
            self.ecr.set_repository_policy(repositoryName=name, policyText=policy(*statements))

    def cached_repository(self) -> None:
        """A repository with the settings of its template."""
        self.repository("quay/app", REPOSITORY_POLICY)

    def registry_policy(self, *statements: Json) -> None:
        self.ecr.put_registry_policy(policyText=policy(*statements))

    def scan(self, *cached: str, rules: Sequence[Json] = (), kind: str = "BASIC") -> None:
        """The deployment wants its caches scanned on push; a rule for `cached` names, if any, and these rules exist."""
        self.registry_setting("scanning: {type: BASIC}")
        own = [scanning_rule("SCAN_ON_PUSH", *cached)] if cached else []
        self.ecr.put_registry_scanning_configuration(scanType=kind, rules=[*own, *rules])

    def secret_value(self, value: str) -> None:
        self.secrets.put_secret_value(SecretId=SECRET, SecretString=value)

    def deployment(self, old: str, new: str) -> None:
        """Changes the deployment's text."""
        text = self.file.read_text()
        assert old in text
        self.file.write_text(text.replace(old, new))

    def registry_setting(self, setting: str) -> None:
        """Writes one more setting of the registry into the deployment."""
        self.deployment("registry:\n", f"registry:\n  {setting}\n")

    def set_scope(self, deployment: str, registry: str) -> None:
        """The scope of the registry policy, in the deployment and in AWS."""
        self.registry_setting(f"registry_policy: {{mode: managed, scope: {deployment}}}")
        self.ecr.put_account_setting(name="REGISTRY_POLICY_SCOPE", value=registry)

    def run(self, *options: str, account: Account = SHARED_SERVICES, **environment: str | None) -> Result:
        """The command, with the credentials of an account."""
        settings = {**self.emulator.environment_of(account), **environment}
        return CliRunner().invoke(commands, ["check", str(self.file), *options], env=settings, catch_exceptions=False)

    def found(self) -> dict[str, list[tuple[str, str]]]:
        """What the command finds: cause and remedy by place."""
        places: dict[str, list[tuple[str, str]]] = {}
        for finding in check(load(self.file), Caller("us-east-1", SESSION)):
            where = finding.where if finding.state == "wrong" else f"{finding.where}: not checked"
            places.setdefault(where, []).append((finding.cause, finding.remedy))
        return places


class OtherRegistry(World):
    """A registry with one cache, of another account's registry, whose template needs a role."""

    text = REGISTRY + BASE

    def make(self) -> None:
        self.aws.role(LOGIN, NODE, name="eks-nodes")
        self.aws.role(LOGIN, READ_UPSTREAM, WRITE_CACHE, name="upstream", service="pullthroughcache.ecr.amazonaws.com")
        self.aws.role(SET_UP, USE_KEY, name="template", service="ecr.amazonaws.com")
        self.cache(
            "base",
            upstreamRegistryUrl=f"{UPSTREAM_ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com",
            upstreamRepositoryPrefix="base",
            customRoleArn=f"arn:aws:iam::{SHARED_SERVICES.id}:role/upstream",
        )
        self.template(
            "base",
            resourceTags=[{"Key": "team", "Value": "platform"}],
            encryptionConfiguration={"encryptionType": "KMS", "kmsKey": KEY},
            lifecyclePolicy=json.dumps(LIFECYCLE),
            customRoleArn=f"arn:aws:iam::{SHARED_SERVICES.id}:role/template",
        )
        self.registry_policy(REGISTRY_POLICY | {"Resource": BASE_CACHE})

    def cached_repository(self) -> None:
        self.repository(
            "base/app",
            REPOSITORY_POLICY,
            tags=[{"Key": "team", "Value": "platform"}],
            encryptionConfiguration={"encryptionType": "KMS", "kmsKey": KEY},
        )
        self.ecr.put_lifecycle_policy(repositoryName="base/app", lifecyclePolicyText=json.dumps(LIFECYCLE))


class OtherCluster(World):
    """A registry with one cache, and a workload in another account."""

    text = REGISTRY + QUAY + WORKLOAD

    def make(self) -> None:
        self.aws.role(LOGIN, NODE, name="eks-nodes")
        self.aws.role(LOGIN, NODE, name="eks-nodes", account=SHOP)
        self.cache("quay", upstreamRegistryUrl="quay.io")
        self.registry_policy(REGISTRY_POLICY | {"Resource": QUAY_CACHE})


WORLDS = (World, OtherRegistry, OtherCluster)
Enter = Callable[[type[World]], World]
