"""The scanning of cached images for vulnerabilities."""

from typing import Annotated, Literal

from pydantic import Field, StrictBool, ValidationInfo, field_validator

from pull_through_cache.deployment.model import Model


class Scanning(Model):
    """How ECR scans cached images. This replaces the registry's whole scanning configuration."""

    type: Annotated[
        Literal["BASIC", "ENHANCED"], Field(description="BASIC, or ENHANCED with Amazon Inspector.", examples=["BASIC"])
    ]
    frequency: Annotated[
        Literal["SCAN_ON_PUSH", "CONTINUOUS_SCAN"],
        Field(description="When ECR scans. CONTINUOUS_SCAN is for ENHANCED.", examples=["SCAN_ON_PUSH"]),
    ] = "SCAN_ON_PUSH"

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
