"""Every field for text in the models, found in the models, against the shape that AWS's SDK has for it."""

import re
import string
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import botocore.session
import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from pull_through_cache.deployment import Deployment

ROLE = "arn:aws:iam::123456789012:role/a/b"
POLICY = "arn:aws:iam::123456789012:policy/a/b"
SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:ecr-pullthroughcache/a-AbCdEf"
KEY = "arn:aws:kms:eu-west-1:123456789012:key/0a1b-2c"
UNIT = "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/"
SHAPES = {
    "ecr RegistryId, 123456789012": "Registry.account_id, Upstream.account_id, Workload.account_id",
    "organizations AccountId, 123456789012": "PullAccess.accounts",
    "organizations OrganizationId, o-a1b2c3d4e5": "PullAccess.organization",
    f"organizations Path, {UNIT}": "PullAccess.organizational_units",
    "ecr ImageTagMutability": "RepositorySettings.image_tag_mutability",
    "ecr ImageTagMutabilityExclusionFilterValue, latest*": "RepositorySettings.image_tag_mutability_exclusion_filters",
    "ecr EncryptionType": "Encryption.type",
    f"ecr KmsKeyForRepositoryCreationTemplate, {KEY}": "Encryption.kms_key_arn",
    "iam tagKeyType, Cost center": "RepositorySettings.tags key, TerraformSettings.default_tags key",
    "iam tagValueType, a@b": "RepositorySettings.tags, TerraformSettings.default_tags",
    f"iam arnType, {ROLE}": "RepositorySettings.read_access, RepositorySettings.read_write_access, Credentials.read_access, "
    "Workload.assume_role_arn, Registry.node_roles, Workload.node_roles",
    f"ecr CustomRoleArn, {ROLE}": "RepositorySettings.role_arn, Upstream.role_arn",
    "ecr RCTAppliedFor": "RepositorySettings.applied_for",
    "ecr RepositoryTemplateDescription, Docker Hub": "RepositorySettings.description",
    "ecr UpstreamRegistry": "Upstream.registry",
    "ecr PullThroughCacheRuleRepositoryPrefix, a/b-c.d_e": "Upstream.prefix, Upstream.upstream_prefix",
    f"ecr CredentialArn, {SECRET}": "Credentials.secret_arn",
    f"secretsmanager SecretIdType, {SECRET}": "Credentials.adopt",
    "secretsmanager NameType, ecr-pullthroughcache/a": "Credentials.name",
    "secretsmanager DescriptionType, a token": "Credentials.description",
    "ecr ScanType": "Scanning.type",
    "ecr ScanFrequency": "Scanning.frequency, ScanningRule.frequency",
    "ecr ScanningRepositoryFilterValue, apps/a*": "ScanningRule.repositories",
    "iam roleNameType, eks-nodes": "Registry.node_roles, Workload.node_roles",
    "iam policyNameType, ecr-pull": "Registry.policy_name, Workload.policy_name",
    "iam policyPathType, /platform/eks/": "Registry.policy_path, Workload.policy_path",
    "iam pathType, /platform/eks/": "Registry.role_path",
    f"iam arnType, {POLICY}": "Registry.permissions_boundary",
}
"""The fields, by the service, name, and an example of their shape; a shape with a list of words needs no example."""
NO_SHAPE = {
    "test_facts.py compares it with the SDK's Regions": "Registry.regions, Upstream.region, Workload.region, "
    "Encryption.kms_key_arn key, Credentials.secret_arn key, Credentials.adopt key, "
    "RepositorySettings.role_arn key, Upstream.role_arn key",
    "the API takes a repository or registry policy as one text": "PolicyStatement.sid, PolicyStatement.effect, "
    "PolicyStatement.actions, PolicyStatement.resources, PolicyStatement.principals key, PolicyStatement.principals, "
    "PolicyCondition.test, PolicyCondition.variable, PolicyCondition.values, RepositorySettings.lambda_read_access",
    "the API takes a lifecycle policy as one text": "LifecycleRule.description, LifecycleSelection.tagStatus, "
    "LifecycleSelection.tagPrefixList, LifecycleSelection.tagPatternList, LifecycleSelection.storageClass, "
    "LifecycleSelection.countType, LifecycleSelection.countUnit, LifecycleAction.type, LifecycleAction.targetStorageClass",
    "a word of this project, which AWS never gets": "RepositorySettings.existing, Registry.template_role, Credentials.store, "
    "Upstream.adopt, Registry.repository_policy, RegistryPolicy.mode, Deployment.silence",
    "a key of this file, which AWS never gets": "Registry.upstreams key, Upstream.renamed_from, Workload.caches, "
    "Deployment.workloads key",
    "ECR's shape for a host has no limits; test_facts.py compares the hosts": "Upstream.url",
    "Azure's name, a part of the host": "Upstream.name",
    "ECR's shape for the value of an account setting has no limits": "RegistryPolicy.scope",
    "a profile in the AWS configuration of a machine": "Workload.profile",
    "Terraform's": "KmsKeyVariable.variable, TerraformSettings.required_version, RequiredProviders.aws, "
    "TerraformSettings.backend key, TerraformSettings.backend",
}
"""The fields without a shape, by the reason."""
OTHERS = [*string.printable, "é", "０", "\x7f"]
SPACES = "".join(each for each in map(chr, range(sys.maxunicode)) if unicodedata.category(each)[0] == "Z")
session = botocore.session.Session()


