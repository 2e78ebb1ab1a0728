"""The pull through cache rules: they exist, are as the deployment file describes them, and work."""

from collections.abc import Iterator
from typing import Any

from pull_through_cache.aws.arns import repository_arns
from pull_through_cache.aws.policies import upstream_role_policy
from pull_through_cache.check.account import Account
from pull_through_cache.check.adoption import adoption, remedy_if_missing, role_to_keep, secret_to_adopt
from pull_through_cache.check.findings import Finding, unless_denied
from pull_through_cache.check.roles import check_role
from pull_through_cache.check.secrets import check_secret, renewal
from pull_through_cache.deployment.registry import Registry
from pull_through_cache.deployment.replicas import home_of_secret
from pull_through_cache.deployment.upstream import Upstream
from pull_through_cache.deployment.values.regions import in_region

_SERVICE = "pullthroughcache.ecr.amazonaws.com"
_OWN_ROLE = 'give the role what the Amazon ECR User Guide describes under "ECR to ECR pull through cache"'


def check_rules(registry: Registry, account: Account, region: str) -> Iterator[Finding]:
    """What is wrong with the rules in `region`, and the rules that the deployment file does not have."""
    ecr = account.client("ecr", region)
    pages = ecr.get_paginator("describe_pull_through_cache_rules").paginate()
    rules = {rule["ecrRepositoryPrefix"].rstrip("/"): rule for page in pages for rule in page["pullThroughCacheRules"]}
    for key, upstream in registry.upstreams.items():
        prefix, where = registry.prefix(key), f"{region}, rule {registry.prefix(key)}"
        rule = rules.get(prefix.rstrip("/"))
        if rule is None:
            remedy = remedy_if_missing(ecr, "rule", upstream, prefix, f"deploy shared-services-{region}")
            yield Finding(where, "it does not exist: nothing is fetched", remedy)
            if upstream.credentials:
                place = f"{region}, secret of {key}"
                yield from unless_denied(place, secret_to_adopt(upstream.credentials, account, region, place))
            continue
        differences = list(_differences(upstream, rule, where, region, account.id))
        differences += role_to_keep("rule", upstream, upstream.role_arn, rule, where)
        found = differences + list(_authentication(key, upstream, rule, registry, account, region))
        yield from found
        if all(finding.state == "unchecked" for finding in found):
            yield from _validity(key, registry, rule, ecr, region, where)
    ours = {registry.prefix(key).rstrip("/") for key in registry.upstreams}
    for prefix, rule in rules.items():
        if prefix not in ours:
            cause = f"not in the file: it caches {rule['upstreamRegistryUrl']}"
            delete = (
                f"aws ecr delete-pull-through-cache-rule --region {region} "
                f"--ecr-repository-prefix {rule['ecrRepositoryPrefix']}"
            )
            remedy = f"add an upstream with this `prefix` and {adoption(ecr, prefix)}, or run `{delete}`"
            yield Finding(f"{region}, rule {prefix}", cause, remedy)


def _differences(upstream: Upstream, rule: Any, where: str, region: str, account_id: str) -> Iterator[Finding]:
    elsewhere, deploy = upstream.owner not in (None, account_id), f"deploy shared-services-{region}"
    role = in_region(upstream.role_arn, region)
    for what, live, wanted in (
        ("upstream", rule["upstreamRegistryUrl"], upstream.host),
        ("upstream prefix", rule.get("upstreamRepositoryPrefix", "ROOT"), upstream.upstream_prefix or "ROOT"),
        ("role", rule.get("customRoleArn") if role else None, role),
    ):
        if live != wanted:
            yield Finding(where, f"its {what} is {live or 'missing'}, not {wanted}", deploy)
    if elsewhere and not rule.get("customRoleArn"):
        yield Finding(where, "it has no role, which another account's registry requires", deploy)
    if upstream.credentials and not rule.get("credentialArn"):
        cause = f"it has no credential, which {upstream.kind.title} requires"
        yield Finding(where, cause, f"delete the rule, then {deploy}")


def _authentication(
    key: str, upstream: Upstream, rule: Any, registry: Registry, account: Account, region: str
) -> Iterator[Finding]:
    """Problems of the rule's secret or role."""
    where = f"{region}, secret of {key}"
    if upstream.credentials and (arn := rule.get("credentialArn")):
        yield from unless_denied(where, check_secret(key, registry, arn, account, region, where))
    role = rule.get("customRoleArn")
    if upstream.owner in (None, account.id) or not role:
        return
    there = upstream.host.split(".")[3]
    theirs = repository_arns([upstream.upstream_prefix or "ROOT"], account_id=str(upstream.owner), regions=[there])
    ours = repository_arns([registry.prefix(key)], account_id=account.id, regions=[region])
    statements = upstream_role_policy(upstream_repositories=theirs, cached_repositories=ours)
    remedy = f"deploy shared-services-{region}" if upstream.role_arn is None else _OWN_ROLE
    where = f"{region}, role of {key}"
    if_missing = None if upstream.role_arn is None else "create the role, or write another in `role_arn`"
    found = check_role(account, role, where, statements, remedy=remedy, if_missing=if_missing, trusts=_SERVICE)
    yield from unless_denied(where, found)


def _validity(key: str, registry: Registry, rule: Any, ecr: Any, region: str, where: str) -> Iterator[Finding]:
    """Whether ECR itself can access the upstream with the rule."""
    answer = ecr.validate_pull_through_cache_rule(ecrRepositoryPrefix=rule["ecrRepositoryPrefix"])
    if answer["isValid"]:
        return
    upstream = registry.upstreams[key]
    remedy = "make sure that the upstream is available, and run check again"
    if upstream.credentials:
        remedy = renewal(key, upstream.credentials, home_of_secret(registry, key, region))
    elif upstream.owner:
        remedy = f"have account {upstream.owner} attach the output policies_for_upstreams to its repositories"
    yield Finding(where, f"ECR cannot use it: {answer.get('failure') or 'no reason given'}", remedy)
