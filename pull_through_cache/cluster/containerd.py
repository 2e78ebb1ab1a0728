"""Mirrors for containerd, and the kubelet's credential provider that they need.

containerd sends a mirror the password that the kubelet has for the image's own registry. On EKS, the kubelet has none for
docker.io. So the kubelet gets the ECR password for such images too, and containerd offers it to every host that it asks
for the image. That host must be the cache and no other: each host in `matchImages` has a hosts.toml with the cache as its
`server`. Then containerd has nowhere else to go when the cache rejects a pull.
"""

import json
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from pull_through_cache.aws.registries import Authentication, find
from pull_through_cache.images.names import DOCKER_HUB, Caches, Rule

CERTS = "/etc/containerd/certs.d"
CREDENTIAL_PROVIDERS = "/etc/eks/image-credential-provider/config.json"

# What EKS nodes have. Source: awslabs/amazon-eks-ami, nodeadm/internal/kubelet/image-credential-provider.go.
_REGISTRIES_OF_AWS = (
    "*.dkr.ecr.*.amazonaws.com",
    "*.dkr-ecr.*.on.aws",
    "*.dkr.ecr-fips.*.amazonaws.com",
    "*.dkr-ecr-fips.*.on.aws",
    "public.ecr.aws",
    "ecr-public.aws.com",
)

_SCRIPT = """\
#!/bin/sh
{comment}
set -eu

# The kubelet gives containerd the password for ECR. So containerd must read the files that keep it to the cache.
containerd config dump | grep -A1 "cri.*[.]registry\\]$" | grep -q "config_path = ['\\"]{certs}[:'\\"]" || {{
  echo "containerd does not read {certs}: set config_path in its configuration; nothing was changed" >&2
  exit 1
}}
{mirrors}
cat > {providers_file} <<'EOF'
{providers}
EOF
"""
_MIRROR = """\

mkdir -p {folder}
cat > {folder}/hosts.toml <<'EOF'
{hosts}EOF
"""
# Without the table, containerd 1.6 does not read `server` and asks the upstream.
_HOSTS = """\
server = "{url}"
override_path = true

[host."{url}"]
  capabilities = ["pull", "resolve"]
  override_path = true
"""


class LeftOut(NamedTuple):
    """A registry that containerd cannot pull through its cache."""

    registry: str
    reason: str


class Mirrors(NamedTuple):
    """The registries that containerd can pull through a cache, each with its hosts.toml, and the other registries."""

    hosts: dict[str, str]
    left_out: list[LeftOut]


def mirrors(caches: Caches) -> Mirrors:
    """The mirrors for these caches."""
    hosts, left_out = {}, []
    for registry in dict.fromkeys(rule.source.partition("/")[0] for rule in caches.rules):
        first = next(rule for rule in caches.rules if rule.source.startswith(f"{registry}/"))
        if reason := _not_a_mirror(registry, first):
            left_out.append(LeftOut(registry, reason))
        else:
            host, _, prefix = first.target.rstrip("/").partition("/")
            url = f"https://{host}/v2/{prefix}".rstrip("/")
            hosts[registry] = _HOSTS.format(url=url)
    return Mirrors(hosts, left_out)


def _not_a_mirror(registry: str, rule: Rule) -> str | None:
    """Why not all images of a registry can come from the cache of its first rule; None if they can."""
    kind = find("registry-1.docker.io" if registry == DOCKER_HUB else registry)
    if registry == "public.ecr.aws" or (kind and kind.authentication is Authentication.IAM_ROLE):
        return "the kubelet sends that registry's own password for its images, and the cache does not accept it"
    if rule.source != f"{registry}/":
        return (
            f"only images below {rule.source} are cached in {rule.cache}, and a mirror takes all images of the registry"
        )
    if rule.excepted:
        return f"images below {', '.join(rule.excepted)} are not cached, and a mirror would pull other images for them"
    return None


def credential_providers(caches: Caches, registries: Iterable[str]) -> str:
    """The kubelet's CredentialProviderConfig. It returns the password for ECR, also for images of these registries.

    The provider finds the Region in the names of ECR images only; for other images it uses the Region in its environment.
    """
    provider = {
        "name": "ecr-credential-provider",
        "matchImages": [*_REGISTRIES_OF_AWS, *registries],
        "defaultCacheDuration": "12h",
        "apiVersion": "credentialprovider.kubelet.k8s.io/v1",
        "env": [{"name": "AWS_REGION", "value": caches.host.split(".")[3]}],
    }
    config = {
        "apiVersion": "kubelet.config.k8s.io/v1",
        "kind": "CredentialProviderConfig",
        "providers": [provider],
    }
    return json.dumps(config, indent=2)


def script(caches: Caches, comment: str) -> str:
    """A shell script that sets up a node. It writes the kubelet's file last, and only if containerd reads the other files."""
    hosts = mirrors(caches).hosts
    return _SCRIPT.format(
        comment="\n".join(_comment(caches, comment)),
        certs=CERTS,
        mirrors="".join(_MIRROR.format(folder=f"{CERTS}/{host}", hosts=toml) for host, toml in hosts.items()),
        providers_file=CREDENTIAL_PROVIDERS,
        providers=credential_providers(caches, hosts),
    )


def _comment(caches: Caches, comment: str) -> Iterator[str]:
    yield from (f"# {line}".rstrip() for line in comment.splitlines())
    for registry, reason in mirrors(caches).left_out:
        yield f"# Not through a cache: {registry}; {reason}."
