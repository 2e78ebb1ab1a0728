"""Terraform's own settings: versions, and where state is kept."""

from collections.abc import Iterator, Mapping
from math import isfinite
from typing import Annotated, Any

from pydantic import Field, field_validator

from pull_through_cache.deployment.model import Model, refuse, repeated
from pull_through_cache.deployment.values import TagKey, TagValue, VersionConstraint
from pull_through_cache.deployment.versions import allows
from pull_through_cache.files.problems import Place, nearest, shown

# Terraform's documentation of each backend: what this project wants in the file, and by what two states differ.
_BACKENDS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "azurerm": ((), ("storage_account_name", "container_name", "key")),
    "cloud": (("organization",), ("hostname", "organization", "workspaces")),
    "consul": ((), ("address", "path")),
    "cos": ((), ("bucket", "prefix", "key")),
    "gcs": ((), ("bucket", "prefix")),
    "http": (("address",), ("address",)),
    "kubernetes": ((), ("namespace", "secret_suffix")),
    "local": (("path",), ("path",)),
    "oci": ((), ("bucket", "namespace", "key")),
    "oss": ((), ("bucket", "prefix", "key")),
    "pg": ((), ("schema_name",)),
    "remote": (("organization",), ("hostname", "organization", "workspaces")),
    "s3": (("bucket", "region"), ("bucket", "key")),
}
_SECRETS = frozenset(
    """
    access_key access_token client_certificate_password client_private_key_pem client_secret conn_str encryption_key
    password sas_token secret_id secret_key security_token session_token sse_customer_key token
    """.split()
)
MIN_AWS = "5.100.0"
"""The oldest AWS provider that these stacks are known to work with."""


class RequiredProviders(Model):
    """Version constraints of the Terraform providers."""

    aws: Annotated[VersionConstraint, Field(description="Of hashicorp/aws.", examples=["'>= 5.100.0, < 7.0.0'"])] = (
        f">= {MIN_AWS}, < 7.0.0"
    )

    @field_validator("aws")
    @classmethod
    def _aws(cls, constraint: str) -> str:
        if not allows(constraint, MIN_AWS):
            raise ValueError(f"{constraint!r} allows no version from {MIN_AWS} on; write one that does")
        return constraint


class TerraformSettings(Model):
    """Terraform's own settings in every stack."""

    required_version: Annotated[
        VersionConstraint | None,
        Field(
            description="Version constraint of Terraform. What the deployment needs is added: 1.1 for `renamed_from` "
            "and `cloud`, 1.5 for `adopt`, 1.10 for S3's lock file, 1.11 for write_only credentials. Default: that, or 1.0.",
            examples=["'>= 1.5'"],
        ),
    ] = None
    required_providers: Annotated[
        RequiredProviders, Field(description="Of the providers.", examples=["{aws: ~> 6.0}"])
    ] = RequiredProviders()
    backend: Annotated[
        Mapping[str, Mapping[str, Any]],
        Field(
            description="Where state is kept: one of Terraform's backends, or `cloud`, with its settings. `{stack}` in a "
            "setting stands for the stack's name. Default: `terraform.<stack>.tfstate` beside cdktf.out.",
            examples=["{s3: {bucket: my-states, region: eu-central-1}}"],
        ),
    ] = {}
    default_tags: Annotated[
        Mapping[TagKey, TagValue],
        Field(max_length=50, description="Tags of every resource that takes tags.", examples=["{owner: platform}"]),
    ] = {}

    @field_validator("backend")
    @classmethod
    def _backend(cls, backend: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Mapping[str, Any]]:
        if len(backend) > 1:
            raise ValueError(f"names {' and '.join(map(shown, backend))}; write one backend")
        refuse(_wrong_settings(backend))
        return backend

    @field_validator("default_tags")
    @classmethod
    def _default_tags(cls, tags: Mapping[str, str]) -> Mapping[str, str]:
        # IAM API, Tag: keys of roles and policies differ by more than their case.
        for key in repeated(key.lower() for key in tags):
            raise ValueError(f"have the key {key} twice but for its case, which IAM refuses; write it once")
        return tags

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
        one, two = self.backend_of("one"), self.backend_of("two")
        if one is None or two is None:
            return False
        _, distinguishing = _BACKENDS[one[0]]
        return all(one[1].get(key) == two[1].get(key) for key in distinguishing)

    @property
    def min_terraform(self) -> str:
        """The oldest Terraform that knows the backend."""
        name, settings = self.backend_of("") or ("local", {})
        locks_in_s3 = name == "s3" and settings.get("use_lockfile")
        return "1.10" if locks_in_s3 else "1.1" if name == "cloud" else "1.0"


def _wrong_settings(backend: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[Place, str]]:
    for name, settings in backend.items():
        if name not in _BACKENDS:
            meant = nearest(name, _BACKENDS)
            hint = f"did you mean {meant}? " if meant else ""
            yield (name,), f"is not a backend of Terraform; {hint}write one of {', '.join(_BACKENDS)}"
            continue
        required, _ = _BACKENDS[name]
        for key in required:
            if settings.get(key) in (None, ""):
                yield (name,), f"needs `{key}`; write it"
        for place, value in _leaves(settings, (name,)):
            key = next(part for part in reversed(place) if isinstance(part, str))
            if key in _SECRETS:
                yield place, "is a secret, which no file may hold; give it to Terraform by its environment"
            elif isinstance(value, float) and not isfinite(value):
                yield place, "is neither text, nor a number, nor true or false; write it in quotes"


def _leaves(settings: Any, place: Place) -> Iterator[tuple[Place, Any]]:
    if isinstance(settings, Mapping):
        for key, value in settings.items():
            yield from _leaves(value, (*place, str(key)))
    elif isinstance(settings, list):
        for index, value in enumerate(settings):
            yield from _leaves(value, (*place, index))
    else:
        yield place, settings


def _filled(settings: Any, stack: str) -> Any:
    if isinstance(settings, Mapping):
        return {str(key): _filled(value, stack) for key, value in settings.items()}
    if isinstance(settings, list):
        return [_filled(value, stack) for value in settings]
    return settings.replace("{stack}", stack) if isinstance(settings, str) else settings
