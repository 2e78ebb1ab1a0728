"""Terraform's `import` and `moved` blocks, for what exists already and for what had another address."""

from collections.abc import Iterator

from pull_through_cache.constructs.pull_through_caches import ADDRESS
from pull_through_cache.deployment.upstream import Upstream


def imports(key: str, upstream: Upstream, prefix: str) -> list[dict[str, str]]:
    """`import` blocks for the rule and the template of an upstream's prefix, by which ECR knows both."""
    cache = f'module.{ADDRESS}["{key}"]'
    rule = f"{cache}.aws_ecr_pull_through_cache_rule.this[0]"
    if upstream.needs_typed_rule:
        rule = f"aws_ecr_pull_through_cache_rule.{key.replace('-', '_')}"
    template = f"{cache}.aws_ecr_repository_creation_template.this[0]"
    return [{"to": address, "id": prefix} for address in (rule, template)]


def moves(key: str, upstream: Upstream) -> list[dict[str, str]]:
    """`moved` blocks from the addresses that an upstream had under its former key."""
    if upstream.renamed_from is None:
        return []
    before = list(_addresses(upstream.renamed_from, upstream))
    pairs = zip(before, _addresses(key, upstream), strict=True)
    return [{"from": old, "to": new} for old, new in pairs if old != new]


def _addresses(key: str, upstream: Upstream) -> Iterator[str]:
    """Every address that has an upstream's key in it."""
    yield f'module.{ADDRESS}["{key}"]'
    name, secret = key.replace("-", "_"), f"{key.replace('-', '')}_credentials"
    if upstream.needs_typed_rule:
        yield f"aws_ecr_pull_through_cache_rule.{name}"
    if upstream.owner and not upstream.role_arn:
        yield from (f"{kind}.{name}_upstream_role" for kind in ("aws_iam_role", "aws_iam_role_policy"))
    match upstream.credentials and upstream.credentials.store:
        case "module":
            yield f"module.secrets_manager_{secret}"
        case "write_only":
            kinds = ("secret", "secret_policy", "secret_version")
            yield from (f"aws_secretsmanager_{kind}.{secret}" for kind in kinds)
