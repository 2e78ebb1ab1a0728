"""The upstream registries that Amazon ECR can cache, and well-known ones that it cannot.

ECR has a fixed list and rejects any other host. "Guide" is the Amazon ECR User Guide; its pages "Creating a pull through
cache rule" and "Sync an upstream registry" have the list.
"""

import re
from dataclasses import dataclass
from enum import Enum


class Authentication(Enum):
    """How ECR authenticates to an upstream registry."""

    NONE = "none"
    SECRET = "secret"  # noqa: S105 - a kind of authentication, not a secret
    """A user name and an access token in AWS Secrets Manager."""
    IAM_ROLE = "IAM role"
    """A role that ECR assumes if the upstream is another account's registry."""


@dataclass(frozen=True)
class UpstreamRegistry:
    """One registry that ECR can cache.

    `host` is the `upstream_registry_url` of a rule; parts that users choose
    are in angle brackets. `api_name` is ECR's name for the registry (`upstreamRegistry`).
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
    """The registry that serves `host`, or None if ECR cannot cache it."""
    return next((registry for registry in UPSTREAM_REGISTRIES if re.fullmatch(registry.pattern, host)), None)


def named(api_name: str) -> UpstreamRegistry:
    """The registry that ECR's API calls `api_name`."""
    return next(registry for registry in UPSTREAM_REGISTRIES if registry.api_name == api_name)


@dataclass(frozen=True)
class OtherRegistry:
    """A well-known registry that ECR cannot cache. `host` is a regular expression."""

    host: str
    reason: str
    remedy: str


_ELSEWHERE = "pull these images directly, or copy them into a repository of your own"
OTHER_REGISTRIES = (
    OtherRegistry(
        "((index|hub|registry[.]hub|www)[.])?docker[.](io|com)",
        "ECR knows Docker Hub by another host",
        "write registry-1.docker.io",
    ),
    OtherRegistry("(.+[.])?k8s[.]gcr[.]io", "k8s.gcr.io is frozen", "write its successor registry.k8s.io"),
    OtherRegistry("docker[.]pkg[.]github[.]com", "GitHub has a newer registry", "write its host ghcr.io"),
    OtherRegistry("lscr[.]io", "ECR cannot cache lscr.io of LinuxServer", "write ghcr.io, which has these images too"),
    *(
        OtherRegistry(host, f"ECR cannot cache {title}", _ELSEWHERE)
        for host, title in (
            ("(.+[.])?gcr[.]io|.+[.]pkg[.]dev", "the registries of Google Cloud"),
            ("dhi[.]io", "dhi.io, the registry of Docker Hardened Images"),
            ("nvcr[.]io", "nvcr.io of NVIDIA"),
            ("(.+[.])?mcr[.]microsoft[.]com", "mcr.microsoft.com of Microsoft"),
            ("docker[.]elastic[.]co", "docker.elastic.co of Elastic"),
            ("registry([.].+)?[.]redhat[.](io|com)", "the registries of Red Hat"),
            ("container-registry[.]oracle[.]com", "container-registry.oracle.com of Oracle"),
            ("(.+[.])?icr[.]io", "icr.io of IBM"),
        )
    ),
)
"""Registries that people ask for and that ECR's list lacks. Source: the Guide's page with the list."""


def other_registry(host: str) -> OtherRegistry | None:
    """The well-known registry at `host` that ECR cannot cache; None for any other host."""
    return next((registry for registry in OTHER_REGISTRIES if re.fullmatch(registry.host, host)), None)
