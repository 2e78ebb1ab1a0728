"""Who a statement allows: a statement that is not restricted to certain accounts or organizations is public."""

from typing import Any

import pytest
from botocore.session import get_session
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

import tests.hypothesis_profiles  # noqa: F401
from pull_through_cache.aws.actions import OVERWRITE
from pull_through_cache.aws.conditions import OPERATORS, is_operator
from pull_through_cache.aws.openness import allows, only_for, public, services_for_everyone
from pull_through_cache.deployment.statements import PolicyStatement
from tests.stacks.strangers import granted

Json = dict[str, Any]
LAMBDA, ACCOUNT, ORGANIZATION = "lambda.amazonaws.com", "123456789012", "o-a1b2c3d4e5"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/nodes"
READ, WRITE = "ecr:BatchGetImage", "ecr:PutImage"


def statement(principal: Any = "*", action: Any = WRITE, **conditions: Json) -> Json:
    """An Allow statement; `conditions` by operator, with `__` for a colon."""
    condition = {operator.replace("__", ":"): tests for operator, tests in conditions.items()}
    return {"Effect": "Allow", "Principal": principal, "Action": action, "Condition": condition}


PUBLIC = {
    "everyone": statement(),
    "everyone in a list": statement({"AWS": ["*"]}),
    "everyone among others": statement({"AWS": [ACCOUNT, "*"]}),
    "everyone of a federation": statement({"Federated": "*"}),
    "everyone of a public identity provider": statement({"Federated": "cognito-identity.amazonaws.com"}),
    "every service": statement({"Service": "*"}, READ),
    "a kind of principal that is not known": statement({"*": "*"}),
    "every role": statement({"AWS": "arn:aws:iam::*:role/nodes"}),
    "a service in place of an account": statement({"AWS": LAMBDA}),
    "NotPrincipal": {"Effect": "Allow", "NotPrincipal": {"AWS": ACCOUNT}, "Action": READ},
    "NotPrincipal with a condition": {
        "Effect": "Allow",
        "NotPrincipal": {"AWS": ACCOUNT},
        "Action": READ,
        "Condition": {"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION}},
    },
    "small letters": {"effect": "allow", "principal": {"aws": "*"}, "action": READ},
    "no effect": {"Principal": "*", "Action": READ},
    "no values": statement(StringEquals={"aws:PrincipalOrgID": []}),
    "any ARN": statement(StringLike={"aws:PrincipalArn": "*"}),
    "an ARN of any account": statement(ArnLike={"aws:PrincipalArn": "arn:aws:iam::*:role/nodes"}),
    "an ARN of several accounts": statement(ArnLike={"aws:PrincipalArn": "arn:aws:iam::12345678901?:role/nodes"}),
    "an ARN of any partition": statement(StringLike={"aws:PrincipalArn": f"arn:*:iam::{ACCOUNT}:role/nodes"}),
    "one value of two": statement(StringLike={"aws:PrincipalArn": [f"arn:aws:iam::{ACCOUNT}:*", "*"]}),
    "any organization": statement(StringLike={"aws:PrincipalOrgID": "o-*"}),
    "organizations that begin alike": statement(StringLike={"aws:PrincipalOrgID": f"{ORGANIZATION}*"}),
    "any unit": statement(ForAnyValue__StringLike={"aws:PrincipalOrgPaths": "o-*/r-*/ou-ab12-11111111/*"}),
    "any account": statement(StringLike={"aws:PrincipalAccount": "*"}),
    "a policy variable": statement(StringEquals={"aws:PrincipalAccount": "${aws:PrincipalAccount}"}),
    "the organization if any": statement(StringEqualsIfExists={"aws:PrincipalOrgID": ORGANIZATION}),
    "all values": statement(ForAllValues__StringLike={"aws:PrincipalOrgPaths": f"{ORGANIZATION}/*"}),
    "another organization": statement(StringNotEquals={"aws:PrincipalOrgID": ORGANIZATION}),
    "any key": statement(Null={"aws:PrincipalOrgID": "false"}),
    "TLS": statement(Bool={"aws:SecureTransport": "true"}),
    "any service of AWS": statement(Bool={"aws:PrincipalIsAWSService": "true"}),
    "a date": statement(DateGreaterThan={"aws:CurrentTime": "2020-01-01T00:00:00Z"}),
    "the world's addresses": statement(IpAddress={"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"]}),
    "an endpoint": statement(StringEquals={"aws:SourceVpce": "vpce-1a2b3c4d"}),
    "a Region": statement(StringEquals={"aws:RequestedRegion": "eu-central-1"}),
    "the resource's account": statement(StringEquals={"aws:ResourceAccount": ACCOUNT}),
    "a tag": statement(StringEquals={"aws:PrincipalTag/team": "platform"}),
    "a service that writes": statement({"Service": LAMBDA}),
    "a service that does all but one thing": {"Effect": "Allow", "Principal": {"Service": LAMBDA}, "NotAction": WRITE},
    "a service that may write": statement({"Service": LAMBDA}, "ecr:Batch*"),
    "a service for any bucket": statement({"Service": LAMBDA}, ArnLike={"aws:SourceArn": "arn:aws:s3:::a-bucket"}),
    "any service's resource that a stranger can name": statement(
        {"Service": LAMBDA}, StringLike={"aws:SourceArn": f"arn:aws:*:*:{ACCOUNT}:*"}
    ),
    "a source of any account": statement({"Service": LAMBDA}, ArnLike={"aws:SourceArn": "arn:aws:lambda:*:*:*"}),
    "a log stream whose group has the account's name": statement(
        {"Service": LAMBDA}, StringLike={"aws:SourceArn": f"arn:aws:logs:*:{ACCOUNT}:log-stream:*"}
    ),
    "a source that a stranger can name": statement(
        {"Service": LAMBDA}, StringLike={"aws:SourceArn": f"arn:aws:lambda:*:{ACCOUNT}:*"}
    ),
}
BOUND = {
    "an account": statement({"AWS": ACCOUNT}),
    "an account's root": statement({"AWS": [f"arn:aws:iam::{ACCOUNT}:root"]}),
    "a role": statement({"AWS": ROLE}),
    "a role that was deleted": statement({"AWS": "AROAEXAMPLE1234567890"}),
    "a denial": {**statement(), "Effect": "Deny"},
    "a denial in small letters": {"effect": "deny", "notprincipal": {"AWS": ACCOUNT}, "action": "*"},
    "the organization": statement(StringEquals={"aws:PrincipalOrgID": ORGANIZATION}),
    "the organization, in any case": statement(stringlike={"AWS:principalorgid": [ORGANIZATION]}),
    "the organization, any of its values": statement(ForAnyValue__StringEquals={"aws:PrincipalOrgID": ORGANIZATION}),
    "the organization, and a date": statement(
        DateGreaterThan={"aws:CurrentTime": "2020-01-01T00:00:00Z"}, StringEquals={"aws:PrincipalOrgID": ORGANIZATION}
    ),
    "a unit": statement(
        ForAnyValue__StringLike={"aws:PrincipalOrgPaths": [f"{ORGANIZATION}/r-ab12/ou-ab12-11111111/*"]}
    ),
    "the organization's paths": statement(ForAnyValue__StringLike={"aws:PrincipalOrgPaths": f"{ORGANIZATION}/*"}),
    "accounts": statement(StringEquals={"aws:PrincipalAccount": [ACCOUNT, "210987654321"]}),
    "the roles of an account": statement(ArnLike={"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/*"}),
    "a function": statement(
        {"Service": LAMBDA}, StringLike={"aws:sourceArn": f"arn:aws:lambda:*:{ACCOUNT}:function:*"}
    ),
    "any service's resource of an account": statement(
        {"Service": LAMBDA}, ArnLike={"aws:SourceArn": f"arn:aws:*:*:{ACCOUNT}:*"}
    ),
    "a service for an account": statement({"Service": LAMBDA}, StringEquals={"aws:SourceAccount": ACCOUNT}),
    "a service for an organization": statement({"Service": LAMBDA}, StringEquals={"aws:SourceOrgID": ORGANIZATION}),
    "a service that reads": statement({"Service": LAMBDA}, [READ, "ecr:GetDownloadUrlForLayer", "ecr:Describe*"]),
}


