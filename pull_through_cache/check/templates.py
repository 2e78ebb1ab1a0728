"""The repository creation templates, with the settings of repositories that first pulls create."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pull_through_cache.aws.actions import PULL, PUSH
from pull_through_cache.aws.arns import role_name
from pull_through_cache.aws.policies import lambda_policy, template_role_policy
from pull_through_cache.aws.statements import Statement
from pull_through_cache.check.access import check_statements, organization_of
from pull_through_cache.check.account import Account
from pull_through_cache.check.adoption import adoption, remedy_if_missing, role_to_keep
from pull_through_cache.check.findings import Finding, unless_denied
from pull_through_cache.check.roles import check_role
from pull_through_cache.deployment.cached_names import managed_names
from pull_through_cache.deployment.registry import Registry
from pull_through_cache.deployment.repositories import RepositorySettings
from pull_through_cache.deployment.sharing import repository_statements
from pull_through_cache.deployment.template_roles import key_variables, shares_role, template_role_use
from pull_through_cache.deployment.values.regions import in_region


def check_templates(registry: Registry, account: Account, region: str) -> Iterator[Finding]:
    """Problems of the templates in `region`, and the templates that the deployment file does not have."""
    ecr = account.client("ecr", region)
    pages = ecr.get_paginator("describe_repository_creation_templates").paginate()
    templates = {
        template["prefix"].rstrip("/"): template for page in pages for template in page["repositoryCreationTemplates"]
    }
    remedy = f"deploy shared-services-{region}"
    for key in registry.upstreams:
        where, template = f"{region}, template {registry.prefix(key)}", templates.get(registry.prefix(key).rstrip("/"))
        if template is None:
            cause = "it does not exist: cached repositories get no policy and no settings"
            way = remedy_if_missing(ecr, "template", registry.upstreams[key], registry.prefix(key), remedy)
            yield Finding(where, cause, way)
            continue
        settings = registry.repository_settings(key)
        yield from _differences(settings, template, region, where, remedy)
        yield from role_to_keep("template", registry.upstreams[key], settings.role_arn, template, where)
        document = json.loads(template.get("repositoryPolicy") or "{}")
        statements = _statements(registry, key, account)
        yield from unless_denied(where, check_statements(document, statements, where, remedy))
        yield from _role(registry, key, template, account, region, where)
    yield from _shared_role(registry, templates, region)
    yield from _not_in_the_file(registry, ecr, templates, region)


def _shared_role(registry: Registry, templates: Mapping[str, Any], region: str) -> Iterator[Finding]:
    prefixes = [registry.prefix(key).rstrip("/") for key in registry.upstreams if shares_role(registry, key)]
    live = (templates[prefix].get("customRoleArn") for prefix in prefixes if prefix in templates)
    roles = sorted({role_name(role) for role in live if role})
    if len(roles) > 1:
        cause = f"they use the roles {', '.join(roles)}, and the file has `template_role: shared`"
        yield Finding(f"{region}, templates", cause, f"deploy shared-services-{region}")


def _not_in_the_file(registry: Registry, ecr: Any, templates: Mapping[str, Any], region: str) -> Iterator[Finding]:
    """Templates for replication or pushes alone do not concern the caches."""
    ours = {registry.prefix(key).rstrip("/") for key in registry.upstreams}
    managed = managed_names(registry).values()
    for prefix, template in templates.items():
        if prefix not in ours and "PULL_THROUGH_CACHE" in template["appliedFor"]:
            cause = f"not in the file: cached repositories under {prefix} get its policy and settings"
            outer = next((names.prefix for names in managed if f"{prefix}/" in names), None)
            if outer:
                cause += f"; a deploy gives those that exist the policies for {outer}"
            delete = f"aws ecr delete-repository-creation-template --region {region} --prefix {template['prefix']}"
            remedy = f"add an upstream with this `prefix` and {adoption(ecr, prefix)}, or run `{delete}`"
            yield Finding(f"{region}, template {prefix}", cause, remedy)


def _differences(
    settings: RepositorySettings, template: Any, region: str, where: str, remedy: str
) -> Iterator[Finding]:
    encryption = template.get("encryptionConfiguration", {})
    # The file does not say which key a variable has.
    key = settings.encryption.key_in(region, of_variable=encryption.get("kmsKey"))
    filters = template.get("imageTagMutabilityExclusionFilters", [])
    for what, live, wanted in (
        ("applied_for", sorted(template["appliedFor"]), sorted(settings.applied_for)),
        ("image_tag_mutability", template["imageTagMutability"], settings.image_tag_mutability),
        (
            "image_tag_mutability_exclusion_filters",
            sorted(each["filter"] for each in filters),
            sorted(settings.image_tag_mutability_exclusion_filters),
        ),
        ("encryption.type", encryption.get("encryptionType"), settings.encryption.type),
        ("encryption.kms_key_arn", encryption.get("kmsKey"), key),
        ("tags", {tag["Key"]: tag["Value"] for tag in template.get("resourceTags", [])}, dict(settings.tags)),
        ("lifecycle", _parsed(template.get("lifecyclePolicy")), _parsed(settings.lifecycle.policy_json)),
    ):
        if live != wanted:
            yield Finding(where, f"its {what} is {_shown(live)}, not {_shown(wanted)}", remedy)


def _statements(registry: Registry, key: str, account: Account) -> Iterator[Statement]:
    """What the policy of the repositories that cache the upstream `key` must contain."""
    settings = registry.repository_settings(key)
    yield from (each.statement for each in settings.statements)
    if settings.statements_only:
        return
    for sid, actions, readers in (
        ("read_access", PULL, (*settings.read_access, *settings.read_write_access)),
        ("read_write_access", PUSH, settings.read_write_access),
    ):
        if readers:
            yield Statement(sid=sid, actions=actions, principals={"AWS": tuple(readers)})
    if settings.lambda_read_access:
        yield lambda_policy(settings.lambda_read_access)
    yield from repository_statements(registry, key, organization=organization_of(registry, account))


def _role(registry: Registry, key: str, template: Any, account: Account, region: str, where: str) -> Iterator[Finding]:
    """Problems of the role that ECR needs for tags and KMS."""
    settings = registry.repository_settings(key)
    role = template.get("customRoleArn")
    remedy = f"deploy shared-services-{region}"
    if (own := in_region(settings.role_arn, region)) and role != own:
        yield Finding(where, f"its role is {role or 'missing'}, not {own}", remedy)
    if not settings.needs_role:
        return
    if not role:
        cause = "it has tags or a KMS key and no role, so every first pull fails with `does not exist in the registry`"
        yield Finding(where, cause, remedy)
        return
    keys = {name: arn for name in key_variables(registry) if (arn := _key(template))}
    use = template_role_use(registry, key, account_id=account.id, region=region, keys=keys)
    statements = template_role_policy([use])
    if settings.role_arn:
        remedy = (
            'give the role what the Amazon ECR User Guide describes under "IAM role for repository creation templates"'
        )
    if_missing = "create the role, or write another in `role_arn`" if settings.role_arn else None
    found = check_role(
        account, role, where, statements, remedy=remedy, if_missing=if_missing, trusts="ecr.amazonaws.com"
    )
    yield from unless_denied(where, found)


def _key(template: Any) -> str | None:
    key: str | None = template.get("encryptionConfiguration", {}).get("kmsKey")
    return key


def _parsed(document: str | None) -> Any:
    return json.loads(document) if document else None


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value) if value else "none"
