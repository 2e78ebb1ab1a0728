"""Pull through cache data of a private registry in one account and Region. moto's ECR holds the rest.

"Guide" is the Amazon ECR User Guide.
"""

from collections.abc import Mapping
from typing import Any

from moto.core.base_backend import BackendDict, BaseBackend

Settings = dict[str, Any]


class Registry(BaseBackend):
    """Rules and templates by their prefix, in the shape of the API's answers; reset together with moto's backends."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.rules: dict[str, Settings] = {}
        self.templates: dict[str, Settings] = {}
        # When a tag was fetched from its upstream, by repository and tag, in the emulator's time.
        self.fetched: dict[tuple[str, str], float] = {}
        self.pull_time_exclusions: dict[str, Any] = {}
        self.signing_configuration: Settings | None = None
        # A new registry has V2 (Guide: registry-permissions-account-settings.html).
        self.account_settings = {
            "BASIC_SCAN_TYPE_VERSION": "AWS_NATIVE",
            "BLOB_MOUNTING": "DISABLED",
            "REGISTRY_POLICY_SCOPE": "V2",
        }

    def rule_for(self, repository: str) -> Settings | None:
        """The pull through cache rule for the repository's name."""
        return _most_specific(self.rules, repository)

    def template_for(self, repository: str) -> Settings | None:
        """The creation template of a repository that a pull makes (Guide: repository-creation-templates.html)."""
        applied = {
            prefix: template
            for prefix, template in self.templates.items()
            if "PULL_THROUGH_CACHE" in template["appliedFor"]
        }
        return _most_specific(applied, repository)


def upstream_repository(rule: Settings, repository: str) -> str:
    """The upstream's repository for a cached one (Guide: pull-through-cache-private-wildcards.html)."""
    prefix, upstream_prefix = rule["ecrRepositoryPrefix"], rule.get("upstreamRepositoryPrefix", "ROOT")
    path = repository if prefix == "ROOT" else repository.removeprefix(prefix.rstrip("/") + "/")
    return path if upstream_prefix == "ROOT" else f"{upstream_prefix.rstrip('/')}/{path}"


def _most_specific(settings: Mapping[str, Settings], repository: str) -> Settings | None:
    # "There is always an assumed / applied to the end of the prefix" (API: CreatePullThroughCacheRule)
    prefixes = [prefix for prefix in settings if repository.startswith(prefix.rstrip("/") + "/")]
    return settings[max(prefixes, key=len)] if prefixes else settings.get("ROOT")


registries: BackendDict[Registry] = BackendDict(Registry, "ecr")
