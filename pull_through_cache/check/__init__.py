"""Compares what is in AWS with a deployment."""

from collections.abc import Iterator

from pull_through_cache.check.access import check_organization
from pull_through_cache.check.account import Account
from pull_through_cache.check.findings import CouldNotRun, Finding, grouped, unless_denied
from pull_through_cache.check.nodes import check_nodes, check_workload
from pull_through_cache.check.registry_policy import check_registry_policy
from pull_through_cache.check.replicas import check_replicas
from pull_through_cache.check.repositories import check_repositories
from pull_through_cache.check.rules import check_rules
from pull_through_cache.check.scanning import check_scanning
from pull_through_cache.check.templates import check_templates
from pull_through_cache.check.watching import Watch, unwatched
from pull_through_cache.deployment import Deployment


def check(deployment: Deployment, account: Account, watch: Watch = unwatched) -> Iterator[Finding]:
    """Everything in which AWS differs from `deployment`, read with the credentials of the registry's account.

    Raises CouldNotRun if they are another account's, and botocore's errors if the registry cannot be read.
    """
    registry = deployment.registry
    account.assert_is(registry.known_account_id)
    yield from check_organization(registry, account)
    for region in registry.regions:
        yield from check_rules(registry, account, region)
        yield from check_templates(registry, account, region)
        yield from check_registry_policy(registry, account, region)
        yield from unless_denied(f"{region}, scanning", check_scanning(registry, account, region))
    yield from check_replicas(registry, account)
    yield from check_nodes(registry, account)
    for name, workload in deployment.workloads.items():
        yield from check_workload(name, workload, registry, account)
    for region in registry.regions:
        yield from unless_denied(f"{region}, repositories", check_repositories(registry, account, region, watch))


__all__ = ["Account", "CouldNotRun", "Finding", "check", "grouped"]
