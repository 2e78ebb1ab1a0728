"""Names and ARNs of ECR, and of the secrets, keys, and functions that ECR uses."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from pull_through_cache.aws.registries import UPSTREAM_REGISTRIES, find, other_registry
from pull_through_cache.deployment.values.iam import ACCOUNT
from pull_through_cache.deployment.values.regions import check_region
from pull_through_cache.deployment.values.text import TextPattern
from pull_through_cache.files.problems import nearest, shown


def _host(url: str) -> str:
    registry = find(url)
    if registry is None:
        raise ValueError(_not_cacheable(url))
    if registry.api_name == "ecr":
        check_region(url.split(".")[3])
    return url


def _not_cacheable(url: str) -> str:
    host = re.sub(r"^https?://|\.?(:443)?(/.*)?$", "", url[:1000].lower())
    known = other_registry(host)
    if known:
        return f"{known.reason}; {known.remedy}"
    if find(host):
        return f"{shown(url)} is not a host name as ECR writes it; write {host}"
    hosts = [registry.host for registry in UPSTREAM_REGISTRIES]
    # A host that is only similar can belong to someone else: suggest one only for a typo.
    meant = nearest(host, hosts, cutoff=0.85)
    remedy = f"write {meant}" if meant else f"write one of {', '.join(hosts)}"
    return f"ECR cannot cache {shown(url)}; {remedy}"


Host = Annotated[
    str,
    AfterValidator(_host),
    Field(json_schema_extra={"pattern": f"^({'|'.join(registry.pattern for registry in UPSTREAM_REGISTRIES)})$"}),
]
# Terraform provider aws, aws_ecr_pull_through_cache_rule: a little stricter than ECR's API.
_PREFIX = TextPattern(
    r"(?=.{2,30}$)(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*/?|ROOT",
    "is not a repository prefix; write 2 to 30 lowercase letters and digits, with single '.', '_', '-' or '/' "
    "between them, or ROOT",
)
Prefix = Annotated[str, _PREFIX]


def is_prefix(text: str) -> bool:
    """Whether ECR accepts `text` as the prefix of a rule."""
    return re.fullmatch(_PREFIX.pattern, text) is not None


UpstreamKey = Annotated[
    str,
    TextPattern(
        r"(?=.{1,64}$)[a-z][a-z0-9]*([_-][a-z0-9]+)*",
        "cannot be the key of an upstream; write up to 64 lowercase letters and digits, beginning with a letter, with "
        "single '-' or '_' between them",
    ),
]
AzureName = Annotated[
    str,
    TextPattern(
        r"[a-z0-9]{5,50}",
        "is not the name of an Azure container registry; write its 5 to 50 lowercase letters and digits",
    ),
]
# API, ImageTagMutabilityExclusionFilterValue.
TagFilter = Annotated[
    str,
    TextPattern(
        r"(?!(.*\*){3})[0-9A-Za-z._*-]{1,128}",
        "is not a filter of image tags; write up to 128 letters, digits and ._-, with at most two `*`",
    ),
]
# API, ScanningRepositoryFilterValue.
ScanFilter = Annotated[
    str,
    TextPattern(
        r"(?=.{1,255}$)[a-z0-9*]+([._/-][a-z0-9*]+)*",
        "is not a filter of repositories; write a name such as apps/*, with lowercase letters, digits, `*`, and single "
        "'.', '_', '-' or '/' between them",
    ),
]
FunctionArn = Annotated[
    str,
    TextPattern(
        rf"arn:aws:lambda:[a-z0-9*-]{{1,32}}:{ACCOUNT}:function:[A-Za-z0-9_:*-]{{1,170}}",
        "is not the ARN of a Lambda function; write arn:aws:lambda:<region>:<account id>:function:<name>, with `*` as a "
        "wildcard",
    ),
]
# API, KmsKeyForRepositoryCreationTemplate.
KmsKeyArn = Annotated[
    str,
    TextPattern(
        rf"arn:aws:kms:[a-z0-9-]{{1,32}}:{ACCOUNT}:key/[a-z0-9-]{{1,64}}",
        "is not the ARN of a KMS key; write arn:aws:kms:<region>:<account id>:key/<id>",
    ),
]
# API, CredentialArn.
SecretArn = Annotated[
    str,
    TextPattern(
        rf"arn:aws:secretsmanager:[a-z0-9-]{{1,32}}:{ACCOUNT}:secret:ecr-pullthroughcache/[A-Za-z0-9/_+=.@-]{{1,498}}",
        "is not the ARN of a secret that ECR can read; write "
        "arn:aws:secretsmanager:<region>:<account id>:secret:ecr-pullthroughcache/<name>",
    ),
]
SecretName = Annotated[
    str,
    TextPattern(
        r"ecr-pullthroughcache/[A-Za-z0-9/_+=.@-]{1,491}",
        "is not the name of a secret that ECR can read; write ecr-pullthroughcache/ and a name",
    ),
]
