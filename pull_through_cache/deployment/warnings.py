"""What a deployment file may say, and its author will probably regret."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pull_through_cache.deployment.wide_open import wide_open
from pull_through_cache.files.problems import Place

if TYPE_CHECKING:
    from pull_through_cache.deployment.deployment import Deployment

WarningName = Literal[
    "any-registry",
    "catch-all",
    "first-pull",
    "immutable-tags",
    "others-overwrite",
    "services-for-everyone",
    "shadowed-prefix",
    "untagged-images",
]


@dataclass(frozen=True)
class Warning:  # noqa: A001 - as in a sentence: warnings.Warning
    """One warning: its name, by which a file silences it, where, and what will happen."""

    name: WarningName
    place: Place
    message: str

    def __str__(self) -> str:
        return f"warning: {self.message} (to keep it so: `silence: [{self.name}]`)"


def warnings(deployment: "Deployment") -> Iterator[Warning]:
    """Everything to warn of, in no order."""
    registry = deployment.registry
    yield from (Warning(*found) for found in wide_open(deployment))
    if registry.registry_policy.mode == "none" and not registry.pull_access.nobody:
        yield Warning(
            "first-pull",
            ("registry", "registry_policy"),
            "without a registry policy the first pull of an image from another account fails: `The repository with name "
            "'…' does not exist in the registry`; write `registry_policy: managed`",
        )
    prefixes = {key: registry.prefix(key).removesuffix("/") for key in registry.upstreams}
    for key, prefix in prefixes.items():
        settings = registry.settings(key)
        if settings.image_tag_mutability != "MUTABLE":
            yield Warning(
                "immutable-tags",
                ("registry", *registry.place_of(key, "image_tag_mutability")),
                "ECR never refreshes an immutable tag: what `latest` was at the first pull it stays; write MUTABLE",
            )
        if settings.lifecycle.expires_untagged_images:
            name = "policy" if settings.lifecycle.policy else "expire_untagged_after_days"
            yield Warning(
                "untagged-images",
                ("registry", *registry.place_of(key, "lifecycle", name)),
                "the images of a multi-architecture tag are untagged themselves, so this may expire parts of what is in "
                "use; take the rule for untagged images out",
            )
        for other, outer in prefixes.items():
            if other != key and (outer == "ROOT" or prefix.startswith(f"{outer}/")):
                below = prefix if outer == "ROOT" else prefix.removeprefix(f"{outer}/")
                yield Warning(
                    "shadowed-prefix",
                    ("registry", "upstreams", key),
                    f"images of {other} whose names begin with {below}/ cannot be reached: {prefix}/ is the more specific "
                    f"prefix, and ECR looks for them at {registry.upstreams[key].host}",
                )
