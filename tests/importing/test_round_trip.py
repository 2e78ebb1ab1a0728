"""What a deployment makes in AWS, `import` reads back as a deployment that makes the same."""

import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from emulator.organization import ORGANIZATION_ID
from pull_through_cache.aws.arns import repository_arns
from pull_through_cache.aws.statements import Statement, policy_text
from pull_through_cache.check import Account
from pull_through_cache.check.wanted_templates import wanted_template
from pull_through_cache.deployment import Deployment, load
from pull_through_cache.deployment.modules import DEFAULT_MODULES
from pull_through_cache.deployment.sharing import registry_statements
from pull_through_cache.deployment.values.regions import in_region
from pull_through_cache.importing import deployment_text
from tests.aws import Aws, Json, allow, policy
from tests.check.worlds import SESSION
from tests.importing.registries import ACCOUNT, Registry
from tests.stacks.deployments import deployments
from tests.stacks.test_properties import cases

TRUST = policy(allow("sts:AssumeRole", principal={"Service": "ec2.amazonaws.com"}))


class Made:
    """The objects of a deployment in its first Region, as ECR's API has them."""

    def __init__(self, deployment: Deployment, account: Account, secret: str) -> None:
        registry = deployment.registry
        self.region = registry.regions[0]
        self.rules: dict[str, Json] = {}
        self.templates: dict[str, Json] = {}
        for key, upstream in registry.upstreams.items():
            prefix, settings = registry.prefix(key), registry.repository_settings(key)
            role = in_region(upstream.role_arn, self.region) or f"arn:aws:iam::{ACCOUNT}:role/made-{prefix}"
            rule = {
                "upstreamRegistryUrl": upstream.host,
                "upstreamRepositoryPrefix": upstream.upstream_prefix or "ROOT",
                "credentialArn": secret if upstream.credentials else None,
                "customRoleArn": role if upstream.owner not in (None, ACCOUNT) else None,
            }
            template = wanted_template(registry, key, account, self.region)
            template["encryptionConfiguration"] = _without_empty(template["encryptionConfiguration"])
            made = f"arn:aws:iam::{ACCOUNT}:role/template-{prefix}" if settings.needs_role else None
            template |= {
                "appliedFor": sorted(settings.applied_for),
                "description": upstream.host if settings.description is None else settings.description,
                "customRoleArn": in_region(settings.role_arn, self.region) or made,
            }
            self.rules[prefix] = _without_empty(rule)
            self.templates[prefix] = _without_empty(template)
        arns = repository_arns(registry.prefixes, account_id=ACCOUNT, regions=[self.region])
        managed = registry.registry_policy.mode == "managed"
        policy = registry_statements(registry, organization=ORGANIZATION_ID, account_id=ACCOUNT, region=self.region)
        self.policy = policy if managed else []
        cached = [arn.partition("/")[2] for arn in arns]
        scanning = registry.scanning
        self.scanning = scanning and (
            scanning.type,
            {often: set(each) for often, each in scanning.filters(cached).items()},
        )

    def compared(self) -> Json:
        """The same without order where ECR has none."""
        templates = {
            prefix: {**template, "repositoryPolicy": _policy(template.get("repositoryPolicy"))}
            for prefix, template in self.templates.items()
        }
        templates = {prefix: _tags(_lifecycle(template)) for prefix, template in templates.items()}
        return {
            "rules": self.rules,
            "templates": templates,
            "policy": sorted(map(_statement, self.policy)),
            "scanning": self.scanning,
        }

    def create(self, registry: Registry) -> None:
        for prefix, rule in self.rules.items():
            registry.ecr.create_pull_through_cache_rule(ecrRepositoryPrefix=prefix, **rule)
        for prefix, template in self.templates.items():
            registry.ecr.create_repository_creation_template(prefix=prefix, **template)
        if self.policy:
            registry.ecr.put_registry_policy(policyText=policy_text(self.policy))
        if self.scanning:
            kind, filters = self.scanning
            registry.scanning(kind, *((often, sorted(names)) for often, names in filters.items()))


def _without_empty(settings: Json) -> Json:
    return {name: value for name, value in settings.items() if value not in (None, [], "")}


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(inner) for key, inner in value.items()}
    return sorted(set(value)) if isinstance(value, list) else value


def _statement(statement: Statement) -> str:
    return json.dumps(_sorted(statement.document()), sort_keys=True)


def _policy(text: str | None) -> list[str]:
    return sorted(json.dumps(_sorted(each), sort_keys=True) for each in json.loads(text or "{}").get("Statement", []))


def _lifecycle(template: Json) -> Json:
    return {**template, "lifecyclePolicy": json.loads(template.get("lifecyclePolicy") or "null")}


def _tags(template: Json) -> Json:
    return {**template, "resourceTags": sorted(tag["Key"] + tag["Value"] for tag in template.get("resourceTags", []))}


def differences(before: Any, after: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """What differs, by place."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in {**before, **after}:
            yield from differences(before.get(key), after.get(key), f"{place}/{key}")
    elif before != after:
        yield place, (before, after)


@pytest.mark.slow
@given(data=st.data())
@cases(percentage=40)
def test_the_imported_deployment_makes_the_same(accounts: Aws, monkeypatch: pytest.MonkeyPatch, data: Any) -> None:
    accounts.emulator.reset()
    for name, value in accounts.emulator.environment.items():
        monkeypatch.setenv(name, value)
    with TemporaryDirectory() as folder:
        file = Path(folder, "deployment.yaml")
        file.write_text(json.dumps(data.draw(deployments())))
        note(file.read_text())
        deployment = load(file)
        region = deployment.registry.regions[0]
        account = Account(region, SESSION)
        secret = accounts.secret("ecr-pullthroughcache/any", region)
        for path, name in (("/a/", "reader"), ("/", "x")):  # ECR accepts no principals that do not exist
            accounts.client("iam").create_role(Path=path, RoleName=name, AssumeRolePolicyDocument=TRUST)
        made = Made(deployment, account, secret)
        made.create(Registry(accounts, region))

        text = deployment_text(account, [region], DEFAULT_MODULES)
        note(text)
        file.write_text(text)
        assert dict(differences(made.compared(), Made(load(file), account, secret).compared())) == {}
