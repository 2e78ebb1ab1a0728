"""What happens when a node pulls an image: permissions, the new repository, the cached tag.

``Fetch`` gets the bytes: from real registries (``emulator.imports``), or none at all (``imagine``).
"Guide" is the Amazon ECR User Guide. Which policies can grant an action: Guide, pull-through-cache-iam.html. Error texts:
Guide, common-errors-docker.html, and reports that users published.
"""

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from moto.ecr.models import ECRBackend, Image, Repository, ecr_backends

from emulator import images
from emulator.blobs import DIGEST
from emulator.clock import CLOCK, DAY
from emulator.oci import Manifest
from emulator.outcomes import Decision, Outcome
from emulator.policies import evaluate
from emulator.principals import Principal
from emulator.registry import Registry, Settings, registries, upstream_repository
from emulator.resource_policies import granting_kinds, resource_policies
from emulator.roles import identity_policies, principal, resource_context, role_failure
from emulator.upstreams import authentication_failure

IMAGE = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com/(?P<repository>[^:@]+)(:(?P<tag>[\w.-]+))?"
)
READ = ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
USE_KMS_KEY = ("kms:CreateGrant", "kms:RetireGrant", "kms:DescribeKey")
MISSING = "manifest unknown: Requested image not found"
AUTHENTICATION_FAILED = "The authentication to the upstream registry failed"


class DeniedError(Exception):
    """The text that Docker or containerd shows."""


@dataclass
class Attempt:
    """One image (``tag`` is its tag or its digest), one principal, and the decisions so far.

    ``via`` is the Via header of the request: the images for which registries of ECR ask this one.
    """

    account: str
    region: str
    repository: str
    tag: str
    principal: Principal
    decisions: list[Decision] = field(default_factory=list)
    upstream: str | None = None
    created: bool = False
    via: str = ""

    @property
    def ecr(self) -> ECRBackend:
        return ecr_backends[self.account][self.region]

    @property
    def registry(self) -> Registry:
        return registries[self.account][self.region]

    @property
    def arn(self) -> str:
        return f"arn:aws:ecr:{self.region}:{self.account}:repository/{self.repository}"

    @property
    def named_tag(self) -> str | None:
        """The tag; None if the digest identifies the image."""
        return None if DIGEST.fullmatch(self.tag) else self.tag

    @property
    def not_found(self) -> str:
        return f"The repository with name '{self.repository}' does not exist in the registry with id '{self.account}'"

    def require(self, action: str, message: str | None = None) -> None:
        """Decide. If the result is a denial, raise ``message``, by default the reason itself."""
        if not self.may(action):
            raise DeniedError(message or f"denied: {self.decisions[-1].reason}")

    def may(self, action: str) -> bool:
        """Decide."""
        granting = resource_policies(action, self.account, self.region, self.repository)
        policies = [*identity_policies(self.principal.arn), *granting]
        resource = "*" if action == "ecr:GetAuthorizationToken" else self.arn
        # If only identity policies count, the principal's own account decides alone.
        alone = not granting_kinds(action, self.account, self.region)
        owner = self.principal.account if alone else self.account
        context = resource_context(self.account, self.region, self._tags())
        decision = evaluate(action, resource, self.principal, policies, owner=owner, context=context)
        self.decisions.append(decision)
        return decision.allowed

    def _tags(self) -> dict[str, str]:
        """The repository's tags."""
        return {tag["Key"]: tag["Value"] for tag in self.ecr.tagger.list_tags_for_resource(self.arn)["tags"]}

    def outcome(self, error: str | None = None) -> Outcome:
        return Outcome(error is None, error, tuple(self.decisions), self.upstream, self.created)


Fetch = Callable[[Attempt, Settings], bool]
"""Puts the image into its repository, from the upstream of the rule, unless another pull has just done so.

Returns whether it asked the upstream. Raises DeniedError, and then nothing new is cached.
"""


def pull(image: str, role: str, fetch: Fetch) -> Outcome:
    """Pull as a role of any account. Raises ValueError when the image or the role is not one."""
    attempt = attempt_of(image, role)
    try:
        attempt.require("ecr:GetAuthorizationToken")
        manifest(attempt, fetch)
        attempt.require(READ[1])
    except DeniedError as denied:
        return attempt.outcome(str(denied))
    return attempt.outcome()


def manifest(attempt: Attempt, fetch: Fetch) -> Image:
    """The image's manifest, from the cache or from the upstream. Raises DeniedError."""
    rule = attempt.registry.rule_for(attempt.repository)
    if attempt.repository not in attempt.ecr.repositories:
        _create_repository(attempt, rule)
    image = cached(attempt)
    if image is None:
        _import_image(attempt, rule, fetch)
    elif rule and is_due(attempt):
        # While the upstream fails, ECR serves what is cached (Guide: pull-through-cache.html).
        with suppress(DeniedError):
            _import_image(attempt, rule, fetch)
    attempt.require(READ[0])
    image = cached(attempt)
    if image is None:
        raise DeniedError(MISSING)
    return image