def fields(model: type[BaseModel], seen: set[Any]) -> Iterator[tuple[str, Any]]:
    """The name and type of each field for text in `model` and the models inside."""
    if model in seen:
        return
    seen.add(model)
    for name, hint in get_type_hints(model, include_extras=True).items():
        if name in model.model_fields:
            yield from texts(f"{model.__name__}.{name}", hint, seen)


def texts(name: str, hint: Any, seen: set[Any]) -> Iterator[tuple[str, Any]]:
    origin, inner = get_origin(hint), get_args(hint)
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        yield from fields(hint, seen)
    elif origin is Annotated:
        is_text = inner[0] in (str, str | None)
        yield from [(name, Annotated[str, *inner[1:]])] if is_text else texts(name, inner[0], seen)
    elif hint in (str, Any) or origin is Literal:
        yield name, hint
    elif origin is Mapping:
        yield from texts(f"{name} key", inner[0], seen)
        yield from texts(name, inner[1], seen)
    else:
        for each in inner:
            yield from texts(name, each, seen)


FIELDS = list(fields(Deployment, set()))
LISTED = [(field, shape) for shape, names in SHAPES.items() for field in names.split(", ")]
COMPARED = {
    (shape, repr(hint)): pytest.param(shape, hint, id=f"{name}, {shape.partition(',')[0]}")
    for name, hint in FIELDS
    for field, shape in LISTED
    if field == name
}
"""The fields with a shape, once for each type."""


def test_every_field_for_text_has_a_shape_or_a_reason() -> None:
    names, mapped = {name for name, _ in FIELDS}, {field for field, _ in LISTED}
    without = {field for listed in NO_SHAPE.values() for field in listed.split(", ")}

    assert names - mapped - without == set()
    assert mapped | without == names
    assert mapped & without == set()


@pytest.mark.parametrize(("shape", "hint"), COMPARED.values())
def test_the_api_accepts_what_we_accept(shape: str, hint: Any) -> None:
    kind, _, example = shape.partition(", ")
    service, name = kind.split()
    limits = session.get_service_model(service).shape_for(name).metadata
    if "enum" in limits:
        assert set(get_args(hint)) <= set(limits["enum"])
        return
    longest = limits.get("max", 12)
    others = [*OTHERS, "a" * (longest - len(example) + 1), "a" * longest, ""]
    changed = {
        example[:at] + each + example[at + skip :]
        for at in range(len(example) + 1)
        for each in others
        for skip in (0, 1)
    }
    accepts = accepted(hint, {example, *changed})

    assert example in accepts
    assert [text for text in accepts if not is_valid(text, limits, is_path=name == "Path")] == []


def accepted(hint: Any, texts: Iterable[str]) -> list[str]:
    """The texts that a field of this type accepts."""
    adapter, found = TypeAdapter(hint), []
    for text in texts:
        with suppress(ValidationError):
            found.append(adapter.validate_python(text))
    return found


def is_valid(text: str, limits: Mapping[str, Any], *, is_path: bool) -> bool:
    """Whether a shape with these limits accepts `text`. A path can have a wildcard, which is none of its own."""
    pattern = limits.get("pattern", "(?s:.*)")
    flags = 0 if r"\p" in pattern else re.ASCII
    words = pattern.replace(r"\p{L}\p{Z}\p{N}", rf"\w{SPACES}")
    text = text.removesuffix("*") if is_path else text
    return re.fullmatch(words, text, flags) is not None and limits.get("min", 0) <= len(text) <= limits.get(
        "max", sys.maxsize
    )
