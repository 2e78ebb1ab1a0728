"""What AWS and the chosen modules can take, checked before they refuse it."""

from collections.abc import Iterator, Mapping, Sequence

from pull_through_cache.policies import (
    FIRST_PULL,
    MAX_MANAGED_POLICY,
    MAX_RESOURCE_POLICY,
    NODE_PULL,
    PULL,
    PULL_OF_THE_POST,
    TAG,
    for_whom,
    length,
    repositories,
)
from pull_through_cache.problems import Place
from pull_through_cache.project import ModuleSource
from pull_through_cache.registry import Registry
from pull_through_cache.repositories import RepositorySettings
from pull_through_cache.statements import Condition, Statement
from pull_through_cache.terraform import TerraformSettings
from pull_through_cache.versions import allows

_ACCOUNT = "0" * 12
_ORGANIZATION = "o-" + "0" * 32  # Organizations API: OrganizationId has 10 to 32 characters behind `o-`
_ROOT = f"arn:aws:iam::{_ACCOUNT}:root"

# The statements that the repository-template module writes itself.
_READ = (
    "ecr:GetAuthorizationToken",
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:DescribeImageScanFindings",
    "ecr:DescribeImages",
    "ecr:DescribeRepositories",
    "ecr:GetDownloadUrlForLayer",
    "ecr:GetLifecyclePolicy",
    "ecr:GetLifecyclePolicyPreview",
    "ecr:GetRepositoryPolicy",
    "ecr:ListImages",
    "ecr:ListTagsForResource",
)
_WRITE = ("ecr:PutImage", "ecr:InitiateLayerUpload", "ecr:UploadLayerPart", "ecr:CompleteLayerUpload")


def policies_over_their_limit(registry: Registry) -> Iterator[tuple[Place, str]]:
    """What is wrong with policies whose text would be longer than AWS accepts."""
    region = max(registry.regions, key=len)
    registry_policy = for_whom(
        registry.pull_access,
        sid="AllowPullThroughFrom",
        organization_id=_ORGANIZATION,
        actions=FIRST_PULL,
        resources=repositories(registry.prefixes, account_id=_ACCOUNT, regions=[region]),
    )
    registry_policy += registry.registry_policy.extra_statements
    if registry.registry_policy.mode != "none":
        less = "pull_access, upstreams or extra_statements"
        yield from _over(("registry_policy",), length(registry_policy), MAX_RESOURCE_POLICY, less)

    actions = PULL_OF_THE_POST if registry.repository_policy == "post" else PULL
    whom = for_whom(registry.pull_access, sid="AllowReadFrom", organization_id=_ORGANIZATION, actions=actions)
    for key in registry.upstreams:
        settings = registry.settings(key)
        total = length([*_of_the_module(settings), *whom, *settings.statements])
        less = "pull_access, readers or statements"
        yield from _over(("upstreams", key), total, MAX_RESOURCE_POLICY, less, "has a policy of repositories that")


def node_policy_over_its_limit(registry: Registry) -> Iterator[tuple[Place, str]]:
    """What is wrong with the nodes' policy, if AWS would find it too long."""
    everywhere = "ecr:GetAuthorizationToken"
    actions = [action for action in (*NODE_PULL, *([TAG] if registry.sets_tags else [])) if action != everywhere]
    statements = [
        _allow("", actions=[everywhere], resources=["*"]),
        _allow("", actions=actions, resources=registry.repositories_for_nodes),
    ]
    what, less = "needs a policy of nodes that", "upstreams or regions"
    yield from _over((), length(statements), MAX_MANAGED_POLICY, less, what)


def inputs_that_modules_lack(registry: Registry, modules: Mapping[str, ModuleSource]) -> Iterator[tuple[Place, str]]:
    """Settings that the version of a module in cdktf.json has no input for."""
    module = modules["ecr_repository_template"]
    name = "image_tag_mutability_exclusion_filters"
    if module.is_at_least(3, 1):
        return
    for key in registry.upstreams:
        if registry.settings(key).image_tag_mutability_exclusion_filters:
            there = f"write that into cdktf.json, where it is {module.version}"
            yield registry.place_of(key, name), f"needs version 3.1 of {module.source}; {there}"


def providers_that_modules_refuse(
    terraform: TerraformSettings, modules: Mapping[str, ModuleSource]
) -> Iterator[tuple[Place, str]]:
    """A constraint on the AWS provider that the version of a module in cdktf.json leaves nothing of."""
    floors = {"ecr_repository_template": ((3, 0), "6.8"), "secrets_manager": ((2, 0), "6.0")}
    aws = terraform.required_providers.aws
    for name, (version, floor) in floors.items():
        if modules[name].is_at_least(*version) and not allows(aws, floor):
            what = f"{aws!r} allows no version from {floor} on, which {modules[name].source} needs"
            yield ("required_providers", "aws"), f"{what}; write one that does"


def _of_the_module(settings: RepositorySettings) -> Iterator[Statement]:
    writers, functions = settings.read_write_access, settings.lambda_read_access
    readers = [*settings.read_access, *writers]
    yield _allow("PrivateReadOnly", actions=_READ, principals={"AWS": (_ROOT, *readers)})
    if functions:
        source = Condition.model_construct(test="StringLike", variable="aws:sourceArn", values=functions)
        service = {"Service": ("lambda.amazonaws.com",)}
        yield _allow("PrivateLambdaReadOnly", actions=PULL, principals=service, conditions=(source,))
    if writers:
        yield _allow("ReadWrite", actions=_WRITE, principals={"AWS": writers})


def _allow(
    sid: str,
    *,
    actions: Sequence[str],
    resources: Sequence[str] = (),
    principals: Mapping[str, Sequence[str]] | None = None,
    conditions: Sequence[Condition] = (),
) -> Statement:
    return Statement.model_construct(
        sid=sid,
        effect="Allow",
        actions=tuple(actions),
        resources=tuple(resources),
        principals={kind: tuple(names) for kind, names in (principals or {}).items()},
        conditions=tuple(conditions),
    )


def _over(place: Place, characters: int, limit: int, less: str, what: str = "") -> Iterator[tuple[Place, str]]:
    if characters > limit:
        message = f"{what} would have {characters:,} characters, and AWS takes {limit:,}; name fewer {less}"
        yield place, message.strip()
