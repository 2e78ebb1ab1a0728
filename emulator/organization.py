"""The emulator's accounts: an organization, and an account outside it. Every identifier is made up."""

import json
from dataclasses import dataclass

REGION = "us-east-1"
KEY_PREFIX = "EMULATOR"
"""How the access keys of administrators begin. The ID of the account follows."""

ORGANIZATION_ID = "o-exampleorg"
ROOT_ID = "r-exam"
INFRASTRUCTURE = "ou-exam-infra001"
PRODUCTION = "ou-exam-prod0001"
DEVELOPMENT = "ou-exam-devel001"
UNITS = {INFRASTRUCTURE: "infrastructure", PRODUCTION: "production", DEVELOPMENT: "development"}


@dataclass(frozen=True)
class Account:
    """An AWS account; ``unit`` is its organizational unit, None for the management account and for strangers."""

    id: str
    name: str
    unit: str | None = None

    @property
    def access_key_id(self) -> str:
        """The access key the emulator takes for this account. Any secret key works."""
        return f"{KEY_PREFIX}{self.id}"

    @property
    def administrator(self) -> str:
        """The ARN of the user that the account starts with. This user may do everything."""
        return f"arn:aws:iam::{self.id}:user/administrator"


# moto assigns other access keys to 123456789012, so every dummy key reaches the registry's account.
SHARED_SERVICES = Account("123456789012", "shared-services", INFRASTRUCTURE)
MANAGEMENT = Account("100000000001", "management")
MEMBERS = (
    Account("200000000001", "shop-production", PRODUCTION),
    Account("200000000002", "search-production", PRODUCTION),
    Account("300000000001", "shop-development", DEVELOPMENT),
    Account("300000000002", "search-development", DEVELOPMENT),
)
STRANGER = Account("900000000001", "stranger")
ACCOUNTS = (MANAGEMENT, SHARED_SERVICES, *MEMBERS, STRANGER)


@dataclass(frozen=True)
class Organization:
    """An organization: its units, by ID with the ID of the parent, and accounts in the units.

    ``strangers`` are accounts outside the organization. The unit of an account may be the root.
    """

    id: str
    root: str
    management: Account
    units: dict[str, str]
    members: tuple[Account, ...]
    strangers: tuple[Account, ...] = ()

    @property
    def accounts(self) -> tuple[Account, ...]:
        return (self.management, *self.members, *self.strangers)

    @classmethod
    def from_json(cls, text: str) -> "Organization":
        document = json.loads(text)
        document["management"] = Account(**document["management"])
        for key in ("members", "strangers"):
            document[key] = tuple(Account(**each) for each in document[key])
        return cls(**document)


EXAMPLE = Organization(
    ORGANIZATION_ID, ROOT_ID, MANAGEMENT, dict.fromkeys(UNITS, ROOT_ID), (SHARED_SERVICES, *MEMBERS), (STRANGER,)
)


def organization_path(unit: str) -> str:
    """The unit's value of ``aws:PrincipalOrgPaths`` (IAM User Guide, reference_policies_condition-keys.html)."""
    return f"{ORGANIZATION_ID}/{ROOT_ID}/{unit}/"