@pytest.mark.parametrize("case", PUBLIC)
def test_a_statement_that_strangers_can_use_is_public(case: str) -> None:
    assert public(PUBLIC[case])


@pytest.mark.parametrize("case", BOUND)
def test_a_statement_that_identifies_its_callers_is_not_public(case: str) -> None:
    assert public(BOUND[case]) is None


conditions = st.dictionaries(
    st.builds(
        lambda quantifier, operator, suffix: quantifier + operator + suffix,
        st.sampled_from(["", "ForAnyValue:", "ForAllValues:"]),
        st.sampled_from(["StringEquals", "StringLike", "StringNotLike", "ArnLike", "ArnNotEquals", "Bool", "Null"]),
        st.sampled_from(["", "IfExists"]),
    ).filter(is_operator),
    st.dictionaries(
        st.sampled_from(
            ["aws:PrincipalOrgID", "AWS:principalarn", "aws:PrincipalAccount", "aws:PrincipalOrgPaths", "aws:SourceVpc"]
        ),
        st.lists(
            st.sampled_from([ORGANIZATION, ACCOUNT, ROLE, f"{ORGANIZATION}/*", "true", "false"])
            | st.text("*?:/-o1arnwsim{}$", max_size=8)
            | st.from_regex(rf"(arn:aws:|\*)(iam|sts|\*)::?({ACCOUNT}|\*)?:?(role/)?\*", fullmatch=True),
            min_size=1,
            max_size=3,
        ),
        min_size=1,
        max_size=2,
    ),
    max_size=3,
)
names = st.sampled_from(["*", ACCOUNT, ROLE, "arn:aws:iam::*:root", LAMBDA])


