"""The emulator's accounts, as AWS's own client library reaches them."""

import json
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.session import get_session

from emulator.aws import Emulator
from emulator.organization import REGION, SHARED_SERVICES, Account

Json = dict[str, Any]
REGISTRY = f"{SHARED_SERVICES.id}.dkr.ecr.{REGION}.amazonaws.com"
IN_CACHE = f"arn:aws:ecr:{REGION}:{SHARED_SERVICES.id}:repository/quay/*"


class Aws:
    """The accounts of an empty emulator."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.client = cache(self._client)
        self._session = get_session()

    def _client(self, service: str, account: Account = SHARED_SERVICES, region: str = REGION) -> Any:
        return self._session.create_client(
            service,
            endpoint_url=self.emulator.url,
            region_name=region,
            aws_access_key_id=account.access_key_id,
            aws_secret_access_key="any",
            # Retries would hide a fault, and botocore's own checks the server's.
            config=Config(retries={"total_max_attempts": 1}, parameter_validation=False),
        )

    def role(
        self,
        *statements: Json,
        name: str = "node",
        account: Account = SHARED_SERVICES,
        service: str = "ec2.amazonaws.com",
        trust: Json | None = None,
    ) -> str:
        """A role with one inline policy, ``access``, of these statements; its ARN. ``service`` can assume it."""
        iam = self.client("iam", account)
        trusting = policy(trust or allow("sts:AssumeRole", principal={"Service": service}))
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trusting)["Role"]
        if statements:
            iam.put_role_policy(RoleName=name, PolicyName="access", PolicyDocument=policy(*statements))
        return str(role["Arn"])

    def secret(self, name: str = "ecr-pullthroughcache/docker-hub", region: str = REGION, **settings: Any) -> str:
        """A secret that suits ECR unless the settings say otherwise; its ARN."""
        value = {"SecretString": '{"username": "u", "accessToken": "t"}'}
        secret = self.client("secretsmanager", region=region).create_secret(Name=name, **(value | settings))
        return str(secret["ARN"])

    def cache_quay(self, **template: Any) -> None:
        """A rule for quay.io, and its creation template."""
        ecr = self.client("ecr")
        ecr.create_pull_through_cache_rule(ecrRepositoryPrefix="quay", upstreamRegistryUrl="quay.io")
        ecr.create_repository_creation_template(prefix="quay", appliedFor=["PULL_THROUGH_CACHE"], **template)


def allow(*actions: str, **elements: Any) -> Json:
    """A statement; ``effect``, ``resource``, ``principal``, ``condition`` and ``sid`` as in IAM."""
    return {"Effect": "Allow", "Action": list(actions)} | {key.capitalize(): value for key, value in elements.items()}


def policy(*statements: Json) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def error_of(call: Callable[..., object], **parameters: Any) -> str:
    """The error's name and text."""
    with pytest.raises(ClientError) as error:
        call(**parameters)
    error = error.value.response["Error"]
    return f"{error['Code']}: {error['Message']}"
