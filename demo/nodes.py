"""The demo's nodes: their pulls, and the outcomes."""

import base64
import json
from dataclasses import dataclass
from typing import Any

from botocore.config import Config
from botocore.session import get_session

from emulator.aws import Emulator
from emulator.organization import SHARED_SERVICES, Account
from emulator.outcomes import Decision, Outcome


@dataclass(frozen=True)
class Pull:
    """A pull as it should go: ``first`` is whether the image is not cached yet; ``note`` is the lesson."""

    account: Account
    image: str
    first: bool
    works: bool = True
    note: str = ""

    def went(self, answer: Outcome) -> bool:
        """Whether it went as it should."""
        return (answer.allowed, answer.upstream is not None) == (self.works, self.works and self.first)


class Nodes:
    """The nodes' role, of the same name in every account, in the registry's account and Region."""

    def __init__(self, emulator: Emulator, role: str, region: str) -> None:
        self._emulator = emulator
        self._role = role
        self._region = region
        self.registry = f"{SHARED_SERVICES.id}.dkr.ecr.{region}.amazonaws.com"

    def create_role(self, account: Account) -> None:
        """Make the account's role, which EC2 instances can have."""
        create_node_role(self._emulator, account, f"arn:aws:iam::{account.id}:role/{self._role}")

    def copy_policies(self, account: Account) -> None:
        """Give the account's role the policies that the role in the registry's account has."""
        here, there = self._client("iam"), self._client("iam", account)
        for policy in here.list_attached_role_policies(RoleName=self._role)["AttachedPolicies"]:
            default = here.get_policy(PolicyArn=policy["PolicyArn"])["Policy"]["DefaultVersionId"]
            version = here.get_policy_version(PolicyArn=policy["PolicyArn"], VersionId=default)["PolicyVersion"]
            there.put_role_policy(
                RoleName=self._role, PolicyName=policy["PolicyName"], PolicyDocument=json.dumps(version["Document"])
            )

    def pull(self, pull: Pull) -> Outcome:
        """Pull as a node of the account would."""
        role = f"arn:aws:iam::{pull.account.id}:role/{self._role}"
        return self._emulator.pull(f"{self.registry}/{pull.image}", role)

    def password(self, account: Account) -> str:
        """The password for registries of a node of the account, as kubelet gets it: with the credentials of the role."""
        role = f"arn:aws:iam::{account.id}:role/{self._role}"
        assumed = self._client("sts", account).assume_role(RoleArn=role, RoleSessionName="node")["Credentials"]
        ecr = get_session().create_client(
            "ecr",
            endpoint_url=self._emulator.url,
            region_name=self._region,
            aws_access_key_id=assumed["AccessKeyId"],
            aws_secret_access_key=assumed["SecretAccessKey"],
            aws_session_token=assumed["SessionToken"],
            config=Config(proxies={}),
        )
        token = ecr.get_authorization_token()["authorizationData"][0]["authorizationToken"]
        return base64.b64decode(token).decode().partition(":")[2]

    def cached(self) -> list[str]:
        """The repositories that pulls have made."""
        return sorted(each["repositoryName"] for each in self._client("ecr").describe_repositories()["repositories"])

    def _client(self, service: str, account: Account = SHARED_SERVICES) -> Any:
        return client(self._emulator, service, account, self._region)


def create_node_role(emulator: Emulator, account: Account, arn: str) -> None:
    """Make a role without permissions, which EC2 instances can have."""
    service = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [service]})
    path, _, name = arn.partition(":role")[2].rpartition("/")
    client(emulator, "iam", account, "us-east-1").create_role(
        Path=f"{path}/", RoleName=name, AssumeRolePolicyDocument=trust
    )


def client(emulator: Emulator, service: str, account: Account, region: str) -> Any:
    return get_session().create_client(
        service,
        endpoint_url=emulator.url,
        region_name=region,
        aws_access_key_id=account.access_key_id,
        aws_secret_access_key="emulator",  # noqa: S106
        # Loopback never goes through a proxy.
        config=Config(proxies={}),
    )


def grants(decision: Decision) -> str:
    """The policies and statements that allowed an action, or why none did."""
    if not decision.allowed:
        return _why_not(decision)
    names: dict[str, list[str]] = {}
    for each in decision.statements:
        names.setdefault(each.kind, []).append(each.policy if each.kind == "identity" else each.sid)
    return "\n".join(f"{kind} policy: {', '.join(of_kind)}" for kind, of_kind in names.items())


def reason(answer: Outcome) -> str:
    """Why the pull worked or not, in short."""
    denied = [_why_not(decision) for decision in answer.decisions if not decision.allowed]
    if denied or answer.error:
        return denied[0] if denied else str(answer.error)
    kinds = dict.fromkeys(statement.kind for decision in answer.decisions for statement in decision.statements)
    return f"{' + '.join(kinds)} policy"


def _why_not(decision: Decision) -> str:
    return decision.reason.partition(f"{decision.resource} because ")[2] or decision.reason
