"""The forms of the names in a deployment file, each with the sentence that its author reads."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, Discriminator, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, StrictInt, Tag
from pydantic_core import CoreSchema, core_schema

from pull_through_cache.aws.regions import REGIONS, REGIONS_WITHOUT_PULL_THROUGH_CACHE
from pull_through_cache.aws.registries import UPSTREAM_REGISTRIES, find
from pull_through_cache.files.problems import nearest, shown


@dataclass(frozen=True)
class Form:
    """Text that matches `pattern` as a whole; else `remedy` says what it is not and what to write."""

    pattern: str
    remedy: str

    def check(self, text: str) -> str:
        if not re.fullmatch(self.pattern, text):
            raise ValueError(f"{shown(text)} {self.remedy}")
        return text

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler(schema), "pattern": f"^({self.pattern})$", "patternErrorMessage": self.remedy}


# IAM API, CreateRole: RoleName and Path. ECR offers pull through caches in the partition aws only.
_ROLE_NAME = r"[A-Za-z0-9_+=,.@-]{1,64}"
_ROLE_ARN = rf"arn:aws:iam::([0-9]{{12}}):role/(?:[!-~]{{1,510}}/)?({_ROLE_NAME})"
_VERSION = r"(=|!=|>=|<=|>|<|~>)?\s*[0-9]+(\.[0-9]+){0,2}(-[0-9A-Za-z.-]+)?"


def in_region(value: str | Mapping[str, str] | None, region: str) -> str | None:
    """What stands for `region`, where a value is given once or for each Region."""
    return value.get(region) if isinstance(value, Mapping) else value


def _region(region: str) -> str:
    if region in REGIONS_WITHOUT_PULL_THROUGH_CACHE:
        raise ValueError(f"ECR offers no pull through cache in {region}; write another Region")
    if region not in REGIONS:
        meant = nearest(region, REGIONS)
        raise ValueError(f"{shown(region)} is not an AWS Region; write one such as {meant or 'eu-central-1'}")
    return region


_SPOKEN_HOSTS = dict.fromkeys(["docker.com", "docker.io", "hub.docker.com", "index.docker.io"], "registry-1.docker.io")


def _host(url: str) -> str:
    registry = find(url)
    if registry is None:
        hosts = [registry.host for registry in UPSTREAM_REGISTRIES]
        spoken = re.sub(r"^https?://|/.*$", "", url)
        meant = _SPOKEN_HOSTS.get(spoken) or nearest(spoken, hosts)
        write = f"write {meant}; it can cache" if meant else "write one that it can:"
        raise ValueError(f"ECR cannot cache {shown(url)}; {write} {', '.join(hosts)}")
    if registry.api_name == "ecr":
        _region(url.split(".")[3])
    return url


# Terraform provider aws, aws_ecr_pull_through_cache_rule: a little stricter than ECR's API.
_PREFIX = Form(
    r"(?=.{2,30}$)(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*/?|ROOT",
    "is not a repository prefix; write 2 to 30 lower-case letters and digits, with single '.', '_', '-' or '/' "
    "between them, or ROOT",
)
Prefix = Annotated[str, _PREFIX]


def is_prefix(text: str) -> bool:
    """Whether ECR accepts `text` as the prefix of a rule."""
    return re.fullmatch(_PREFIX.pattern, text) is not None


# AWS General Reference, "Best practices and strategies" for tags; IAM, Tag. What is a letter depends on Unicode.
TagKey = Annotated[
    str,
    Form(
        r"(?!aws:)[^\x00-\x1f!-)*,;<>?\[-^`{-~]{1,128}",
        "is not the key of a tag; write up to 128 letters, digits, spaces and _.:/=+-@, not beginning with aws:",
    ),
]
TagValue = Annotated[
    str,
    Form(
        r"[^\x00-\x1f!-)*,;<>?\[-^`{-~]{0,256}",
        "is not the value of a tag; write up to 256 letters, digits, spaces and _.:/=+-@",
    ),
]
Count = Annotated[StrictInt, Field(ge=1, le=2**31 - 1)]
UpstreamKey = Annotated[
    str,
    Form(
        r"(?=.{1,64}$)[a-z][a-z0-9]*([_-][a-z0-9]+)*",
        "cannot name an upstream; write up to 64 lower-case letters and digits, beginning with a letter, with single "
        "'-' or '_' between them",
    ),
]
_ACCOUNT = "[0-9]{12}"
_OU_PATH = r"o-[a-z0-9]{10,32}/r-[a-z0-9]{4,32}/(ou-[a-z0-9]{4,32}-[a-z0-9]{8,32}/)+\*?"

AccountId = Annotated[str, Form(_ACCOUNT, "is not an account id; write its 12 digits, in quotes")]
RoleArn = Annotated[str, Form(_ROLE_ARN, "is not a role's ARN; write arn:aws:iam::<account id>:role/<name>")]
AzureName = Annotated[
    str,
    Form(r"[a-z0-9]{5,50}", "is not an Azure container registry's name; write its 5 to 50 small letters and digits"),
]
PrincipalArn = Annotated[
    str,
    Form(
        rf"arn:aws:iam::{_ACCOUNT}:(root|(role|user)/[!-)+->@-~]{{1,576}})",  # AWS takes no wildcard here
        "is not the ARN of an account, a role or a user; write for example arn:aws:iam::<account id>:root",
    ),
]
Principal = Annotated[
    str,
    Form(
        rf"\*|{_ACCOUNT}|arn:aws:iam::{_ACCOUNT}:(root|[a-z-]+/[!-)+->@-~]{{1,576}})|"
        rf"arn:aws:sts::{_ACCOUNT}:[a-z-]+/[!-)+->@-~]{{1,576}}|[a-z0-9.-]+\.[a-z]+",
        "is not a principal; write for example arn:aws:iam::<account id>:root, or * with a condition",
    ),
]
FunctionArn = Annotated[
    str,
    Form(
        rf"arn:aws:lambda:[a-z0-9*-]+:{_ACCOUNT}:function:[A-Za-z0-9_:*-]{{1,170}}",
        "is not a Lambda function's ARN; write arn:aws:lambda:<region>:<account id>:function:<name>, or `*` for some of it",
    ),
]
KmsKeyArn = Annotated[
    str,
    Form(
        rf"arn:aws:kms:[a-z0-9-]+:{_ACCOUNT}:key/[a-z0-9-]{{1,64}}",
        "is not a KMS key's ARN; write arn:aws:kms:<region>:<account id>:key/<id>",
    ),
]
# API, PullThroughCacheRule: credentialArn.
SecretArn = Annotated[
    str,
    Form(
        rf"arn:aws:secretsmanager:[a-z0-9-]+:{_ACCOUNT}:secret:ecr-pullthroughcache/[A-Za-z0-9/_+=.@-]{{1,498}}",
        "is not the ARN of a secret that ECR can read; write "
        "arn:aws:secretsmanager:<region>:<account id>:secret:ecr-pullthroughcache/<name>",
    ),
]
SecretName = Annotated[
    str,
    Form(
        r"ecr-pullthroughcache/[A-Za-z0-9/_+=.@-]{1,491}",
        "is not the name of a secret that ECR can read; write ecr-pullthroughcache/ and a name",
    ),
]
# Organizations API: Organization, OrganizationalUnit. IAM Guide: aws:PrincipalOrgPaths.
OrganizationId = Annotated[
    str, Form(r"caller|o-[a-z0-9]{10,32}", "is not an organization's id; write o-<id>, or caller for the caller's own")
]
OrganizationalUnitPath = Annotated[
    str,
    Form(
        _OU_PATH,
        "is not the path of an organizational unit; write o-<id>/r-<root>/ou-<unit>/, with * behind it for the units "
        "below as well",
    ),
]
NodeRole = Annotated[
    str,
    Form(
        rf"{_ROLE_NAME}|{_ROLE_ARN}",
        "is neither a role's name nor a role's ARN; write the name of the nodes' role, or "
        "arn:aws:iam::<account id>:role/<name>",
    ),
]
IamPath = Annotated[str, Form(r"(?=.{1,512}$)/([!-.0-~]+/)*", "is not an IAM path; write one such as /platform/")]
PolicyArn = Annotated[
    str,
    Form(
        rf"arn:aws:iam::({_ACCOUNT}|aws):policy/[!-)+->@-~]{{1,640}}",
        "is not a managed policy's ARN; write arn:aws:iam::<account id>:policy/<name>",
    ),
]
PolicyName = Annotated[
    str, Form(r"[A-Za-z0-9_+=,.@-]{1,128}", "is not a policy's name; write up to 128 letters, digits and _+=,.@-")
]
WorkloadName = Annotated[
    str,
    Form(
        r"(?=.{1,64}$)[a-z0-9]+(-[a-z0-9]+)*",
        "cannot name a workload; write up to 64 lower-case letters and digits with single '-' between them",
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

T = TypeVar("T")
InRegions = Annotated[
    Annotated[T, Tag("[one]")] | Annotated[Mapping[Region, T], Tag("[each]")],
    Discriminator(lambda given: "[each]" if isinstance(given, Mapping) else "[one]"),
]
"""One value, or one for each Region."""
