"""AWS Regions, and values that differ between them."""

from collections.abc import Mapping
from typing import Annotated, TypeVar

from pydantic import AfterValidator, Discriminator, Field, Tag

from pull_through_cache.aws.regions import REGIONS, REGIONS_WITHOUT_PULL_THROUGH_CACHE
from pull_through_cache.files.problems import nearest, shown


def check_region(region: str) -> str:
    """Raises ValueError unless ECR offers pull through caches in `region`."""
    if region in REGIONS_WITHOUT_PULL_THROUGH_CACHE:
        raise ValueError(f"ECR offers no pull through cache in {region}; write another Region")
    if region not in REGIONS:
        meant = nearest(region, REGIONS)
        raise ValueError(f"{shown(region)} is not an AWS Region; write one such as {meant or 'eu-central-1'}")
    return region


Region = Annotated[str, AfterValidator(check_region), Field(json_schema_extra={"enum": sorted(REGIONS)})]

T = TypeVar("T")
ONE_VALUE, VALUE_PER_REGION, VARIABLE = "[one]", "[each]", "[variable]"
"""Pydantic's marks for the ways to write a value that differs between Regions. The places of its errors contain them."""
ByRegion = Annotated[
    Annotated[T, Tag(ONE_VALUE)] | Annotated[Mapping[Region, T], Tag(VALUE_PER_REGION)],
    Discriminator(lambda given: VALUE_PER_REGION if isinstance(given, Mapping) else ONE_VALUE),
]
"""One value for all Regions, or one for each Region."""


def values_of(value: str | Mapping[str, str] | None) -> list[str]:
    """The values of a `ByRegion` for all Regions."""
    return list(value.values()) if isinstance(value, Mapping) else [value] if value else []


def in_region(value: str | Mapping[str, str] | None, region: str) -> str | None:
    """The value of a `ByRegion` for `region`."""
    return value.get(region) if isinstance(value, Mapping) else value
