"""What a check finds."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from botocore.exceptions import ClientError

_DENIED = ("AccessDenied", "AccessDeniedException")


class CouldNotRun(Exception):  # noqa: N818 - named after what it says, as it is printed
    """Why nothing could be checked."""


@dataclass(frozen=True)
class Finding:
    """One difference between AWS and the deployment: where, why pulls suffer from it, and what to do.

    `state` is `unchecked` for what the credentials were not allowed to see.
    """

    where: str
    cause: str
    remedy: str
    state: Literal["wrong", "unchecked"] = "wrong"


def unless_denied(where: str, findings: Iterator[Finding]) -> Iterator[Finding]:
    """`findings`, up to the first call that the credentials do not allow: the rest is `unchecked`."""
    try:
        yield from findings
    except ClientError as error:
        if error_code(error) not in _DENIED:
            raise
        yield Finding(where, f"{error.operation_name} is denied", "allow it to who runs check", "unchecked")


def error_code(error: ClientError) -> str:
    """AWS's name of an error."""
    return str(error.response["Error"]["Code"])
