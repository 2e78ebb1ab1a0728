"""The forms of the names in a deployment file, each with the sentence that its author reads."""

import re
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from pull_through_cache.problems import nearest
from pull_through_cache.regions import REGIONS, REGIONS_WITHOUT_PULL_THROUGH_CACHE
from pull_through_cache.upstreams import UPSTREAM_REGISTRIES, find


@dataclass(frozen=True)
class Form:
    """Text that matches `pattern` as a whole; else `remedy` says what it is not and what to write."""

    pattern: str
    remedy: str

    def check(self, text: str) -> str:
        if not re.fullmatch(self.pattern, text):
            raise ValueError(f"{text!r} {self.remedy}")
        return text

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler(schema), "pattern": f"^({self.pattern})$"}


# IAM API, CreateRole: RoleName and Path. ECR offers pull through caches in the partition aws only.
_ROLE_NAME = r"[A-Za-z0-9_+=,.@-]{1,64}"
_ROLE_ARN = rf"arn:aws:iam::([0-9]{{12}}):role/(?:[!-~]+/)?({_ROLE_NAME})"
_VERSION = r"(=|!=|>=|<=|>|<|~>)?\s*[0-9]+(\.[0-9]+){0,2}(-[0-9A-Za-z.-]+)?"


def role_name(role: str) -> str:
    """The name of a role that is given by its name or its ARN."""
    return role.rpartition("/")[2]


def role_account(role: str) -> str | None:
    """The account of a role that is given by its ARN; None where only its name is known."""
    arn = re.fullmatch(_ROLE_ARN, role)
    return arn[1] if arn else None


def _region(region: str) -> str:
    if region in REGIONS_WITHOUT_PULL_THROUGH_CACHE:
        raise ValueError(f"ECR offers no pull through cache in {region}; write another Region")
    if region not in REGIONS:
        meant = nearest(region, REGIONS)
        raise ValueError(f"{region!r} is not an AWS Region; write one such as {meant or 'eu-central-1'}")
    return region


_SPOKEN_HOSTS = dict.fromkeys(["docker.com", "docker.io", "hub.docker.com", "index.docker.io"], "registry-1.docker.io")


def _host(url: str) -> str:
    if find(url) is None:
        hosts = [registry.host for registry in UPSTREAM_REGISTRIES]
        spoken = re.sub(r"^https?://|/.*$", "", url)
        meant = _SPOKEN_HOSTS.get(spoken) or nearest(spoken, hosts)
        write = f"write {meant}; it can cache" if meant else "write one that it can:"
        raise ValueError(f"ECR cannot cache {url!r}; {write} {', '.join(hosts)}")
    return url


Prefix = Annotated[
    str,
    # Terraform provider aws, aws_ecr_pull_through_cache_rule: a little stricter than ECR's API.
    Form(
        r"(?=.{2,30}$)(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*/?|ROOT",
        "is not a repository prefix; write 2 to 30 lower-case letters and digits, with single '.', '_', '-' or '/' "
        "between them, or ROOT",
    ),
]
Text = Annotated[
    str,
    Form(
        r"(?![\s\S]*[$%]\{)[\s\S]*",
        "holds '${' or '%{', which Terraform would evaluate; write it without",
    ),
]
UpstreamKey = Annotated[
    str,
    Form(
        r"[a-z][a-z0-9]*([_-][a-z0-9]+)*",
        "cannot name an upstream; write lower-case letters and digits, beginning with a letter, with single '-' or "
        "'_' between them",
    ),
]
AccountId = Annotated[str, Form(r"[0-9]{12}", "is not an account id; write its 12 digits, in quotes")]
NodeRole = Annotated[
    str,
    Form(
        rf"{_ROLE_NAME}|{_ROLE_ARN}",
        "is neither a role's name nor a role's ARN; write the name of the nodes' role, or "
        "arn:aws:iam::<account id>:role/<name>",
    ),
]
VersionConstraint = Annotated[
    str,
    Form(
        rf"\s*{_VERSION}\s*(,\s*{_VERSION}\s*)*",
        "is not a version constraint; write one such as '>= 5.100.0, < 7.0.0'",
    ),
]
Region = Annotated[str, AfterValidator(_region), Field(json_schema_extra={"enum": sorted(REGIONS)})]
Host = Annotated[
    str,
    AfterValidator(_host),
    Field(json_schema_extra={"pattern": f"^({'|'.join(registry.pattern for registry in UPSTREAM_REGISTRIES)})$"}),
]
