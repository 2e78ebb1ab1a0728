"""Access to AWS with the credentials of one account."""

from functools import cache, cached_property
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.loaders import create_loader
from botocore.session import Session

from pull_through_cache.aws.arns import arn_account
from pull_through_cache.check.findings import CouldNotRun, error_code
from pull_through_cache.deployment.workload import Workload

# Services' models are megabytes of JSON: read once, not for every account.
_models = cache(create_loader)


class Account:
    """The account of a botocore session; by default of the credentials that botocore finds.

    - `credentials`: arguments of `create_client`, which replace the session's.
    """

    def __init__(self, region: str, session: Session | None = None, **credentials: str) -> None:
        self.region = region
        self._session = session or session_of()
        self._credentials = credentials
        self._clients: dict[tuple[str, str, Config | None], Any] = {}

    def client(self, service: str, region: str | None = None, config: Config | None = None) -> Any:
        """The client of a service, for the account's own Region unless it is given.

        Raises BotoCoreError or CouldNotRun if the environment or the AWS configuration is wrong.
        """
        key = service, region or self.region, config
        if key not in self._clients:
            try:
                self._clients[key] = self._session.create_client(
                    service, region_name=key[1], config=config, **self._credentials
                )
            except BotoCoreError:
                raise
            except ValueError as error:  # for example of AWS_ENDPOINT_URL
                remedy = "correct the environment variables or the configuration of AWS's SDK"
                raise CouldNotRun(f"{error}; {remedy}") from error
        return self._clients[key]

    @cached_property
    def id(self) -> str:
        """The account's id."""
        return str(self.client("sts").get_caller_identity()["Account"])

    def assert_is(self, expected: str | None) -> None:
        """Raises CouldNotRun unless this is the `expected` account; None means any."""
        if expected not in (None, self.id):
            raise CouldNotRun(f"the credentials are of account {self.id}, the registry is in {expected}")

    @cached_property
    def organization_id(self) -> str | None:
        """The id of the account's organization; None if it is in none."""
        try:
            return str(self.client("organizations").describe_organization()["Organization"]["Id"])
        except ClientError as error:
            if error_code(error) != "AWSOrganizationsNotInUseException":
                raise
            return None

    def of_workload(self, workload: Workload) -> "Account":
        """The account in which Terraform works for `workload`: by its profile, and its role assumed from there.

        Raises botocore's errors if that is not possible.
        """
        account = Account(self.region, session_of(workload.profile)) if workload.profile else self
        if workload.assume_role_arn is None:
            return account
        given = account.client("sts").assume_role(
            RoleArn=workload.assume_role_arn, RoleSessionName="pull-through-cache-check"
        )["Credentials"]
        assumed = Account(
            self.region,
            account._session,
            aws_access_key_id=given["AccessKeyId"],
            aws_secret_access_key=given["SecretAccessKey"],
            aws_session_token=given["SessionToken"],
        )
        assumed.id = arn_account(workload.assume_role_arn)  # a role's session is in the role's account: no need to ask
        return assumed


def session_of(profile: str | None = None) -> Session:
    """The session of a profile; by default of the environment. Raises ProfileNotFound."""
    session = Session(profile=profile)
    session.register_component("data_loader", _models(session.get_config_variable("data_path")))
    return session
