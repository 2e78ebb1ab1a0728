"""Passwords for registries: what GetAuthorizationToken gives to its caller.

Source: Guide, registry_auth.html (Guide = Amazon ECR User Guide): it is the caller's, and good for 12 hours.
"""

import os

from itsdangerous import BadSignature, URLSafeSerializer

from emulator.clock import CLOCK

USER = "AWS"
LIFETIME = 12 * 60 * 60
_signed = URLSafeSerializer(os.urandom(32))


class ExpiredError(Exception):
    """The token was good once."""


def issue(arn: str) -> tuple[str, float]:
    """A password for the principal, and when it ends, in seconds since 1970."""
    expires = CLOCK.now() + LIFETIME
    return str(_signed.dumps([arn, expires])), expires


def principal_of(password: str) -> str | None:
    """The ARN of the principal that a password was made for, None when it is none. Raises ExpiredError."""
    try:
        arn, expires = _signed.loads(password)
    except BadSignature:
        return None
    if CLOCK.now() >= expires:
        raise ExpiredError
    return str(arn)
