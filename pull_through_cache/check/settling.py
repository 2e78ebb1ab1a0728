"""Gives existing repositories the settings of their creation templates.

It never changes images, encryption, or repositories outside the caches' prefixes.
"""

from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Literal

from botocore.exceptions import BotoCoreError, ClientError

from pull_through_cache.check.account import Account
from pull_through_cache.check.differences import Difference, differences, missing_tags, mutability
from pull_through_cache.check.existing import CALLS_AT_A_TIME, PATIENT, existing_repositories
from pull_through_cache.check.findings import Finding, error_code
from pull_through_cache.check.templates import check_templates
from pull_through_cache.check.watching import Watch, unwatched
from pull_through_cache.deployment.registry import Registry

_DONE_ALREADY = {"RepositoryPolicyNotFoundException", "LifecyclePolicyNotFoundException"}


@dataclass(frozen=True)
class Change:
    """One setting of a repository that `settle` writes.

    - `now`: in what it differs from the template. `change`: what is written instead.
    """

    region: str
    repository: str
    setting: str
    now: str
    change: str
    difference: Difference


@dataclass(frozen=True)
class Outcome:
    """What came of a change; `message` is AWS's error where it failed."""

    change: Change
    state: Literal["changed", "deleted meanwhile", "failed"]
    message: str = ""


@dataclass(frozen=True)
class Plan:
    """The changes, and the templates whose repositories are left out because a deploy must come first."""

    changes: list[Change]
    blocked: list[Finding]


def plan(
    registry: Registry,
    account: Account,
    settings: Collection[str],
    prefix: str | None = None,
    *,
    watch: Watch = unwatched,
) -> Plan:
    """What to change so that repositories have the settings of their templates.

    - `settings`: of `differences.CHANGEABLE`.
    - `prefix`: of the only cache whose repositories to change. Default: all.

    Raises CouldNotRun for another account's credentials, and botocore's errors if the registry cannot be read.
    """
    account.assert_is(registry.known_account_id)
    changes: list[Change] = []
    blocked: list[Finding] = []
    for region in registry.regions:
        prefixes = [each for each in registry.prefixes if prefix in (None, each)]
        places = {f"{region}, template {each}": f"{each.rstrip('/')}/" for each in prefixes}
        found = check_templates(registry, account, region)
        wrong = [each for each in found if each.state == "wrong" and each.where in places]
        blocked += wrong
        left_out = {places[each.where] for each in wrong}
        for repository in existing_repositories(registry, account, region, settings, prefix, watch=watch):
            if repository.prefix not in left_out:
                changes += map(_change, differences(repository, settings))
    return Plan(changes, blocked)


def apply(changes: Iterable[Change], account: Account) -> Iterator[Outcome]:
    """Makes the changes, in order, a few at a time. A failure does not stop the others."""
    with ThreadPoolExecutor(CALLS_AT_A_TIME) as pool:
        yield from pool.map(lambda change: _outcome(change, account), changes)


def _outcome(change: Change, account: Account) -> Outcome:
    try:
        _write(account.client("ecr", change.region, PATIENT), change.difference)
    except ClientError as error:
        if error_code(error) == "RepositoryNotFoundException":
            return Outcome(change, "deleted meanwhile")
        if error_code(error) not in _DONE_ALREADY:
            return Outcome(change, "failed", str(error))
    except BotoCoreError as error:
        return Outcome(change, "failed", str(error))
    return Outcome(change, "changed")


def _change(difference: Difference) -> Change:
    repository = difference.repository
    match difference.setting:
        case "policy":
            change = _document("repository policy", repository.template.get("repositoryPolicy"))
        case "lifecycle":
            change = _document("lifecycle policy", repository.template.get("lifecyclePolicy"))
        case "tags":
            tags = ", ".join(f"{key}={value}" for key, value in missing_tags(repository).items())
            change = f"set the tags {tags}"
        case _:
            tags_move, filters = mutability(repository.template)
            change = f"set {tags_move}{' except ' if filters else ''}{', '.join(filters)}"
    return Change(repository.region, repository.name, difference.setting, difference.cause, change, difference)


def _document(kind: str, text: str | None) -> str:
    return f"set the template's {kind}" if text else f"delete the {kind}"


def _write(ecr: Any, difference: Difference) -> None:
    repository = difference.repository
    name, template = repository.name, repository.template
    match difference.setting:
        case "policy" if template.get("repositoryPolicy"):
            ecr.set_repository_policy(repositoryName=name, policyText=template["repositoryPolicy"])
        case "policy":
            ecr.delete_repository_policy(repositoryName=name)
        case "lifecycle" if template.get("lifecyclePolicy"):
            ecr.put_lifecycle_policy(repositoryName=name, lifecyclePolicyText=template["lifecyclePolicy"])
        case "lifecycle":
            ecr.delete_lifecycle_policy(repositoryName=name)
        case "tags":
            tags = [{"Key": key, "Value": value} for key, value in missing_tags(repository).items()]
            ecr.tag_resource(resourceArn=repository.description["repositoryArn"], tags=tags)
        case "mutability":
            filters = template.get("imageTagMutabilityExclusionFilters")
            ecr.put_image_tag_mutability(
                repositoryName=name,
                imageTagMutability=template["imageTagMutability"],
                **({"imageTagMutabilityExclusionFilters": filters} if filters else {}),
            )