def authorize(account: str, region: str, arn: str) -> None:
    """Checks that a principal may have an authorization token. Raises DeniedError, or ValueError if it does not exist."""
    Attempt(account, region, "", "", principal(arn)).require("ecr:GetAuthorizationToken")


def cached(attempt: Attempt) -> Image | None:
    repository = attempt.ecr.repositories.get(attempt.repository)
    return images.find(repository, attempt.tag) if repository else None


def is_due(attempt: Attempt) -> bool:
    """Whether the tag was fetched a day ago and may have moved (Guide: pull-through-cache.html)."""
    repository = attempt.ecr.repositories[attempt.repository]
    fetched = attempt.registry.fetched.get((attempt.repository, attempt.tag))
    return fetched is not None and CLOCK.now() - fetched >= DAY and not images.is_immutable(repository, attempt.tag)


def attempt_of(image: str, role: str) -> Attempt:
    """Raises ValueError when the image or the role is not one."""
    match = IMAGE.fullmatch(image)
    if not match:
        raise ValueError(f"{image} is not <account>.dkr.ecr.<region>.amazonaws.com/<repository>[:<tag>]")
    account, region, repository = match["account"], match["region"], match["repository"]
    return Attempt(account, region, repository, match["tag"] or "latest", principal(role))


def _create_repository(attempt: Attempt, rule: Settings | None) -> Repository:
    """Make the repository with the settings of its creation template. Guide: repository-creation-templates.html."""
    message = f"name unknown: {attempt.not_found}"
    if rule is None:
        raise DeniedError(message)
    attempt.require("ecr:CreateRepository", message)
    template = attempt.registry.template_for(attempt.repository) or {}
    if template.get("resourceTags"):
        attempt.require("ecr:TagResource", message)
    if not _template_works(attempt, template):
        raise DeniedError(message)
    repository = attempt.ecr.create_repository(
        repository_name=attempt.repository,
        registry_id=None,
        encryption_config=dict(template.get("encryptionConfiguration", {})),
        image_scan_config=None,
        image_tag_mutability=template.get("imageTagMutability", "MUTABLE"),
        image_tag_mutability_exclusion_filters=template.get("imageTagMutabilityExclusionFilters"),
        tags=template.get("resourceTags", []),
    )
    repository.policy = template.get("repositoryPolicy") or None
    repository.lifecycle_policy = template.get("lifecyclePolicy") or None
    attempt.created = True
    return repository


def _template_works(attempt: Attempt, template: Settings) -> bool:
    """Tags and KMS need a role that ECR can use. Guide: repository-creation-templates-create-iam.html."""
    tags = bool(template.get("resourceTags"))
    kms = template.get("encryptionConfiguration", {}).get("encryptionType", "AES256") != "AES256"
    role = template.get("customRoleArn")
    if not role:
        return not (tags or kms)
    actions = ["ecr:CreateRepository", *(["ecr:TagResource"] if tags else [])]
    key = template.get("encryptionConfiguration", {}).get("kmsKey", "*")
    permissions = [(action, attempt.arn) for action in actions]
    permissions += [(action, key) for action in USE_KMS_KEY if kms]
    return role_failure(role, "ecr.amazonaws.com", attempt.account, permissions) is None


def _import_image(attempt: Attempt, rule: Settings | None, fetch: Fetch) -> None:
    if rule is None:
        raise DeniedError(MISSING)
    attempt.require("ecr:BatchImportUpstreamImage", MISSING)
    if authentication_failure(rule, attempt.region, attempt.repository):
        raise DeniedError(AUTHENTICATION_FAILED)
    separator = ":" if attempt.named_tag else "@"
    source = f"{rule['upstreamRegistryUrl']}/{upstream_path(attempt.repository, rule)}{separator}{attempt.tag}"
    if fetch(attempt, rule):
        attempt.upstream = source


def upstream_path(repository: str, rule: Settings) -> str:
    """The upstream's repository for a cached one. Raises DeniedError for a name that Docker Hub does not have."""
    path = upstream_repository(rule, repository)
    if rule["upstreamRegistry"] == "docker-hub" and "/" not in path:
        # Docker Hub's official images are in library/ (Guide: pull-through-cache-working-pulling.html).
        raise DeniedError("403 Forbidden")
    return path


def store(attempt: Attempt, manifests: Sequence[Manifest]) -> None:
    """Put fetched manifests into the repository, the last one under the attempt's tag."""
    repository = attempt.ecr.repositories[attempt.repository]
    for each in manifests:
        images.put(repository, each, attempt.named_tag if each is manifests[-1] else None)
    if attempt.named_tag:
        attempt.registry.fetched[attempt.repository, attempt.tag] = CLOCK.now()


def imagine(attempt: Attempt, rule: Settings) -> bool:
    """A ``Fetch`` without an upstream registry: every image exists, and has no layers."""
    store(attempt, [images.without_layers(f"{rule['upstreamRegistryUrl']}/{attempt.repository}:{attempt.tag}")])
    return True
