"""What a check finds."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

from botocore.exceptions import ClientError

DENIED = ("AccessDenied", "AccessDeniedException")
"""AWS's names of the error that credentials do not allow a call."""


class CouldNotRun(Exception):  # noqa: N818 - named after what it means, as it is printed
    """The reason why nothing could be checked."""


@dataclass(frozen=True)
class Finding:
    """One difference between AWS and the deployment: where, why pulls suffer from it, and what to do.

    - `state`: `unchecked` for what the credentials do not allow to read.
    - `paste`: YAML for the deployment file that `remedy` refers to.
    - `repository`: the name of the repository, if `where` is a group of them.
    """

    where: str
    cause: str
    remedy: str
    state: Literal["wrong", "unchecked"] = "wrong"
    paste: str = ""
    repository: str = ""

    def row(self) -> dict[str, Any]:
        """The finding as JSON has it: without what is empty."""
        return {name: value for name, value in vars(self).items() if value}


def grouped(findings: Iterable[Finding]) -> list[Finding]:
    """`findings` with one in place of those that differ only in the repository; it has their number."""
    groups: dict[Finding, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(replace(finding, repository=""), []).append(finding)
    return [_group(finding, [each.repository for each in found]) for finding, found in groups.items()]


def _group(finding: Finding, repositories: list[str]) -> Finding:
    if not repositories[0]:
        return finding
    many = f"{len(repositories):,} repositories"
    name = f"repository {repositories[0]}"
    region, _, group = finding.where.partition(", ")
    where = name if len(repositories) == 1 else group.replace("repositories", many, 1)
    return replace(finding, where=f"{region}, {where}")


def unless_denied(where: str, findings: Iterator[Finding]) -> Iterator[Finding]:
    """`findings`, up to the first call that the credentials do not allow: the rest is `unchecked`."""
    try:
        yield from findings
    except ClientError as error:
        if error_code(error) not in DENIED:
            raise
        yield Finding(where, f"{error.operation_name} is denied", "allow it for the credentials", "unchecked")


def error_code(error: ClientError) -> str:
    """AWS's name of an error."""
    return str(error.response["Error"]["Code"])
