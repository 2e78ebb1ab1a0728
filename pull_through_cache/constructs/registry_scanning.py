"""Scanning of cached images for vulnerabilities."""

from collections.abc import Sequence

from cdktf_cdktf_provider_aws.ecr_registry_scanning_configuration import (
    EcrRegistryScanningConfiguration,
    EcrRegistryScanningConfigurationRule,
    EcrRegistryScanningConfigurationRuleRepositoryFilter,
)
from constructs import Construct

from pull_through_cache.constructs.pinned import pinned


class RegistryScanning(Construct):
    """The scanning configuration of the registry, with one rule for the cached repositories.

    A registry has one scanning configuration in each Region. Terraform overwrites all of it.

    - `scan_type`: BASIC or ENHANCED.
    - `scan_frequency`: SCAN_ON_PUSH, CONTINUOUS_SCAN (with ENHANCED) or MANUAL (with BASIC).
    - `repository_names`: names of the repositories, with wildcards.
    - `address`: the name of the configuration.

    Attribute: `configuration`.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        scan_type: str,
        scan_frequency: str,
        repository_names: Sequence[str],
        address: str | None = None,
    ) -> None:
        super().__init__(scope, id)
        filters = [
            EcrRegistryScanningConfigurationRuleRepositoryFilter(filter=name, filter_type="WILDCARD")
            for name in repository_names
        ]
        rule = EcrRegistryScanningConfigurationRule(scan_frequency=scan_frequency, repository_filter=filters)
        self.configuration = pinned(
            EcrRegistryScanningConfiguration(self, "configuration", scan_type=scan_type, rule=[rule]), address
        )
