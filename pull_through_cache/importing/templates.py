"""Repository creation templates as settings of repositories in a deployment file."""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from pull_through_cache.deployment.lifecycle import Lifecycle
from pull_through_cache.deployment.upstream import Upstream
from pull_through_cache.importing.draft import Data, Draft

Template = Mapping[str, Any]
_CACHE = "PULL_THROUGH_CACHE"


def add_templates(draft: Draft, templates: Mapping[str, Template], prefixes: Mapping[str, str]) -> dict[str, Template]:
    """Adds the settings of the templates, except their policies, and what to import, to the upstreams.

    - `prefixes`: of the upstreams, by key.

    Returns the template of each upstream, by key, that ECR uses today.
    """
    used: dict[str, Template] = {}
    for key, upstream in draft.upstreams.items():
        prefix = prefixes[key]
        name = prefix if prefix in templates else _broader(prefix, templates)
        if name is not None:
            used[key] = templates[name]
            settings = _settings(templates[name])
            if settings["description"] == Upstream.model_construct(**upstream).host:
                del settings["description"]  # the default
            upstream["repositories"] = settings
        upstream["adopt"] = True if name == prefix else ["rule"]
        for comment in _comments(templates, name, prefix):
            draft.comment(comment, "upstreams", key)
    for name in sorted(templates.keys() - set(prefixes.values())):
        draft.comment(f"Left out, the template {name}: there is no rule in the file with this prefix.", "upstreams")
    return used


def _broader(prefix: str, templates: Mapping[str, Template]) -> str | None:
    """The template from which the repositories of a cache without its own get their settings.

    Source: Amazon ECR User Guide, repository-creation-templates.html.
    """
    for name in sorted(templates, key=len, reverse=True):
        if name != "ROOT" and prefix.startswith(f"{name.rstrip('/')}/") and _CACHE in templates[name]["appliedFor"]:
            return name
    return "ROOT" if "ROOT" in templates and _CACHE in templates["ROOT"]["appliedFor"] else None


def _comments(templates: Mapping[str, Template], name: str | None, prefix: str) -> list[str]:
    if name is None:
        return ["It has no template. The plan creates one, for repositories that are created later."]
    comments, template = [], templates[name]
    if name != prefix:
        comments.append(
            f"It has no template of its own. The plan creates one, with the settings of the template {name}."
        )
    elif _CACHE not in template["appliedFor"]:
        comments.append(f"Its template is for {', '.join(template['appliedFor'])}. The plan adds {_CACHE}.")
    if _needs_role(template) and not template.get("customRoleArn"):
        comments.append(
            "Its template has tags or a KMS key and no role, so first pulls fail. The plan creates the role."
        )
    return comments


def _needs_role(template: Template) -> bool:
    encryption = template.get("encryptionConfiguration", {}).get("encryptionType")
    return bool(template.get("resourceTags")) or encryption == "KMS"


def _settings(template: Template) -> Data:
    encryption = template.get("encryptionConfiguration", {})
    kind, key = encryption.get("encryptionType", "AES256"), encryption.get("kmsKey")
    applied_for = sorted({*template["appliedFor"], _CACHE}, key=_order)
    settings = {
        "image_tag_mutability": template.get("imageTagMutability", "MUTABLE"),
        "image_tag_mutability_exclusion_filters": [
            each["filter"] for each in template.get("imageTagMutabilityExclusionFilters") or []
        ],
        "encryption": {"type": kind, **({"kms_key_arn": key} if key else {})},
        "tags": {tag["Key"]: tag["Value"] for tag in template.get("resourceTags") or []},
        "lifecycle": _lifecycle(template.get("lifecyclePolicy")),
        "applied_for": applied_for,
        "description": template.get("description", ""),
        "role_arn": template.get("customRoleArn"),
    }
    defaults = {"image_tag_mutability": "MUTABLE", "encryption": {"type": "AES256"}, "applied_for": [_CACHE]}
    return {
        name: value
        for name, value in settings.items()
        if value != defaults.get(name) and (value or name == "description")
    }


def _order(applied_for: str) -> int:
    return (_CACHE, "REPLICATION", "CREATE_ON_PUSH", applied_for).index(applied_for)


def _lifecycle(text: str | None) -> Data:
    """The short keys if they give this policy, else the policy."""
    if not text:
        return {}
    policy = json.loads(text)
    short = {name: rule["selection"]["countNumber"] for rule in policy.get("rules", []) for name in _names(rule)}
    try:
        made = Lifecycle.model_validate(short).policy_json
    except ValidationError:
        made = None
    return short if made and json.loads(made) == policy else {"policy": policy}


def _names(rule: Any) -> list[str]:
    """The short keys that may make a rule."""
    selection = rule.get("selection", {})
    kind = selection.get("tagStatus"), selection.get("countType")
    names = {
        ("untagged", "sinceImagePushed"): "expire_untagged_after_days",
        ("any", "sinceImagePushed"): "expire_after_days",
        ("any", "imageCountMoreThan"): "keep_last",
        ("any", "sinceImagePulled"): "archive_after_days_unpulled",
    }
    return [names[kind]] if kind in names and "countNumber" in selection else []
