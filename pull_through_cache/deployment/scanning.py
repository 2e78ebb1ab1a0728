"""The scanning of cached images for vulnerabilities. "Guide" is the Amazon ECR User Guide."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field, StrictBool, ValidationInfo, field_validator

from pull_through_cache.aws.quotas import MAX_SCAN_FILTERS
from pull_through_cache.deployment.model import Model, Problems, raise_problems
from pull_through_cache.deployment.values.ecr import ScanFilter

Frequency = Literal["SCAN_ON_PUSH", "CONTINUOUS_SCAN"]


class ScanningRule(Model):
    """A scanning rule for repositories that are not caches."""

    frequency: Annotated[
        Frequency,
        Field(description="When ECR scans. CONTINUOUS_SCAN is for ENHANCED.", examples=["SCAN_ON_PUSH"]),
    ]
    repositories: Annotated[
        tuple[ScanFilter, ...],
        Field(
            min_length=1,
            description="Filters of names, with `*` as a wildcard. A filter without `*` matches all names that contain it.",
            examples=["[apps/*]"],
        ),
    ]


class Scanning(Model):
    """How ECR scans cached images. This replaces the registry's whole scanning configuration."""

    type: Annotated[
        Literal["BASIC", "ENHANCED"], Field(description="BASIC, or ENHANCED with Amazon Inspector.", examples=["BASIC"])
    ]
    frequency: Annotated[
        Frequency,
        Field(description="When ECR scans. CONTINUOUS_SCAN is for ENHANCED.", examples=["SCAN_ON_PUSH"]),
    ] = "SCAN_ON_PUSH"
    extra_rules: Annotated[
        tuple[ScanningRule, ...],
        Field(
            description="Rules for other repositories of the registry, which has one scanning configuration in a Region. ECR "
            "accepts 100 filters for each frequency, those of the caches included.",
            examples=["[{frequency: SCAN_ON_PUSH, repositories: [apps/*]}]"],
        ),
    ] = ()

    adopt: Annotated[
        StrictBool,
        Field(
            description="Import the scanning configuration that exists, so that the plan shows what changes. Needs "
            "`account_id` and Terraform 1.5. Delete this key after the first apply.",
            examples=["true"],
        ),
    ] = False

    @field_validator("frequency")
    @classmethod
    def _frequency(cls, frequency: str, info: ValidationInfo) -> str:
        # API, RegistryScanningRule: scanFrequency.
        if frequency == "CONTINUOUS_SCAN" and info.data.get("type") == "BASIC":
            raise ValueError("CONTINUOUS_SCAN is for ENHANCED; write SCAN_ON_PUSH, or `type: ENHANCED`")
        return frequency

    @field_validator("extra_rules")
    @classmethod
    def _extra_rules(cls, rules: tuple[ScanningRule, ...], info: ValidationInfo) -> tuple[ScanningRule, ...]:
        raise_problems(
            ((index, "frequency"), "CONTINUOUS_SCAN is for ENHANCED; write SCAN_ON_PUSH, or `type: ENHANCED`")
            for index, rule in enumerate(rules)
            if rule.frequency == "CONTINUOUS_SCAN" and info.data.get("type") == "BASIC"
        )
        places = [
            (name, (index, "repositories", at))
            for index, rule in enumerate(rules)
            for at, name in enumerate(rule.repositories)
        ]
        first = dict(reversed(places))
        raise_problems(
            (place, f"{name} is listed twice; write it once") for name, place in places if place != first[name]
        )
        return rules

    def filters(self, cached: Sequence[str]) -> dict[str, list[str]]:
        """The filters of the scanning rules, by frequency; those of `cached` repositories come first.

        ECR accepts two rules (API, RegistryScanningRuleList): one for each frequency.
        """
        filters: dict[str, list[str]] = {self.frequency: list(cached)}
        for rule in self.extra_rules:
            filters.setdefault(rule.frequency, []).extend(rule.repositories)
        return filters

    def conflicts(self, cached: Sequence[str]) -> Problems:
        """Conflicts of the extra rules with the filters of `cached` repositories."""
        for index, rule in enumerate(self.extra_rules):
            for at, name in enumerate(rule.repositories):
                if name in cached:
                    message = f"{name} is a filter of the caches, with `frequency: {self.frequency}`"
                    yield ("extra_rules", index, "repositories", at), f"{message}; delete this entry"
        for frequency, filters in self.filters(cached).items():
            if len(filters) > MAX_SCAN_FILTERS:
                message = f"{frequency} has {len(filters)} filters with those of the caches"
                yield ("extra_rules",), f"{message}, and ECR accepts {MAX_SCAN_FILTERS}; write fewer, with wildcards"
