"""Version constraints mean what Terraform means by them."""

import pytest

from pull_through_cache.deployment.versions import allows


@pytest.mark.parametrize(
    ("constraint", "at_least", "allowed"),
    [
        ("1.11.4", "1.11", True),
        ("= 1.10.9", "1.11", False),
        (">= 1.0", "1.11", True),
        ("< 1.11", "1.11", False),
        ("<= 1.11.0", "1.11", True),
        ("> 1.11.0, < 1.11.2", "1.11", True),
        ("~> 1.5", "1.11", True),
        ("~> 1.5.0", "1.11", False),
        ("~> 1.5", "2.0", False),
        (">= 1.11, != 1.11.0", "1.11", True),
        ("!= 1.11.0, != 1.11.1, <= 1.11.1", "1.11", False),
        (">= 2, < 1", "1.0", False),
        ("~> 6.0", "5.100.0", True),
        ("~> 5.30", "5.100.0", True),
        ("~> 5.30.0", "5.100.0", False),
    ],
)
def test_a_constraint_allows_versions_from_one_on(constraint: str, at_least: str, *, allowed: bool) -> None:
    assert allows(constraint, at_least) is allowed
