"""Conditions of policies. Source: IAM User Guide, reference_policies_elements_condition_operators.html."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.conditions import conditions_hold

ORGANIZATION, PATHS, ROLE = "aws:PrincipalOrgID", "aws:PrincipalOrgPaths", "arn:aws:iam::111111111111:role/team/node"
CONTEXT = {
    ORGANIZATION: ["o-1"],
    PATHS: ["o-1/r-1/ou-1/", "o-1/r-1/ou-2/"],
    "aws:PrincipalArn": [ROLE],
    "aws:SecureTransport": ["true"],
    "aws:SourceIp": ["203.0.113.7"],
    "aws:CurrentTime": ["2026-01-02T03:04:05Z"],
    "aws:EpochTime": ["1767323045"],
    "s3:max-keys": ["10"],
    "aws:PrincipalTag/key": ["QmluYXJ5"],
    "aws:PrincipalAccount": ["111111111111"],
}
POSITIVE = (
    *(
        "StringEquals",
        "StringEqualsIgnoreCase",
        "StringLike",
        "Bool",
        "BinaryEquals",
        "IpAddress",
        "ArnEquals",
        "ArnLike",
    ),
    *(f"{kind}{name}" for kind in ("Numeric", "Date") for name in ("Equals", "LessThan", "LessThanEquals")),
    *(f"{kind}{name}" for kind in ("Numeric", "Date") for name in ("GreaterThan", "GreaterThanEquals")),
)
NEGATED = (
    *("StringNotEquals", "StringNotEqualsIgnoreCase", "StringNotLike", "NumericNotEquals", "DateNotEquals"),
    *("NotIpAddress", "ArnNotEquals", "ArnNotLike"),
)


@pytest.mark.parametrize(
    ("operator", "key", "wanted", "holds"),
    [
        ("StringEquals", ORGANIZATION, "o-1", True),
        ("StringEquals", ORGANIZATION, ["o-2", "o-1"], True),
        ("StringEquals", ORGANIZATION, "O-1", False),
        ("StringEquals", ORGANIZATION.lower(), "o-1", True),
        ("StringEquals", ORGANIZATION, "o-*", False),
        ("StringEquals", "aws:PrincipalAccount", "${aws:PrincipalAccount}", True),
        ("StringEquals", ORGANIZATION, "${aws:missing}", False),
        ("StringEquals", ORGANIZATION, "${aws:missing, 'o-1'}", True),
        ("StringEqualsIgnoreCase", ORGANIZATION, "O-1", True),
        ("StringNotEqualsIgnoreCase", ORGANIZATION, "O-1", False),
        ("StringLike", ORGANIZATION, "o-*", True),
        ("StringLike", ORGANIZATION, "o-?", True),
        ("StringLike", ORGANIZATION, "o-${*}", False),
        ("StringNotEquals", ORGANIZATION, "o-1", False),
        ("StringNotEquals", ORGANIZATION, ["o-2", "o-1"], False),
        ("StringNotEquals", ORGANIZATION, ["o-2", "o-3"], True),
        ("StringNotLike", ORGANIZATION, "p-*", True),
        ("NumericEquals", "s3:max-keys", "10.0", True),
        ("NumericEquals", "s3:max-keys", 10, True),
        ("NumericNotEquals", "s3:max-keys", "10", False),
        ("NumericLessThan", "s3:max-keys", "10", False),
        ("NumericLessThan", "s3:max-keys", "9", False),
        ("NumericLessThan", "s3:max-keys", "100", True),
        ("NumericLessThanEquals", "s3:max-keys", "10", True),
        ("NumericGreaterThan", "s3:max-keys", "9", True),
        ("NumericGreaterThanEquals", "s3:max-keys", "10", True),
        ("NumericEquals", ORGANIZATION, "10", False),
        ("DateEquals", "aws:CurrentTime", "2026-01-02T03:04:05Z", True),
        ("DateNotEquals", "aws:CurrentTime", "2026-01-02T03:04:05Z", False),
        ("DateLessThan", "aws:CurrentTime", "2026-01-02T04:04:05+00:00", True),
        ("DateLessThanEquals", "aws:CurrentTime", "1767323045", True),
        ("DateGreaterThan", "aws:CurrentTime", "2026-01-01", True),
        ("DateGreaterThanEquals", "aws:EpochTime", "2026-01-02T03:04:05Z", True),
        ("Bool", "aws:SecureTransport", True, True),
        ("Bool", "aws:SecureTransport", "True", True),
        ("Bool", "aws:SecureTransport", "false", False),
        ("BinaryEquals", "aws:PrincipalTag/key", "QmluYXJ5", True),
        ("BinaryEquals", "aws:PrincipalTag/key", "qmluyxj5", False),
        ("IpAddress", "aws:SourceIp", "203.0.113.0/24", True),
        ("IpAddress", "aws:SourceIp", ["10.0.0.0/8", "203.0.113.7"], True),
        ("IpAddress", "aws:SourceIp", "2001:db8::/32", False),
        ("NotIpAddress", "aws:SourceIp", "203.0.113.0/24", False),
        ("ArnEquals", "aws:PrincipalArn", ROLE, True),
        ("ArnEquals", "aws:PrincipalArn", "arn:aws:iam::*:role/team/*", True),
        ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::111111111111:*", True),
        ("ArnLike", "aws:PrincipalArn", "arn:*:role/team/node", False),
        ("ArnLike", "aws:PrincipalArn", "*", False),
        ("ArnNotEquals", "aws:PrincipalArn", "arn:aws:iam::222222222222:role/*", True),
        ("ArnNotLike", "aws:PrincipalArn", "arn:aws:iam::111111111111:role/*", False),
        ("Null", ORGANIZATION, "false", True),
        ("Null", ORGANIZATION, True, False),
        ("Null", "aws:missing", "true", True),
        ("Null", "aws:missing", ["true", "false"], True),
        ("ForAnyValue:StringLike", PATHS, "o-1/r-1/ou-2/*", True),
        ("ForAnyValue:StringLike", PATHS, "o-1/r-1/ou-3/*", False),
        ("ForAnyValue:StringNotLike", PATHS, "o-1/r-1/ou-2/*", True),
        ("ForAllValues:StringLike", PATHS, "o-1/r-1/ou-2/*", False),
        ("ForAllValues:StringLike", PATHS, "o-1/r-1/*", True),
        ("ForAllValues:StringNotLike", PATHS, "o-1/r-1/ou-2/*", False),
    ],
    ids=str,
)
def test_a_condition(operator: str, key: str, wanted: Any, holds: bool) -> None:
    assert conditions_hold({operator: {key: wanted}}, CONTEXT) == holds


@pytest.mark.parametrize("operator", [*POSITIVE, *NEGATED])
class TestKeyThatIsNotInTheRequest:
    """The Guide's note at the top, "...IfExists", and single- and multi-valued context keys."""

    def holds(self, operator: str) -> bool:
        return conditions_hold({operator: {"aws:missing": "x"}}, CONTEXT)

    def test_only_a_negated_operator_is_true(self, operator: str) -> None:
        assert self.holds(operator) == (operator in NEGATED)

    def test_if_exists_is_true(self, operator: str) -> None:
        assert self.holds(f"{operator}IfExists")

    def test_for_all_values_is_true(self, operator: str) -> None:
        assert self.holds(f"ForAllValues:{operator}")

    def test_for_any_value_is_false(self, operator: str) -> None:
        assert not self.holds(f"ForAnyValue:{operator}")

    def test_for_any_value_if_exists_is_true(self, operator: str) -> None:
        assert self.holds(f"ForAnyValue:{operator}IfExists")