@given(
    principal=st.just("*") | st.dictionaries(st.just("AWS"), names | st.lists(names, min_size=1, max_size=2)),
    action=st.sampled_from(["*", "ecr:*", READ, [READ, WRITE]]),
    condition=conditions,
)
def test_what_a_stranger_can_use_is_public(principal: Any, action: Any, condition: Json) -> None:
    judged = {"Effect": "Allow", "Principal": principal, "Action": action, "Condition": condition}

    assert public(judged) or not granted(judged)


@given(name=names, action=st.sampled_from(["ecr:*", READ, WRITE]), condition=conditions)
def test_an_accepted_statement_allows_no_stranger(name: str, action: str, condition: Json) -> None:
    written = [
        {"test": operator, "variable": key, "values": values}
        for operator, tests in condition.items()
        for key, values in tests.items()
    ]
    data = {"sid": "A", "actions": [action], "principals": {"AWS": [name]}, "conditions": written}
    try:
        accepted = PolicyStatement.model_validate(data)
    except ValidationError:
        return
    assert granted(accepted.statement.document()) == []


def test_a_stranger_can_use_what_is_open() -> None:
    assert WRITE in granted(PUBLIC["any ARN"])


def test_a_service_that_reads_for_everyone_is_known() -> None:
    assert services_for_everyone(BOUND["a service that reads"]) == [LAMBDA]
    assert services_for_everyone(BOUND["a service for an account"]) == []


@pytest.mark.parametrize(
    ("action", "does"),
    [
        ("ecr:*", True),
        ("*", True),
        ("ECR:batchdelete*", True),
        ("ecr:UpdatePullThroughCacheRule", True),
        (READ, False),
        ("ecr:ReplicateImage", False),
    ],
)
def test_what_overwrites_images(action: str, does: bool) -> None:
    assert allows(statement(action=[action]), OVERWRITE) is does


OWN = {
    "the account": statement(StringEquals={"aws:PrincipalAccount": ACCOUNT}),
    "a role": statement(ArnLike={"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/*"}),
    "a service for the account": statement({"Service": LAMBDA}, StringEquals={"aws:SourceAccount": [ACCOUNT]}),
    "a function": statement({"Service": LAMBDA}, ArnLike={"aws:SourceArn": f"arn:aws:lambda:*:{ACCOUNT}:function:*"}),
    "the account, of an organization": statement(
        StringEquals={"aws:PrincipalOrgID": ORGANIZATION, "aws:PrincipalAccount": ACCOUNT}
    ),
}
OTHERS = {
    "no condition": statement(),
    "the organization": statement(StringEquals={"aws:PrincipalOrgID": ORGANIZATION}),
    "another account": statement(StringEquals={"aws:PrincipalAccount": [ACCOUNT, "210987654321"]}),
    "the account if any": statement(StringEqualsIfExists={"aws:PrincipalAccount": ACCOUNT}),
    "not the account": statement(StringNotEquals={"aws:PrincipalAccount": ACCOUNT}),
}


@pytest.mark.parametrize("case", OWN)
def test_a_condition_restricts_a_statement_to_an_account(case: str) -> None:
    assert only_for(OWN[case], ACCOUNT)


@pytest.mark.parametrize("case", OTHERS)
def test_a_condition_does_not_restrict_a_statement_to_an_account(case: str) -> None:
    assert not only_for(OTHERS[case], ACCOUNT)


def test_what_overwrites_exists() -> None:
    assert {action.removeprefix("ecr:") for action in OVERWRITE} <= set(
        get_session().get_service_model("ecr").operation_names
    )


@pytest.mark.parametrize("operator", [*OPERATORS, "ForAnyValue:StringLike", "forallvalues:arnlikeifexists"])
def test_an_operator_is_known_in_any_case(operator: str) -> None:
    assert is_operator(operator)
    assert is_operator(operator.upper())


@pytest.mark.parametrize(
    "operator", ["", "Equals", "StringBegins", "NullIfExists", ":StringLike", "ForSome:StringLike", "IfExists"]
)
def test_what_only_looks_like_an_operator_is_rejected(operator: str) -> None:
    assert not is_operator(operator)
