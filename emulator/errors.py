"""ECR's errors, by their names in the service model."""

import re

from moto.core.exceptions import ServiceException
from moto.core.utils import get_service_model


class EcrError(ServiceException):
    """An error of ECR's API. Where AWS's own text is not known, the service model's description stands in for it."""

    def __init__(self, code: str, text: str | None = None) -> None:
        shape = get_service_model("ecr").shape_for(code)
        super().__init__(code, text or re.sub(r"<[^>]+>", "", shape.documentation))


def invalid(parameter: str, constraint: str) -> EcrError:
    """The error for a parameter that is not as it must be."""
    text = f"Invalid parameter at '{parameter}' failed to satisfy constraint: '{constraint}'"
    return EcrError("InvalidParameterException", text)
