"""Terraform's `import` and `moved` blocks: for caches that already exist, and for upstreams with a new key."""

from collections.abc import Iterator

from cdktf import TerraformStack

from pull_through_cache.deployment.addresses import REGISTRY, UpstreamAddresses, managed
from pull_through_cache.deployment.registry import Registry
from pull_through_cache.deployment.replicas import has_replica
from pull_through_cache.deployment.values.regions import in_region


def take_over(stack: TerraformStack, registry: Registry, region: str) -> None:
    """Add the blocks that `registry` asks for to its stack in `region`."""
    upstreams = sorted(registry.upstreams)
    blocks = {
        "import": [
            *(block for key in upstreams for block in _imports(key, registry, region)),
            *_settings(registry),
        ],
        "moved": [block for key in upstreams for block in _moves(key, registry, region)],
    }
    for kind, found in blocks.items():
        if found:
            stack.add_override(kind, found)


def _imports(key: str, registry: Registry, region: str) -> Iterator[dict[str, str]]:
    """The rule, the creation template, and the secret of an upstream. ECR identifies the first two by their prefix."""
    upstream, prefix, names = registry.upstreams[key], registry.prefix(key), UpstreamAddresses(key)
    if "rule" in upstream.adopt:
        rule = f"aws_ecr_pull_through_cache_rule.{names.rule}"
        module_rule = f"{names.cache}.aws_ecr_pull_through_cache_rule.this[0]"
        yield {"to": rule if upstream.needs_typed_rule else module_rule, "id": prefix}
    if "template" in upstream.adopt:
        yield {"to": f"{names.cache}.aws_ecr_repository_creation_template.this[0]", "id": prefix}
    adopted = None if has_replica(registry, key, region) else upstream.credentials
    if adopted and (arn := in_region(adopted.adopt, region)):
        secret = f"aws_secretsmanager_secret.{names.secret}"
        module_secret = f"module.{names.secret_module}.aws_secretsmanager_secret.this[0]"
        yield {"to": module_secret if adopted.store == "module" else secret, "id": arn}


def _settings(registry: Registry) -> Iterator[dict[str, str]]:
    """What a registry has once in each Region. The account is its ID."""
    policy, scanning, account_id = registry.registry_policy, registry.scanning, str(registry.account_id)
    if policy.adopt:
        yield {"to": f"aws_ecr_registry_policy.{REGISTRY}", "id": account_id}
        if policy.scope:
            yield {"to": f"aws_ecr_account_setting.{REGISTRY}_policy_scope", "id": "REGISTRY_POLICY_SCOPE"}
    if scanning and scanning.adopt:
        yield {"to": f"aws_ecr_registry_scanning_configuration.{REGISTRY}", "id": account_id}


def _moves(key: str, registry: Registry, region: str) -> Iterator[dict[str, str]]:
    """Everything with the former key of an upstream in its address."""
    upstream, secret = registry.upstreams[key], not has_replica(registry, key, region)
    if upstream.renamed_from is None:
        return
    old_and_new = (managed(name, upstream, secret=secret) for name in (upstream.renamed_from, key))
    pairs = zip(*old_and_new, strict=True)
    yield from ({"from": old, "to": new} for old, new in pairs if old != new)
