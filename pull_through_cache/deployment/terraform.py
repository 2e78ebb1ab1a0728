"""Terraform's own settings: versions, and where state is kept."""

import re
from collections.abc import Iterable, Iterator, Mapping
from math import isfinite
from typing import Annotated, Any

from pydantic import Field, field_validator

from pull_through_cache.deployment.model import Model, Problems, duplicates, raise_problems
from pull_through_cache.deployment.values.tags import TagKey, TagValue
from pull_through_cache.deployment.values.terraform import VersionConstraint
from pull_through_cache.deployment.versions import allows
from pull_through_cache.files.problems import Place, nearest, shown

# Terraform's documentation of each backend: the settings that a file must have, and those that distinguish two states.
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
# Terraform's documentation of each backend: credentials, or text that may hold them.
_SECRETS = frozenset(
    """
    access_key access_token client_certificate client_certificate_password client_key client_private_key_pem
    client_secret conn_str credentials encryption_key http_auth oidc_request_token oidc_token password private_key
    private_key_password sas_token secret_id secret_key security_token session_token sse_customer_key token
    """.split()
)
_SETTING = re.compile(r"[a-z][a-z0-9_]{0,63}")
_PASSWORD_IN_ADDRESS = re.compile(r"(?:://|^)[^/@\s]*:[^/@\s]+@")
_ENDS_IN_NUMBER = re.compile(r"-[0-9]+(e[0-9]*)?$")
_NUMBER_AFTER = re.compile(r"\{stack\}(\.?[0-9]|[eE][+-]?[0-9])")
MIN_AWS = "5.100.0"
"""The oldest AWS provider that the tests run with."""


class RequiredProviders(Model):
    """Version constraints of the Terraform providers."""

    aws: Annotated[
        VersionConstraint, Field(description="Version constraint of hashicorp/aws.", examples=["'>= 5.100.0, < 7.0.0'"])
    ] = f">= {MIN_AWS}, < 7.0.0"

    @field_validator("aws")
    @classmethod
    def _aws(cls, constraint: str) -> str:
        if not allows(constraint, MIN_AWS):
            raise ValueError(f"{constraint!r} allows no version that works with this project; allow {MIN_AWS} or later")
        return constraint


