"""Passwords for registries, as GetAuthorizationToken returns them.

Source: Amazon ECR User Guide, registry_auth.html: a password belongs to the caller and is valid for 12 hours.
"""

import os

from itsdangerous import BadSignature, URLSafeSerializer

from emulator.clock import CLOCK

USER = "AWS"
LIFETIME = 12 * 60 * 60
_signed = URLSafeSerializer(os.urandom(32))


class ExpiredError(Exception):
    """The token has expired."""


def issue(arn: str) -> tuple[str, float]:
    """A password for the principal, and when it expires, in seconds since 1970."""
    expires = CLOCK.now() + LIFETIME
    return str(_signed.dumps([arn, expires])), expires


def principal_of(password: str) -> str | None:
    """The ARN of the principal that a password was made for; None if it is not a password. Raises ExpiredError."""
    try:
        arn, expires = _signed.loads(password)
    except BadSignature:
        return None
    if CLOCK.now() >= expires:
        raise ExpiredError
    return str(arn)
