"""Scanning of cached images for vulnerabilities."""

from collections.abc import Sequence

from cdktf_cdktf_provider_aws.ecr_registry_scanning_configuration import (
    EcrRegistryScanningConfiguration,
    EcrRegistryScanningConfigurationRule,
    EcrRegistryScanningConfigurationRuleRepositoryFilter,
)
from constructs import Construct


class RegistryScanning(Construct):
    """The scanning configuration of the registry, with one rule for the caches' repositories. It owns the whole of it.

    - `scan_type`: BASIC or ENHANCED. `scan_frequency`: SCAN_ON_PUSH, CONTINUOUS_SCAN (ENHANCED) or MANUAL (BASIC).
    - `repository_names`: names of the repositories, with wildcards.
    """

    def __init__(
        self, scope: Construct, id: str, *, scan_type: str, scan_frequency: str, repository_names: Sequence[str]
    ) -> None:
        super().__init__(scope, id)
        configuration = EcrRegistryScanningConfiguration(
            self,
            "configuration",
            scan_type=scan_type,
            rule=[
                EcrRegistryScanningConfigurationRule(
                    scan_frequency=scan_frequency,
                    repository_filter=[
                        EcrRegistryScanningConfigurationRuleRepositoryFilter(filter=name, filter_type="WILDCARD")
                        for name in repository_names
                    ],
                )
            ],
        )
        configuration.override_logical_id("registry")
