"""What a check finds."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from botocore.exceptions import ClientError

DENIED = ("AccessDenied", "AccessDeniedException")
"""AWS's names of the error that credentials do not allow a call."""


class CouldNotRun(Exception):  # noqa: N818 - named after what it means, as it is printed
    """Why nothing could be checked."""


@dataclass(frozen=True)
class Finding:
    """One difference between AWS and the deployment: where, why pulls suffer from it, and what to do.

    - `state`: `unchecked` for what the credentials do not allow to read.
    - `paste`: YAML for the deployment file that `remedy` refers to.
    """

    where: str
    cause: str
    remedy: str
    state: Literal["wrong", "unchecked"] = "wrong"
    paste: str = ""

    def row(self) -> dict[str, Any]:
        """The finding as JSON has it: without what is empty."""
        return {name: value for name, value in vars(self).items() if value}


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
