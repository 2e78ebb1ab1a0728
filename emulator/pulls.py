"""What happens when a node pulls or pushes an image: permissions, the new repository, the cached tag.

Image bytes never move, and an upstream is taken to have every image. Which policies can grant an action:
Guide, pull-through-cache-iam.html. Error texts: Guide, common-errors-docker.html, and people's reports of them.
"""

import hashlib
import json
import re
from dataclasses import dataclass, field

from moto.ecr.models import ECRBackend, Repository, ecr_backends

from emulator.outcomes import Decision, Kind, Outcome
from emulator.policies import Policy, evaluate
from emulator.principals import Principal
from emulator.registry import Registry, Settings, registries, upstream_repository
from emulator.roles import identity_policies, principal, resource_context, role_failure
from emulator.upstreams import authentication_failure

IMAGE = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com/(?P<repository>[^:@]+)(:(?P<tag>[\w.-]+))?"
)
# A grant for CreateRepository in a repository policy has no effect: there is no repository yet.
GRANTED_BY: dict[str, tuple[Kind, ...]] = {
    "ecr:GetAuthorizationToken": ("identity",),
    "ecr:TagResource": ("identity",),
    "ecr:CreateRepository": ("identity", "registry"),
    "ecr:BatchImportUpstreamImage": ("identity", "registry", "repository"),
}
READ = ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
# Source: Guide, image-push-iam.html
WRITE = (
    "ecr:BatchCheckLayerAvailability",
    "ecr:InitiateLayerUpload",
    "ecr:UploadLayerPart",
    "ecr:CompleteLayerUpload",
    "ecr:PutImage",
)
USE_KMS_KEY = ("kms:CreateGrant", "kms:RetireGrant", "kms:DescribeKey")


class RefusedError(Exception):
    """The text Docker or containerd shows."""


@dataclass
class Attempt:
    """One image, one principal, and the decisions taken so far."""

    account: str
    region: str
    repository: str
    tag: str
    principal: Principal
    decisions: list[Decision] = field(default_factory=list)
    upstream: str | None = None
    created: bool = False

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
    def not_found(self) -> str:
        return f"The repository with name '{self.repository}' does not exist in the registry with id '{self.account}'"

    def require(self, action: str, refusal: str | None = None) -> None:
        """Decide; where it is denied, raise ``refusal``, by default the reason itself."""
        v2 = self.registry.account_settings["REGISTRY_POLICY_SCOPE"] == "V2"
        kinds = GRANTED_BY.get(action, ("identity", "registry", "repository") if v2 else ("identity", "repository"))
        policies = [policy for policy in self._policies() if policy.kind in (*kinds, "boundary")]
        resource = "*" if action == "ecr:GetAuthorizationToken" else self.arn
        owner = self.principal.account if kinds == ("identity",) else self.account
        context = resource_context(self.account, self.region, self._tags())
        decision = evaluate(action, resource, self.principal, policies, owner=owner, context=context)
        self.decisions.append(decision)
        if not decision.allowed:
            raise RefusedError(refusal or f"denied: {decision.reason}")

    def _policies(self) -> list[Policy]:
        policies = identity_policies(self.principal.arn)
        if self.ecr.registry_policy:
            policies.append(Policy("registry", self.account, json.loads(self.ecr.registry_policy)))
        repository = self.ecr.repositories.get(self.repository)
        if repository and repository.policy:
            policies.append(Policy("repository", self.repository, json.loads(repository.policy)))
        return policies

    def _tags(self) -> dict[str, str]:
        """The repository's tags."""
        return {tag["Key"]: tag["Value"] for tag in self.ecr.tagger.list_tags_for_resource(self.arn)["tags"]}

    def outcome(self, error: str | None = None) -> Outcome:
        return Outcome(error is None, error, tuple(self.decisions), self.upstream, self.created)


def pull(image: str, role: str) -> Outcome:
    """Pull as a role of any account. Raises ValueError when the image or the role is not one."""
    attempt = _attempt(image, role)
    try:
        attempt.require("ecr:GetAuthorizationToken")
        rule = attempt.registry.rule_for(attempt.repository)
        repository = attempt.ecr.repositories.get(attempt.repository) or _create_repository(attempt, rule)
        if not any(attempt.tag in cached.image_tags for cached in repository.images):
            _import_image(attempt, rule)
        for action in READ:
            attempt.require(action)
    except RefusedError as refusal:
        return attempt.outcome(str(refusal))
    return attempt.outcome()


def push(image: str, role: str) -> Outcome:
    """Push as a role of any account; no repository is created for it. Raises ValueError as ``pull`` does."""
    attempt = _attempt(image, role)
    try:
        attempt.require("ecr:GetAuthorizationToken")
        for action in WRITE:
            attempt.require(action)
        if attempt.repository not in attempt.ecr.repositories:
            raise RefusedError(f"name unknown: {attempt.not_found}")
    except RefusedError as refusal:
        return attempt.outcome(str(refusal))
    _put_image(attempt, source=role)
    return attempt.outcome()


def _attempt(image: str, role: str) -> Attempt:
    match = IMAGE.fullmatch(image)
    if not match:
        raise ValueError(f"{image} is not <account>.dkr.ecr.<region>.amazonaws.com/<repository>[:<tag>]")
    account, region, repository = match["account"], match["region"], match["repository"]
    return Attempt(account, region, repository, match["tag"] or "latest", principal(role))


def _create_repository(attempt: Attempt, rule: Settings | None) -> Repository:
    """Make the repository as its creation template says. Guide: repository-creation-templates.html."""
    refusal = f"name unknown: {attempt.not_found}"
    if rule is None:
        raise RefusedError(refusal)
    attempt.require("ecr:CreateRepository", refusal)
    template = attempt.registry.template_for(attempt.repository) or {}
    if template.get("resourceTags"):
        attempt.require("ecr:TagResource", refusal)
    if not _template_works(attempt, template):
        raise RefusedError(refusal)
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
    """Tags and KMS take a role that ECR can use. Guide: repository-creation-templates-create-iam.html."""
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


def _import_image(attempt: Attempt, rule: Settings | None) -> None:
    missing = "manifest unknown: Requested image not found"
    if rule is None:
        raise RefusedError(missing)
    attempt.require("ecr:BatchImportUpstreamImage", missing)
    if authentication_failure(rule, attempt.region, attempt.repository):
        raise RefusedError("The authentication to the upstream registry failed")
    attempt.upstream = _upstream_image(attempt, rule)
    _put_image(attempt, source=attempt.upstream)


def _upstream_image(attempt: Attempt, rule: Settings) -> str:
    path = upstream_repository(rule, attempt.repository)
    if rule["upstreamRegistry"] == "docker-hub" and "/" not in path:
        # Docker Hub's official images are in library/ (Guide: pull-through-cache-working-pulling.html).
        raise RefusedError("403 Forbidden")
    return f"{rule['upstreamRegistryUrl']}/{path}:{attempt.tag}"


def _put_image(attempt: Attempt, source: str) -> None:
    """Mark the tag present, with a manifest that names its source and has no layers."""
    media_type = "application/vnd.oci.image.manifest.v1+json"
    manifest = json.dumps({"schemaVersion": 2, "mediaType": media_type, "annotations": {"source": source}})
    digest = f"sha256:{hashlib.sha256(manifest.encode()).hexdigest()}"
    attempt.ecr.put_image(attempt.repository, manifest, attempt.tag, media_type, digest)
