"""AWS, as one account's credentials reach it."""

from functools import cached_property
from typing import Any

import boto3
from botocore.exceptions import ClientError

from pull_through_cache.checking.findings import error_code
from pull_through_cache.workload import Workload


class Account:
    """The account of a boto3 session; by default of the credentials that boto3 finds."""

    def __init__(self, region: str, session: Any = None) -> None:
        self.region = region
        self._session = session or boto3.Session()
        self._clients: dict[tuple[str, str], Any] = {}

    def client(self, service: str, region: str | None = None) -> Any:
        """boto3's client of a service, for the account's own Region unless it is given."""
        key = service, region or self.region
        if key not in self._clients:
            self._clients[key] = self._session.client(service, region_name=key[1])
        return self._clients[key]

    @cached_property
    def id(self) -> str:
        """The account's id."""
        return str(self.client("sts").get_caller_identity()["Account"])

    @cached_property
    def organization_id(self) -> str | None:
        """The id of the account's organisation; None if it is in none."""
        try:
            return str(self.client("organizations").describe_organization()["Organization"]["Id"])
        except ClientError as error:
            if error_code(error) != "AWSOrganizationsNotInUseException":
                raise
            return None

    def of_workload(self, workload: Workload) -> "Account":
        """The account that Terraform gets into for `workload`: by its profile, and its role assumed from there.

        Raises botocore's errors where that is not possible.
        """
        account = self
        if workload.profile:
            account = Account(self.region, boto3.Session(profile_name=workload.profile))
        if workload.assume_role_arn is None:
            return account
        given = account.client("sts").assume_role(
            RoleArn=workload.assume_role_arn, RoleSessionName="pull-through-cache-check"
        )["Credentials"]
        session = boto3.Session(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
        return Account(self.region, session)
