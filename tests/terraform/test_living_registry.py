"""A registry that others have changed by hand: check, what its remedies say, a deploy, settle, and check again."""

import json
import re

import pytest
import yaml
from click.testing import CliRunner, Result

from pull_through_cache.commands import commands
from tests.aws import Json, allow, policy
from tests.terraform.conftest import Sandbox

BEFORE: Json = {
    "registry": {
        "account_id": "123456789012",
        "regions": ["eu-central-1"],
        "pull_access": {"accounts": ["200000000001"]},
        "upstreams": {"docker-hub": {"registry": "docker-hub", "credentials": {}}},
    }
}
SCANNER = allow("ecr:BatchGetImage", principal={"AWS": "arn:aws:iam::210987654321:root"}, sid="Scanner")
SCANNER_IN_THE_FILE = {
    "sid": "Scanner",
    "actions": ["ecr:BatchGetImage"],
    "principals": {"AWS": ["arn:aws:iam::210987654321:root"]},
}
REPLICATION = allow("ecr:ReplicateImage", resource="*", principal={"AWS": "210987654321"}, sid="Replication")
DEPLOY = "deploy shared-services-eu-central-1"


class Registry:
    """A registry that is deployed, then changed by hand, and a deployment file that is written meanwhile."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.ecr = sandbox.client("ecr")
        self.file = sandbox.folder / "deployment.yaml"
        self.content: Json = json.loads(json.dumps(BEFORE))
        self.deploy()

    def write(self) -> None:
        self.file.write_text(yaml.safe_dump(self.content, sort_keys=False))

    def deploy(self, *options: str) -> None:
        """Apply the stack of the file, with more options of `terraform apply`."""
        self.write()
        self.stack = self.sandbox.stack(self.file)
        self.stack.run("apply", "-auto-approve", "-input=false", "-no-color", *options)

    def run(self, command: str, *options: str) -> Result:
        """A command of `pull-through-cache` with the file."""
        self.write()
        arguments = [command, str(self.file), *options]
        return CliRunner().invoke(commands, arguments, env=self.sandbox.emulator.environment, catch_exceptions=False)

    def remedies(self) -> dict[str, list[str]]:
        """The remedies of `check` by place."""
        found: dict[str, list[str]] = {}
        for each in json.loads(self.run("check", "--json").stdout):
            found.setdefault(each["where"], []).append(each["remedy"])
        return found


def change_by_hand(registry: Registry) -> None:
    ecr, secrets = registry.ecr, registry.sandbox.client("secretsmanager")
    statements = json.loads(ecr.get_registry_policy()["policyText"])["Statement"]
    ecr.put_registry_policy(policyText=policy(*statements, REPLICATION))
    ecr.create_pull_through_cache_rule(ecrRepositoryPrefix="quay", upstreamRegistryUrl="quay.io")
    ecr.create_repository(repositoryName="docker-hub/library/nginx", imageTagMutability="IMMUTABLE")
    ecr.create_repository(repositoryName="quay/app")
    ecr.set_repository_policy(repositoryName="quay/app", policyText=policy(SCANNER))
    [secret] = secrets.list_secrets()["SecretList"]
    secrets.put_secret_value(SecretId=secret["ARN"], SecretString=json.dumps({"user": "by hand"}))


SECRET, POLICY, TEMPLATE = (
    f"eu-central-1, {place}" for place in ("secret of docker-hub", "registry policy", "template quay")
)
HUB, QUAY = (f"eu-central-1, repositories under {prefix}/" for prefix in ("docker-hub", "quay"))
REMEDIES = {
    "eu-central-1, template docker-hub": [DEPLOY],
    TEMPLATE: [f"{DEPLOY}; if Terraform did not make the rule, write `adopt: [rule]` first"],
    POLICY: [
        DEPLOY,
        "keep it with the YAML for `registry_policy` that check prints, or write `registry_policy: external`",
    ],
    HUB: [DEPLOY, DEPLOY, "run settle: it prints what it changes, and changes it with --apply"],
    QUAY: [
        f"{DEPLOY}, which replaces it; to keep a statement, write it into `statements` of `repositories` first",
        DEPLOY,
    ],
}


@pytest.mark.slow
def test_every_remedy_works_when_followed(sandbox: Sandbox) -> None:
    registry = Registry(sandbox)
    change_by_hand(registry)
    upstreams = registry.content["registry"]["upstreams"]
    upstreams["quay"] = {"registry": "quay"}
    registry.content["registry"]["repositories"] = {"existing": "managed", "lifecycle": {"keep_last": 20}}

    found = registry.remedies()
    [secret] = found.pop(SECRET)
    assert found == REMEDIES

    upstreams["quay"]["adopt"] = ["rule"]
    upstreams["quay"]["repositories"] = {"statements": [SCANNER_IN_THE_FILE]}
    registry.content["registry"] |= yaml.safe_load(registry.run("check").stderr)
    sandbox.environment |= {"TF_VAR_docker_hub_username": "new", "TF_VAR_docker_hub_access_token": "new"}
    named = re.search("terraform apply (-replace='[^']*')", secret)
    assert named
    registry.deploy(named[1].replace("'", ""))
    assert registry.run("settle", "--apply", "--yes").exit_code == 0

    registry.stack.has_no_changes()
    assert registry.run("check", "--strict").stdout == f"{registry.file}: no findings\n"
    statements = json.loads(registry.ecr.get_registry_policy()["policyText"])["Statement"]
    assert "Replication" in [each["Sid"] for each in statements]
    statements = json.loads(registry.ecr.get_repository_policy(repositoryName="quay/app")["policyText"])["Statement"]
    assert "Scanner" in [each["Sid"] for each in statements]
