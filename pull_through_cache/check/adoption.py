"""What to write into the deployment file for rules and templates that exist already."""

from typing import Any

from pull_through_cache.deployment.upstream import Upstream


def adoption(ecr: Any, prefix: str) -> str:
    """The key `adopt` for what exists for a prefix: the rule, the template, or both; empty if neither exists."""
    rules = ecr.get_paginator("describe_pull_through_cache_rules").paginate()
    templates = ecr.get_paginator("describe_repository_creation_templates").paginate()
    rule_prefixes = {each["ecrRepositoryPrefix"] for page in rules for each in page["pullThroughCacheRules"]}
    template_prefixes = {each["prefix"] for page in templates for each in page["repositoryCreationTemplates"]}
    found = {"rule": rule_prefixes, "template": template_prefixes}
    parts = [part for part, prefixes in found.items() if prefix.rstrip("/") in {each.rstrip("/") for each in prefixes}]
    return f"`adopt: {'true' if len(parts) == 2 else f'[{parts[0]}]'}`" if parts else ""


def remedy_if_missing(ecr: Any, part: str, upstream: Upstream, prefix: str, deploy: str) -> str:
    """How to get the rule or the template (`part`) of an upstream, for which the other may exist."""
    existing = adoption(ecr, prefix)
    if part in upstream.adopt:
        return (
            f"{f'write {existing}' if existing else 'delete `adopt`'}, as there is no {part} to import; then {deploy}"
        )
    if existing and not upstream.adopt:
        other = "template" if part == "rule" else "rule"
        return f"{deploy}; if Terraform did not make the {other}, write {existing} first"
    return deploy
