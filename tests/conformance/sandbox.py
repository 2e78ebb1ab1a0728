"""Where questions are asked: two accounts, in AWS or in the emulator, and a prefix for all that they make there."""

import json
import time
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from typing import Any
from urllib.request import OpenerDirector

from botocore.exceptions import ClientError
from botocore.session import Session

from emulator.oci import Registry, RegistryError
from tests.conformance.leftovers import Thing, things

Json = dict[str, Any]
Client = Callable[[str], Any]
TAG = "pull-through-cache-conformance"
TRUSTED_BY_EC2: Json = {
    "Effect": "Allow",
    "Principal": {"Service": "ec2.amazonaws.com"},
    "Action": "sts:AssumeRole",
}


class NotAskedError(Exception):
    """The question cannot be asked in this sandbox."""


class SandboxAccounts:
    """Two accounts. Everything that a question makes has a name that begins with ``prefix``, and is swept away.

    - ``ours``, ``other``: make the client of a service in each account.
    - ``opener``: reaches the accounts' registries.
    - ``wait``: seconds until a change of IAM counts everywhere.
    """

    def __init__(
        self,
        ours: Client,
        other: Client,
        *,
        region: str,
        prefix: str,
        opener: OpenerDirector,
        wait: float,
        url: str | None,
    ) -> None:
        self.client, self.other_client = cache(ours), cache(other)
        self.region, self.prefix, self._opener, self._wait, self._url = region, prefix, opener, wait, url
        self.account = str(self.client("sts").get_caller_identity()["Account"])
        self._other_account = str(self.other_client("sts").get_caller_identity()["Account"])
        self.tags = [{"Key": TAG, "Value": prefix}]

    @property
    def other_account(self) -> str:
        """The other account's id. Raises NotAskedError when there is none."""
        if self._other_account == self.account:
            raise NotAskedError("OTHER_AWS_PROFILE names no other account")
        return self._other_account

    def put_registry_policy(self, statement: Json) -> None:
        """Make this the registry policy. Raises NotAskedError if the registry already has one."""
        ecr = self.client("ecr")
        with suppress(ecr.exceptions.RegistryPolicyNotFoundException):
            ecr.get_registry_policy()
            raise NotAskedError("the registry has a policy, which this would replace")
        ecr.put_registry_policy(policyText=policy(statement))

    def role(self, name: str, *statements: Json, trust: Json | None = None, other: bool = False) -> str:
        """A role with one inline policy of these statements, by default trusted by EC2 and its account; its ARN."""
        iam = (self.other_client if other else self.client)("iam")
        account = self.other_account if other else self.account
        own = {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "sts:AssumeRole"}
        document = policy(trust) if trust else policy(TRUSTED_BY_EC2, own)
        name = f"{self.prefix}-{name}"
        made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document, Tags=self.tags)
        if statements:
            iam.put_role_policy(RoleName=name, PolicyName="access", PolicyDocument=policy(*statements))
        return str(made["Role"]["Arn"])

    def secret(self, name: str = "ecr-pullthroughcache/{}", **settings: Any) -> str:
        """A secret; its ARN."""
        value = {"SecretString": '{"username": "u", "accessToken": "t"}'} | settings
        name = name.format(self.prefix)
        return str(self.client("secretsmanager").create_secret(Name=name, Tags=self.tags, **value)["ARN"])

    def rule(self, name: str = "rule", host: str = "public.ecr.aws", **settings: str) -> Json:
        """Create a pull through cache rule."""
        prefix = f"{self.prefix}-{name}"
        made = self.client("ecr").create_pull_through_cache_rule(
            ecrRepositoryPrefix=prefix, upstreamRegistryUrl=host, **settings
        )
        return dict(made)

    def template(self, name: str = "rule", **settings: Any) -> Json:
        """Create a creation template for pulls."""
        made = self.client("ecr").create_repository_creation_template(
            prefix=f"{self.prefix}-{name}", appliedFor=["PULL_THROUGH_CACHE"], **settings
        )
        return dict(made["repositoryCreationTemplate"])

    def settle(self) -> None:
        """Wait until changes of IAM count."""
        time.sleep(self._wait)

    def pull(self, role: str, repository: str = "rule/docker/library/busybox", tag: str = "latest") -> str:
        """What a role gets for the manifest of an image: ``pulled``, or the registry's error."""
        other = role.split(":")[4] != self.account
        self.settle()
        given = (self.other_client if other else self.client)("sts").assume_role(RoleArn=role, RoleSessionName="pull")
        credentials = given["Credentials"]
        ecr = Session().create_client(
            "ecr",
            region_name=self.region,
            endpoint_url=self._url,
            aws_access_key_id=credentials["AccessKeyId"],
            aws_secret_access_key=credentials["SecretAccessKey"],
            aws_session_token=credentials["SessionToken"],
        )
        token = ecr.get_authorization_token()["authorizationData"][0]["authorizationToken"]
        user, _, password = b64decode(token).decode().partition(":")
        host = f"{self.account}.dkr.ecr.{self.region}.amazonaws.com"
        registry = Registry(host, self._opener, (user, password))
        try:
            registry.manifest(f"{self.prefix}-{repository}", tag)
        except RegistryError as error:
            return f"{error.status}: {_registry_message(str(error))}"
        return "pulled"

    def neutral(self, answer: Any) -> Any:
        """The answer without this sandbox's own names."""
        text = json.dumps(answer, default=str)
        names = {self.prefix: "PREFIX", self._other_account: "OTHER", self.account: "ACCOUNT", self.region: "REGION"}
        for name, neutral in names.items():
            text = text.replace(name, neutral)
        return json.loads(text)

    def sweep(self) -> list[str]:
        """Delete everything with a name that begins with the prefix. Returns what could not be deleted."""
        left = []
        for what, delete in list(self.things()):
            try:
                delete()
            except ClientError as error:
                left.append(f"{what}: {error}")
        return left

    def things(self) -> Iterator[Thing]:
        """Everything with a name that begins with the prefix, with the call that deletes it."""
        yield from things(self.client, self.prefix)
        if self._other_account != self.account:
            yield from things(self.other_client, self.prefix)


def policy(*statements: Json) -> str:
    """A policy document of these statements."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def _registry_message(text: str) -> str:
    try:
        error = json.loads(text)["errors"][0]
    except (ValueError, KeyError, IndexError):
        return text
    return f"{error['code']}: {error['message']}"