class TerraformSettings(Model):
    """Terraform's own settings in every stack."""

    required_version: Annotated[
        VersionConstraint | None,
        Field(
            description="Version constraint of Terraform. The stacks add what the deployment needs: 1.1 for `renamed_from` "
            "and `cloud`, 1.5 for `adopt`, 1.10 for S3's lock file, 1.11 for write_only credentials. Default: `>= 1.0`.",
            examples=["'>= 1.5'"],
        ),
    ] = None
    required_providers: Annotated[
        RequiredProviders, Field(description="Version constraints of providers.", examples=["{aws: ~> 6.0}"])
    ] = RequiredProviders()
    backend: Annotated[
        Mapping[str, Mapping[str, Any]],
        Field(
            description="Where Terraform keeps state: one of its backends, or `cloud`, with its settings. `{stack}` in a "
            "setting becomes the stack's name. `s3` gets `encrypt`, and `use_lockfile` unless it has a `dynamodb_table`. "
            "Default: `terraform.<stack>.tfstate` beside cdktf.out.",
            examples=["{s3: {bucket: my-states, region: eu-central-1}}"],
        ),
    ] = {}
    default_tags: Annotated[
        Mapping[TagKey, TagValue],
        Field(max_length=50, description="Tags of every resource that can have tags.", examples=["{owner: platform}"]),
    ] = {}

    @field_validator("backend")
    @classmethod
    def _backend(cls, backend: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Mapping[str, Any]]:
        if len(backend) > 1:
            raise ValueError(f"has {len(backend)} backends, {' and '.join(map(shown, list(backend)[:2]))}; write one")
        raise_problems(_wrong_settings(backend))
        return backend

    @field_validator("default_tags")
    @classmethod
    def _default_tags(cls, tags: Mapping[str, str]) -> Mapping[str, str]:
        # IAM API, Tag: keys that differ only in case are the same key.
        for key in duplicates(key.lower() for key in tags):
            raise ValueError(f"has key {key!r} twice with different case, which IAM rejects; write it once")
        return tags

    def backend_of(self, stack: str) -> tuple[str, dict[str, Any]] | None:
        """The backend of one stack, by name and settings; None for the local default."""
        for kind, settings in self.backend.items():
            defaults: dict[str, Any] = {}
            if kind == "s3":
                locks = {} if "dynamodb_table" in settings else {"use_lockfile": True}
                defaults = {"key": "ecr-pull-through-cache/{stack}.tfstate", **locks, "encrypt": True}
            if kind in ("cloud", "remote") and "workspaces" not in settings:
                defaults = {"workspaces": {"name": "{stack}"}}
            return kind, _filled({**defaults, **settings}, stack)
        return None

    @property
    def backend_is_shared(self) -> bool:
        """Whether two stacks would share a state."""
        one, two = self.backend_of("one"), self.backend_of("two")
        if one is None or two is None:
            return False
        _, distinguishing = _BACKENDS[one[0]]
        return all(one[1].get(key) == two[1].get(key) for key in distinguishing)

    def reserved_in(self, stacks: Iterable[str]) -> Problems:
        """Settings that can be a number, which cdktf may take for a reference, with the name of a stack in them."""
        stack = next(filter(_ENDS_IN_NUMBER.search, stacks), None)
        for place, value in _leaves(self.backend, ()) if stack else ():
            if isinstance(value, str) and _NUMBER_AFTER.search(value):
                message = f"has a number directly after `{{stack}}`, and {stack} ends in one"
                yield ("backend", *place), f"{message}; write a '/' or a letter between them"

    @property
    def locks_in_s3(self) -> bool:
        """Whether S3 also keeps the lock of the state."""
        name, settings = self.backend_of("") or ("local", {})
        return name == "s3" and bool(settings.get("use_lockfile"))


def _wrong_settings(backend: Mapping[str, Mapping[str, Any]]) -> Problems:
    for name, settings in backend.items():
        if name not in _BACKENDS:
            meant = nearest(name, _BACKENDS)
            hint = f"did you mean {meant}? Write" if meant else "write"
            yield (name,), f"is not a backend of Terraform; {hint} one of {', '.join(_BACKENDS)}"
            continue
        required, _ = _BACKENDS[name]
        for key in required:
            if settings.get(key) in (None, ""):
                yield (name,), f"has no `{key}`; add it"
        for place in _keys(settings, (name,)):
            if not _SETTING.fullmatch(str(place[-1])):
                yield place, "is not the name of a setting; write lowercase letters, digits and '_'"
        for place, value in _leaves(settings, (name,)):
            key = next(part for part in reversed(place) if isinstance(part, str))
            if key in _SECRETS:
                yield (
                    place,
                    "is a secret; delete it here, and set the environment variable that Terraform's backend reads instead",
                )
            elif isinstance(value, str) and _PASSWORD_IN_ADDRESS.search(value):
                yield (
                    place,
                    "has a password; delete it here, and set the environment variable that Terraform's backend reads instead",
                )
            elif isinstance(value, float) and not isfinite(value):
                yield place, "is not text, a number, true or false; write it in quotes"


def _keys(settings: Any, place: Place) -> Iterator[Place]:
    """The places of all names of settings."""
    if isinstance(settings, Mapping):
        for key, value in settings.items():
            yield (*place, str(key))
            if key not in ("tags", "labels", "env"):  # maps with keys of the author
                yield from _keys(value, (*place, str(key)))
    elif isinstance(settings, list):
        for index, value in enumerate(settings):
            yield from _keys(value, (*place, index))


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
