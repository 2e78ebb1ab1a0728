"""When cached images expire or are archived."""

from typing import Annotated, Any

from pydantic import Field, ValidationInfo, field_validator

from pull_through_cache.deployment.lifecycle_policy import LifecyclePolicy
from pull_through_cache.deployment.model import Model
from pull_through_cache.deployment.values.text import Count

_FOR_ALL_IMAGES = ("keep_last", "expire_after_days", "archive_after_days_unpulled")


class Lifecycle(Model):
    """When cached images expire. `keep_last`, `expire_after_days` and `archive_after_days_unpulled` exclude each other."""

    keep_last: Annotated[
        Count | None,
        Field(
            description="How many images each repository keeps. ECR counts images, not tags: a multi-architecture tag "
            "has one for each platform and one for its list.",
            examples=[20],
        ),
    ] = None
    expire_after_days: Annotated[
        Count | None, Field(description="Days after its push when an image expires.", examples=[90])
    ] = None
    archive_after_days_unpulled: Annotated[
        Count | None,
        Field(
            description="Days after its last pull when an image is archived. A pull of an archived image fails until "
            "you restore it.",
            examples=[180],
        ),
    ] = None
    expire_untagged_after_days: Annotated[
        Count | None,
        Field(
            description="Days after its push when an untagged image expires. The platform images of a multi-architecture "
            "tag stay as long as the tag.",
            examples=[14],
        ),
    ] = None
    policy: Annotated[
        LifecyclePolicy | None,
        Field(
            description="A lifecycle policy of your own instead of the other keys, as YAML or as JSON text.",
            examples=["'{\"rules\": […]}'"],
        ),
    ] = None

    @field_validator("expire_after_days", "archive_after_days_unpulled")
    @classmethod
    def _one_rule_for_all_images(cls, days: int | None, info: ValidationInfo) -> int | None:
        # Amazon ECR User Guide, LifecyclePolicies.html.
        other = next((key for key in _FOR_ALL_IMAGES if info.data.get(key)), None)
        if days and other:
            raise ValueError(f"excludes {other}: ECR accepts one rule for all images; delete one of the two")
        return days

    @field_validator("policy", mode="before")
    @classmethod
    def _alone(cls, policy: Any, info: ValidationInfo) -> Any:
        if policy is not None and any(info.data.values()):
            raise ValueError("excludes the other keys; delete this key, or the others")
        return policy

    @property
    def effective_policy(self) -> LifecyclePolicy | None:
        """The lifecycle policy for these settings; None if all images stay."""
        if self.policy:
            return self.policy
        rules = [
            *_rule("Expire untagged images", "untagged", "sinceImagePushed", self.expire_untagged_after_days),
            *_rule("Expire old images", "any", "sinceImagePushed", self.expire_after_days),
            *_rule("Expire all but the newest images", "any", "imageCountMoreThan", self.keep_last),
            *_rule("Archive images", "any", "sinceImagePulled", self.archive_after_days_unpulled),
        ]
        numbered = [{"rulePriority": priority, **rule} for priority, rule in enumerate(rules, 1)]
        return LifecyclePolicy.model_validate({"rules": numbered}) if rules else None

    @property
    def policy_json(self) -> str | None:
        """The same policy as JSON."""
        policy = self.effective_policy
        return policy.json_text if policy else None


def _rule(description: str, tag_status: str, count_type: str, number: int | None) -> list[dict[str, Any]]:
    if number is None:
        return []
    selection: dict[str, Any] = {"tagStatus": tag_status, "countType": count_type, "countNumber": number}
    if count_type != "imageCountMoreThan":
        selection["countUnit"] = "days"
    archive = {"type": "transition", "targetStorageClass": "archive"}
    action = archive if count_type == "sinceImagePulled" else {"type": "expire"}
    return [{"description": description, "selection": selection, "action": action}]
