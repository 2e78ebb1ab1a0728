"""Terraform's own settings: versions, and where state is kept."""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import Field, field_validator

from pull_through_cache.forms import Text, VersionConstraint
from pull_through_cache.validation import Model

# Terraform's documentation of each backend. What is missing here has none that is needed in the file.
_REQUIRED = {"s3": ("bucket", "region"), "http": ("address",), "cloud": ("organization",), "remote": ("organization",)}
_SECRETS = {
    "access_key",
    "secret_key",
    "token",
    "password",
    "session_token",
    "encryption_key",
    "sas_token",
    "client_secret",
}


class RequiredProviders(Model):
    """Version constraints of the Terraform providers."""

    aws: Annotated[VersionConstraint, Field(description="Of hashicorp/aws.", examples=["'>= 5.100.0, < 7.0.0'"])] = (
        ">= 5.100.0, < 7.0.0"
    )


class TerraformSettings(Model):
    """Terraform's own settings in every stack."""

    required_version: Annotated[
        VersionConstraint | None,
        Field(
            description="Version constraint of Terraform. Default: what the deployment needs, `>= 1.0`; `>= 1.5` with "
            "`adopt`, `>= 1.11` with write_only credentials.",
            examples=["'>= 1.5'"],
        ),
    ] = None
    required_providers: Annotated[RequiredProviders, Field(description="Of the providers.")] = RequiredProviders()
    backend: Annotated[
        Mapping[str, Mapping[str, Any]],
        Field(
            description="Where state is kept: one of Terraform's backends, or `cloud`, with its settings. `{stack}` in a "
            "setting stands for the stack's name. Default: `terraform.<stack>.tfstate` beside cdktf.out.",
            examples=["{s3: {bucket: my-states, region: eu-central-1}}"],
        ),
    ] = {}
    default_tags: Annotated[
        Mapping[Text, Text],
        Field(description="Tags of every resource that takes tags.", examples=["{owner: platform}"]),
    ] = {}

    @field_validator("backend")
    @classmethod
    def _backend(cls, backend: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Mapping[str, Any]]:
        if len(backend) > 1:
            raise ValueError(f"names {' and '.join(backend)}; write one backend")
        for kind, settings in backend.items():
            if not re.fullmatch("[a-z0-9]+", kind):
                raise ValueError(f"{kind!r} is not the name of a backend; write one such as s3")
            for key in _REQUIRED.get(kind, ()):
                if key not in settings:
                    raise ValueError(f"{kind} needs `{key}`; write it")
            for key, text in _texts(settings):
                if key in _SECRETS:
                    raise ValueError(
                        f"{key} is a secret, which no file may hold; give it to Terraform by its environment"
                    )
                if "${" in text or "%{" in text:
                    raise ValueError(f"{key} holds '${{' or '%{{', which no backend evaluates; write it without")
        return backend

    def backend_of(self, stack: str) -> tuple[str, dict[str, Any]] | None:
        """The backend of one stack, by name and settings; None for the local default."""
        for kind, settings in self.backend.items():
            defaults: dict[str, Any] = {}
            if kind == "s3":
                defaults = {"key": "ecr-pull-through-cache/{stack}.tfstate", "use_lockfile": True, "encrypt": True}
            if kind in ("cloud", "remote") and "workspaces" not in settings:
                defaults = {"workspaces": {"name": "{stack}"}}
            return kind, _filled({**defaults, **settings}, stack)
        return None

    @property
    def backend_is_shared(self) -> bool:
        """Whether two stacks would write one state."""
        return bool(self.backend) and self.backend_of("one") == self.backend_of("two")


def _texts(settings: Any, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(settings, Mapping):
        for inner, value in settings.items():
            yield from _texts(value, str(inner))
    elif isinstance(settings, list):
        for value in settings:
            yield from _texts(value, key)
    else:
        yield key, str(settings)


def _filled(settings: Any, stack: str) -> Any:
    if isinstance(settings, Mapping):
        return {key: _filled(value, stack) for key, value in settings.items()}
    if isinstance(settings, list):
        return [_filled(value, stack) for value in settings]
    return settings.replace("{stack}", stack) if isinstance(settings, str) else settings
