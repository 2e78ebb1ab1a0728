"""ECR's errors, by their names in the service model."""

import re

from moto.core.exceptions import ServiceException
from moto.core.utils import get_service_model


class EcrError(ServiceException):
    """An error of ECR's API. Its text is the service model's description unless AWS's own is known."""

    def __init__(self, code: str, text: str | None = None) -> None:
        shape = get_service_model("ecr").shape_for(code)
        super().__init__(code, text or re.sub(r"<[^>]+>", "", shape.documentation))


class NotEmulatedError(ServiceException):
    """The answer to an AWS action that the emulator lacks."""

    def __init__(self, action: str) -> None:
        super().__init__("NotEmulatedException", f"The emulator does not have the action {action}.")


def invalid(parameter: str, constraint: str) -> EcrError:
    """The error for an invalid parameter."""
    text = f"Invalid parameter at '{parameter}' failed to satisfy constraint: '{constraint}'"
    return EcrError("InvalidParameterException", text)
