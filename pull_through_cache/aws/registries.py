"""The upstream registries that Amazon ECR can cache.

ECR keeps a fixed list and refuses any other host. Source: Amazon ECR User Guide,
"Creating a pull through cache rule" and "Sync an upstream registry".
"""

import re
from dataclasses import dataclass
from enum import Enum


class Authentication(Enum):
    """How ECR proves itself to an upstream registry."""

    NONE = "none"
    SECRET = "secret"  # noqa: S105 - a kind of authentication, not a secret
    """A user name and an access token in AWS Secrets Manager."""
    IAM_ROLE = "IAM role"
    """A role that ECR assumes, needed where the upstream is another account's registry."""


@dataclass(frozen=True)
class UpstreamRegistry:
    """One registry that ECR can cache.

    `host` is the `upstream_registry_url` of a rule; where part of it is the user's own, that part
    stands in angle brackets. `api_name` is ECR's name for the registry (`upstreamRegistry`).
    """

    api_name: str
    title: str
    host: str
    authentication: Authentication
    usual_prefix: str
    upstream_prefix: bool = False
    """Whether a rule may name a part of the upstream (`upstreamRepositoryPrefix`)."""

    @property
    def pattern(self) -> str:
        """The hosts of this registry as a regular expression."""
        pattern = re.escape(self.host)
        for part, form in _OWN_PARTS.items():
            pattern = pattern.replace(part, form)
        return pattern


_OWN_PARTS = {"<name>": "[a-z0-9]{5,50}", "<account>": "[0-9]{12}", "<region>": "[a-z]{2}(-[a-z]+)+-[0-9]"}

UPSTREAM_REGISTRIES = (
    UpstreamRegistry("ecr-public", "Amazon ECR Public", "public.ecr.aws", Authentication.NONE, "ecr-public"),
    UpstreamRegistry("k8s", "Kubernetes", "registry.k8s.io", Authentication.NONE, "kubernetes"),
    UpstreamRegistry("quay", "Quay", "quay.io", Authentication.NONE, "quay"),
    UpstreamRegistry("docker-hub", "Docker Hub", "registry-1.docker.io", Authentication.SECRET, "docker-hub"),
    UpstreamRegistry("github-container-registry", "GitHub", "ghcr.io", Authentication.SECRET, "github"),
    UpstreamRegistry("gitlab-container-registry", "GitLab", "registry.gitlab.com", Authentication.SECRET, "gitlab"),
    UpstreamRegistry("azure-container-registry", "Azure", "<name>.azurecr.io", Authentication.SECRET, "azure"),
    UpstreamRegistry("chainguard", "Chainguard", "cgr.dev", Authentication.SECRET, "chainguard", upstream_prefix=True),
    UpstreamRegistry(
        "ecr",
        "Amazon ECR private",
        "<account>.dkr.ecr.<region>.amazonaws.com",
        Authentication.IAM_ROLE,
        "ecr",
        upstream_prefix=True,
    ),
)


def find(host: str) -> UpstreamRegistry | None:
    """The registry that serves `host`, or None where ECR cannot cache it."""
    return next((registry for registry in UPSTREAM_REGISTRIES if re.fullmatch(registry.pattern, host)), None)


def named(api_name: str) -> UpstreamRegistry:
    """The registry that ECR's API calls `api_name`."""
    return next(registry for registry in UPSTREAM_REGISTRIES if registry.api_name == api_name)
