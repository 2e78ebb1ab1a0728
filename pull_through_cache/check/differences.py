"""In what an existing repository differs from its creation template.

"Guide" is the Amazon ECR User Guide. A template shapes only the repositories that are created later (Guide,
repository-creation-templates.html).
"""

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pull_through_cache.check.access import described
from pull_through_cache.check.documents import statement_of
from pull_through_cache.check.existing import Existing
from pull_through_cache.check.grants import Document, lacking, statements_of

CHANGEABLE = ("policy", "lifecycle", "tags", "mutability")
"""The settings of a repository that can change. The encryption cannot."""


@dataclass(frozen=True)
class Difference:
    """A setting of a repository that is not its template's: one of CHANGEABLE, or `encryption`."""

    repository: Existing
    setting: str
    cause: str


def differences(repository: Existing, settings: Collection[str]) -> Iterator[Difference]:
    """The differences in these settings."""
    for setting, compare in _COMPARISONS.items():
        if setting in settings and (cause := compare(repository)):
            yield Difference(repository, setting, cause)


def missing_tags(repository: Existing) -> dict[str, str]:
    """The template's tags that the repository lacks. It may have more."""
    wanted = {tag["Key"]: tag["Value"] for tag in repository.template.get("resourceTags", [])}
    return {key: value for key, value in wanted.items() if repository.tags.get(key) != value}


def mutability(settings: Mapping[str, Any]) -> tuple[str, list[str]]:
    """Whether tags may move, and for which the opposite holds: of a repository or a template."""
    filters = settings.get("imageTagMutabilityExclusionFilters") or []
    return settings.get("imageTagMutability", "MUTABLE"), sorted(each["filter"] for each in filters)


def _policy(repository: Existing) -> str | None:
    return _policy_difference(repository.policy or "", repository.template.get("repositoryPolicy") or "")


@lru_cache
def _policy_difference(live: str, wanted: str) -> str | None:
    """Policies are compared by what they grant. Thousands of repositories have few different ones."""
    if not live or not wanted:
        return "no repository policy" if wanted else "a repository policy, but none in the template" if live else None
    have, want = json.loads(live), json.loads(wanted)
    causes = [f"the policy lacks {each}" for each in _beyond(want, have)]
    causes += [f"the policy has {each}, which the template lacks" for each in _beyond(have, want)]
    return "; ".join(causes) or None


def _beyond(document: Document, other: Document) -> Iterator[str]:
    """The statements of one policy as far as the other lacks them."""
    others = statements_of(other)
    for number, each in enumerate(statements_of(document), 1):
        statement = statement_of(each)
        if statement is None:
            if each not in others:
                yield f"the statement {each.get('Sid') or number}"
        elif lost := lacking([other], statement):
            yield f"{statement.effect} {lost} for {described(statement)}"


def _lifecycle(repository: Existing) -> str | None:
    live, wanted = repository.lifecycle, repository.template.get("lifecyclePolicy")
    if not live or not wanted:
        return "no lifecycle policy" if wanted else "a lifecycle policy, but none in the template" if live else None
    same = json.loads(live) == json.loads(wanted)
    return None if same else "a lifecycle policy that differs from the template's"


def _tags(repository: Existing) -> str | None:
    missing = ", ".join(f"{key}={value}" for key, value in missing_tags(repository).items())
    return f"without the tags {missing}" if missing else None


def _mutability(repository: Existing) -> str | None:
    live, wanted = mutability(repository.description), mutability(repository.template)
    return None if live == wanted else f"image_tag_mutability is {_shown(*live)}, not {_shown(*wanted)}"


def _shown(mutability: str, filters: list[str]) -> str:
    return f"{mutability} ({', '.join(filters)})" if filters else mutability


def _encryption(repository: Existing) -> str | None:
    live = repository.description.get("encryptionConfiguration", {})
    wanted = repository.template.get("encryptionConfiguration", {})
    kinds = [each.get("encryptionType", "AES256") for each in (live, wanted)]
    # A template without a key means AWS's own key, whose ARN the repository has.
    keys = [each.get("kmsKey") if wanted.get("kmsKey") else None for each in (live, wanted)]
    if (kinds[0], keys[0]) == (kinds[1], keys[1]):
        return None
    have, want = (" ".join(filter(None, each)) for each in zip(kinds, keys, strict=True))
    return f"encryption is {have}, not {want}, permanently"


_COMPARISONS: Mapping[str, Callable[[Existing], str | None]] = {
    "policy": _policy,
    "lifecycle": _lifecycle,
    "tags": _tags,
    "mutability": _mutability,
    "encryption": _encryption,
}
