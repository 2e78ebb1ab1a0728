"""Scanning of cached images for vulnerabilities."""

from collections.abc import Mapping, Sequence

from cdktf_cdktf_provider_aws.ecr_registry_scanning_configuration import (
    EcrRegistryScanningConfiguration,
    EcrRegistryScanningConfigurationRule,
    EcrRegistryScanningConfigurationRuleRepositoryFilter,
)
from constructs import Construct

from pull_through_cache.constructs.pinned import pinned


class RegistryScanning(Construct):
    """The scanning configuration of the registry.

    A registry has one scanning configuration in each Region. Terraform overwrites all of it.

    - `scan_type`: BASIC or ENHANCED.
    - `rules`: names of the repositories, with wildcards, by frequency: SCAN_ON_PUSH, CONTINUOUS_SCAN (with ENHANCED) or
      MANUAL (with BASIC).
    - `address`: the name of the configuration.

    Attribute: `configuration`.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        scan_type: str,
        rules: Mapping[str, Sequence[str]],
        address: str | None = None,
    ) -> None:
        super().__init__(scope, id)
        rule = [
            EcrRegistryScanningConfigurationRule(
                scan_frequency=frequency,
                repository_filter=[
                    EcrRegistryScanningConfigurationRuleRepositoryFilter(filter=name, filter_type="WILDCARD")
                    for name in names
                ],
            )
            for frequency, names in rules.items()
        ]
        self.configuration = pinned(
            EcrRegistryScanningConfiguration(self, "configuration", scan_type=scan_type, rule=rule), address
        )
