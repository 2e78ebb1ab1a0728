"""The Terraform addresses of a deployment's resources, in one table.

Users have state with these addresses, so the addresses are a public interface: a changed name replaces the resource. The
stacks pin the addresses, `import` and `moved` blocks contain them, and two upstreams may not have the same one.

The constructs derive further addresses from a name, for example `<name>_trust` for the trust policy of a role.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from pull_through_cache.deployment.upstream import Upstream

CALLER = "current"
ORGANIZATION = "current"
CACHES = "ecr_pull_through_caches"
REGISTRY = "registry"
TEMPLATE_ROLE = "templates"
EXISTING = "existing"
NODE_POLICY = "container_registry_pull_through_access"
NODE_POLICY_DOCUMENT = "ecr_pull_through"


@dataclass(frozen=True)
class UpstreamAddresses:
    """The names in the addresses of one upstream's resources. They contain the upstream's key."""

    key: str

    @property
    def cache(self) -> str:
        """The instance of the caches' module: its whole address."""
        return f'module.{CACHES}["{self.key}"]'

    @property
    def rule(self) -> str:
        """A rule that the stack makes without the module."""
        return self.key.replace("-", "_")

    @property
    def role(self) -> str:
        """The role with which ECR pulls from another account's registry."""
        return f"{self.rule}_upstream_role"

    @property
    def upstream_policy(self) -> str:
        """The repository policy for the account of the upstream."""
        return f"{self.rule}_for_upstream"

    @property
    def variables(self) -> str:
        """The beginning of the names of the variables with the credentials."""
        return self.key.replace("-", "_")

    @property
    def secret(self) -> str:
        """A secret that the stack makes with its own resources."""
        return f"{self.key.replace('-', '')}_credentials"

    @property
    def secret_module(self) -> str:
        """A secret that the secrets-manager module makes."""
        return f"secrets_manager_{self.secret}"


def managed(key: str, upstream: Upstream, *, secret: bool = True) -> Iterator[str]:
    """The whole addresses of the modules and resources that Terraform manages for an upstream with this key.

    - `secret`: whether its secret is among them. That of a replica is not.
    """
    names = UpstreamAddresses(key)
    yield names.cache
    if upstream.needs_typed_rule:
        yield f"aws_ecr_pull_through_cache_rule.{names.rule}"
    if upstream.owner and not upstream.role_arn:
        yield from (f"{kind}.{names.role}" for kind in ("aws_iam_role", "aws_iam_role_policy"))
    match secret and upstream.credentials and upstream.credentials.store:
        case "module":
            yield f"module.{names.secret_module}"
        case "write_only":
            kinds = ("secret", "secret_policy", "secret_version")
            yield from (f"aws_secretsmanager_{kind}.{names.secret}" for kind in kinds)


def variables(key: str, upstream: Upstream) -> list[str]:
    """The names of the Terraform variables with an upstream's credentials."""
    if upstream.credentials is None or upstream.credentials.store == "existing":
        return []
    return [f"{UpstreamAddresses(key).variables}_{name}" for name in ("username", "access_token")]