def test_all_conditions_must_hold() -> None:
    assert not conditions_hold({"StringEquals": {ORGANIZATION: "o-1"}, "StringLike": {"aws:missing": "*"}}, CONTEXT)


def test_a_key_without_values_is_not_in_the_request() -> None:
    assert conditions_hold({"Null": {"aws:TagKeys": "true"}}, {"aws:TagKeys": []})


@pytest.mark.parametrize(
    "operator",
    [
        "Equals",
        "StringMatches",
        "NotBool",
        "NumericNotLessThan",
        "NullIfExists",
        "ForAnyValue:Null",
        "ForSome:StringLike",
    ],
)
def test_an_operator_that_does_not_exist(operator: str) -> None:
    with pytest.raises(ValueError, match=f"{operator} does not exist"):
        conditions_hold({operator: {ORGANIZATION: "o-1"}}, CONTEXT)


VALUES = st.lists(st.text("ab*?:/", max_size=6), min_size=1, max_size=3)
PAIRS = [("StringEquals", "StringNotEquals"), ("StringLike", "StringNotLike"), ("ArnLike", "ArnNotLike")]


@given(st.sampled_from(PAIRS), st.text("ab*?:/", max_size=6), VALUES)
def test_a_negated_operator_is_the_opposite(pair: tuple[str, str], value: str, wanted: list[str]) -> None:
    positive, negated = (conditions_hold({operator: {"key": wanted}}, {"key": [value]}) for operator in pair)
    assert positive != negated


@given(st.sampled_from(PAIRS), VALUES, VALUES)
def test_for_any_value_is_true_when_for_all_values_is(
    pair: tuple[str, str], values: list[str], wanted: list[str]
) -> None:
    for operator in pair:
        of_all, of_any = (
            conditions_hold({f"{quantifier}:{operator}": {"key": wanted}}, {"key": values})
            for quantifier in ("ForAllValues", "ForAnyValue")
        )
        assert of_any or not of_all


@given(st.lists(st.text("ab*?", max_size=3), min_size=6, max_size=6))
def test_an_arn_matches_itself_and_wildcards_in_each_part(parts: list[str]) -> None:
    arn = ":".join(part.replace("*", "x").replace("?", "y") for part in parts)
    assert conditions_hold({"ArnLike": {"key": [":".join(parts)]}}, {"key": [arn]})
    assert conditions_hold({"ArnLike": {"key": "*:*:*:*:*:*"}}, {"key": [arn]})
