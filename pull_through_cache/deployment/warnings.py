"""Likely mistakes in a deployment file: AWS accepts them, but they probably do not do what the author wants."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pull_through_cache.aws.arns import account_of
from pull_through_cache.deployment.no_effect import without_effect
from pull_through_cache.deployment.registry import Registry
from pull_through_cache.deployment.sharing import access_to, is_shared
from pull_through_cache.deployment.statements import pullers_of
from pull_through_cache.deployment.wide_open import wide_open
from pull_through_cache.files.problems import Place

if TYPE_CHECKING:
    from pull_through_cache.deployment.deployment import Deployment

WarningName = Literal[
    "any-registry",
    "archived-images",
    "catch-all",
    "first-pull",
    "immutable-tags",
    "no-effect",
    "others-overwrite",
    "registry-policy-scope",
    "services-for-everyone",
    "shadowed-prefix",
    "statements-only",
]


@dataclass(frozen=True)
class Warning:  # noqa: A001 - as in a sentence: warnings.Warning
    """One likely mistake: the name that silences it, its place, and its effect."""

    name: WarningName
    place: Place
    message: str

    def __str__(self) -> str:
        return f"warning: {self.message} (to keep it, add `silence: [{self.name}]`)"


def warnings(deployment: "Deployment") -> Iterator[Warning]:
    """All likely mistakes, in no particular order."""
    registry = deployment.registry
    yield from (Warning(*found) for found in wide_open(deployment))
    yield from (Warning("no-effect", ("registry", *place), message) for place, message in without_effect(registry))
    yield from _registry_policy(registry)
    for key in registry.upstreams:
        yield from _repositories(registry, key)
        yield from _shadowed(registry, key)
        yield from _statements_only(registry, key)


def _registry_policy(registry: Registry) -> Iterator[Warning]:
    if registry.registry_policy.mode == "none" and is_shared(registry):
        yield Warning(
            "first-pull",
            ("registry", "registry_policy"),
            "without a registry policy, the first pull of an image from another account fails with `The repository with "
            "name '…' does not exist in the registry`; write `registry_policy: managed`",
        )
    if registry.registry_policy.scope == "V1":
        yield Warning(
            "registry-policy-scope",
            ("registry", "registry_policy", "scope"),
            "V1 is the old scope, which AWS advises against, and this sets it for the whole account; write V2",
        )


def _repositories(registry: Registry, key: str) -> Iterator[Warning]:
    settings = registry.repository_settings(key)
    if settings.image_tag_mutability != "MUTABLE":
        yield Warning(
            "immutable-tags",
            ("registry", *registry.place_of(key, "image_tag_mutability")),
            "ECR never refreshes an immutable tag: `latest` stays the image of its first pull; write MUTABLE",
        )
    policy = settings.lifecycle.effective_policy
    if policy and policy.archives:
        name = "policy" if settings.lifecycle.policy else "archive_after_days_unpulled"
        yield Warning(
            "archived-images",
            ("registry", *registry.place_of(key, "lifecycle", name)),
            "ECR does not fetch an archived image again: a pull of it fails until you restore it; let images expire "
            "instead",
        )


def _shadowed(registry: Registry, key: str) -> Iterator[Warning]:
    prefix = registry.prefix(key).removesuffix("/")
    for other in registry.upstreams:
        outer = registry.prefix(other).removesuffix("/")
        if other != key and (outer == "ROOT" or prefix.startswith(f"{outer}/")):
            below = prefix if outer == "ROOT" else prefix.removeprefix(f"{outer}/")
            yield Warning(
                "shadowed-prefix",
                ("registry", "upstreams", key),
                f"images of upstream {other!r} with names that begin with {below}/ cannot be pulled: {prefix}/ is the more "
                f"specific prefix, and ECR looks for them at {registry.upstreams[key].host}; write another `prefix`",
            )


def _statements_only(registry: Registry, key: str) -> Iterator[Warning]:
    settings, access = registry.repository_settings(key), access_to(registry, key)
    readers = pullers_of(settings.statements)
    if not settings.statements_only or "*" in readers:
        return
    accounts = {account_of(name) for name in readers}
    lost = [account for account in access.accounts if account not in accounts]
    if accounts <= {registry.account_id}:
        lost += ["organizational units"] if access.organizational_units else []
        lost += ["an organization"] if access.organization else []
    if lost:
        yield Warning(
            "statements-only",
            ("registry", *registry.place_of(key, "statements_only")),
            f"`pull_access` of upstream {key!r} includes {' and '.join(lost)}, but its repository policy has only "
            "`statements`, which let none of them pull; allow them ecr:BatchGetImage and ecr:GetDownloadUrlForLayer in "
            "`statements`, delete `statements_only`, or write another `pull_access` for this upstream",
        )
