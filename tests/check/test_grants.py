"""Policies are compared by what they grant, not by how they are written."""

from typing import Any

import pytest

from pull_through_cache.aws.policies import Pullers, registry_policy
from pull_through_cache.aws.statements import Statement
from pull_through_cache.check.grants import lacking
from tests.aws import Json, allow

QUAY = "arn:aws:ecr:us-east-1:123456789012:repository/quay/*"
IMPORT, CREATE = "ecr:BatchImportUpstreamImage", "ecr:CreateRepository"
PATHS = ("o-exampleorg/r-exam/ou-exam-prod0001/*", "o-exampleorg/r-exam/ou-exam-devel001/*")
WHOM = {
    "organization": Pullers(organization_id="o-exampleorg"),
    "units": Pullers(organizational_units=PATHS),
    "accounts": Pullers(accounts=("210987654321",)),
    "a role": None,
}


def lacks(whom: str, *statements: Json) -> str:
    access = WHOM[whom]
    if access is None:
        principals = {"AWS": ("arn:aws:iam::210987654321:role/scanner",)}
        wanted = Statement(actions=(IMPORT, CREATE), resources=(QUAY,), principals=principals)
    else:
        [wanted] = registry_policy(access, repositories=[QUAY])
    return lacking([{"Version": "2012-10-17", "Statement": list(statements)}], wanted)


def grant(*actions: str, resource: Any = QUAY, principal: Any = "*", condition: Json | None = None) -> Json:
    elements = {"condition": condition} if condition is not None else {}
    return allow(*(actions or (IMPORT, CREATE)), resource=resource, principal=principal, **elements)


def organization(test: str = "StringEquals", key: str = "aws:PrincipalOrgID", value: Any = "o-exampleorg") -> Json:
    return {test: {key: value}}


def units(*paths: str, test: str = "ForAnyValue:StringLike") -> Json:
    return {test: {"aws:PrincipalOrgPaths": list(paths)}}


GRANTED = {
    "as it is made here": ("organization", [grant(condition=organization())]),
    "in two statements": (
        "organization",
        [grant(CREATE, condition=organization()), grant(IMPORT, condition=organization())],
    ),
    "wildcards in actions": ("organization", [grant("ecr:*", condition=organization())]),
    "another case": ("organization", [grant("ECR:createrepository", IMPORT, condition=organization())]),
    "elements in small letters": (
        "organization",
        [{key.lower(): value for key, value in grant(condition=organization()).items()}],
    ),
    "all but other actions": (
        "organization",
        [
            {key: value for key, value in grant(condition=organization()).items() if key != "Action"}
            | {"NotAction": "ecr:PutImage"}
        ],
    ),
    "a wider resource": ("organization", [grant(resource="*", condition=organization())]),
    "all Regions": (
        "organization",
        [grant(resource="arn:aws:ecr:*:123456789012:repository/quay/*", condition=organization())],
    ),
    "StringLike": ("organization", [grant(condition=organization("StringLike", value="o-example*"))]),
    "one organization of several": ("organization", [grant(condition=organization(value=["o-other", "o-exampleorg"]))]),
    "the key in another case": ("organization", [grant(condition=organization(key="AWS:principalorgid"))]),
    "the principal as a map": ("organization", [grant(principal={"AWS": "*"}, condition=organization())]),
    "both units at once": ("units", [grant(condition=units(*PATHS))]),
    "a statement for each unit": ("units", [grant(condition=units(path)) for path in PATHS]),
    "the units' root": ("units", [grant(condition=units("o-exampleorg/r-exam/*"))]),
    "the account's root": ("accounts", [grant(principal={"AWS": "arn:aws:iam::210987654321:root"})]),
    "the account's id": ("accounts", [grant(principal={"AWS": ["200000000001", "210987654321"]})]),
    "the role's account": ("a role", [grant(principal={"AWS": "210987654321"})]),
    "a denial of something else": (
        "organization",
        [grant(condition=organization()), grant("ecr:PutImage", resource="*") | {"Effect": "Deny"}],
    ),
    "a denial of others": (
        "organization",
        [
            grant(condition=organization()),
            grant(condition={"Bool": {"aws:SecureTransport": "false"}}) | {"Effect": "Deny"},
        ],
    ),
}
LACKING = {
    "nothing": ("organization", []),
    "one repository": ("organization", [grant(resource=QUAY[:-1] + "team/image", condition=organization())]),
    "one letter": ("organization", [grant(resource=QUAY[:-1] + "?", condition=organization())]),
    "another Region": (
        "organization",
        [grant(resource=QUAY.replace("us-east-1", "*-west-*"), condition=organization())],
    ),
    "another organization": ("organization", [grant(condition=organization(value="o-other"))]),
    "one more condition": (
        "organization",
        [grant(condition=organization() | {"StringLike": {"aws:PrincipalArn": "*/admin"}})],
    ),
    "all but this organization": ("organization", [grant(condition=organization("StringNotEquals"))]),
    "one unit of two": ("units", [grant(condition=units(PATHS[0]))]),
    "the unit without those below": ("units", [grant(condition=units(*(path[:-1] for path in PATHS)))]),
    "all values instead of any": ("units", [grant(condition=units(*PATHS, test="ForAllValues:StringLike"))]),
    "a role of the account": ("accounts", [grant(principal={"AWS": "arn:aws:iam::210987654321:role/eks-nodes"})]),
    "another account": ("accounts", [grant(principal={"AWS": "200000000001"})]),
    "another role": ("a role", [grant(principal={"AWS": "arn:aws:iam::210987654321:role/other"})]),
    "a service": ("accounts", [grant(principal={"Service": "ecr.amazonaws.com"})]),
    "a denial of all but another account": (
        "accounts",
        [
            grant(principal={"AWS": "210987654321"}),
            {"Effect": "Deny", "NotPrincipal": {"AWS": "200000000001"}, "Action": "*", "Resource": "*"},
        ],
    ),
    "a denial": (
        "organization",
        [grant(condition=organization()), grant(resource="*") | {"Effect": "Deny"}],
    ),
}


@pytest.mark.parametrize("case", GRANTED)
def test_enough(case: str) -> None:
    whom, statements = GRANTED[case]
    assert lacks(whom, *statements) == ""


@pytest.mark.parametrize("case", LACKING)
def test_not_enough(case: str) -> None:
    whom, statements = LACKING[case]
    assert lacks(whom, *statements) == f"{IMPORT}, {CREATE} on {QUAY}"


def test_only_what_lacks_is_told() -> None:
    assert lacks("organization", grant(IMPORT, condition=organization())) == f"{CREATE} on {QUAY}"
