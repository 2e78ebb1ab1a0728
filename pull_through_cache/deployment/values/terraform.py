"""Names and versions of Terraform."""

from typing import Annotated

from pull_through_cache.deployment.values.text import TextPattern

_VERSION = r"\s*(?:(?:!=|>=|<=|~>|=|>|<)\s*)?[0-9]+(?:\.[0-9]+){0,2}(?:-[0-9A-Za-z.-]+)?\s*"

VersionConstraint = Annotated[
    str,
    TextPattern(
        rf"(?=.{{1,200}}$){_VERSION}(?:,{_VERSION})*",
        "is not a version constraint; write one such as '>= 5.100.0, < 7.0.0'",
    ),
]
WorkloadName = Annotated[
    str,
    TextPattern(
        r"(?=.{1,64}$)[a-z0-9]+(-[a-z0-9]+)*",
        "cannot be the name of a workload; write up to 64 lowercase letters and digits with single '-' between them",
    ),
]
# Terraform, "Input Variables": names that a variable cannot have.
_RESERVED = "source|version|providers|count|for_each|lifecycle|depends_on|locals"
VariableName = Annotated[
    str,
    TextPattern(
        rf"(?!({_RESERVED})$)[a-z][a-z0-9_]{{0,63}}",
        "cannot be the name of a Terraform variable; write up to 64 lowercase letters, digits and '_', beginning with a "
        "letter, and no name that Terraform reserves",
    ),
]
