"""One secret, replicated to the registry's other Region: deploy, renew, check, destroy."""

import json

import pytest
from click.testing import CliRunner

from pull_through_cache.commands import commands
from tests.aws import allow, policy
from tests.terraform.conftest import PROJECT, Sandbox, Terraform, image

FIRST, SECOND = REGIONS = ("eu-central-1", "us-east-1")
NODE = "arn:aws:iam::123456789012:role/eks-nodes"
DEPLOYMENT = f"""\
registry:
  account_id: '123456789012'
  regions: [{FIRST}, {SECOND}]
  pull_access: {{}}
  node_roles: [eks-nodes]
  upstreams:
    docker-hub:
      registry: docker-hub
      credentials: {{store: STORE, name: ecr-pullthroughcache/hub, replicate: true}}
"""
DOCUMENT = (PROJECT / "docs" / "permissions" / "terraform.json").read_text()
REPLICATION = {"secretsmanager:ReplicateSecretToRegions", "secretsmanager:RemoveRegionsFromReplication"}


def stacks(sandbox: Sandbox, text: str) -> list[Terraform]:
    """The stacks of both Regions, in their order."""
    made = sandbox.synthesize(text)
    return [made[f"shared-services-{region}"].init() for region in REGIONS]


def check(sandbox: Sandbox) -> str:
    arguments = ["check", str(sandbox.folder / "deployment.yaml")]
    return CliRunner().invoke(commands, arguments, env=sandbox.emulator.environment, catch_exceptions=False).stdout


def token(sandbox: Sandbox, region: str) -> str:
    secrets = sandbox.client("secretsmanager", region=region)
    value = json.loads(secrets.get_secret_value(SecretId="ecr-pullthroughcache/hub")["SecretString"])
    return str(value["accessToken"])


@pytest.mark.parametrize("store", ["module", "write_only"])
def test_a_renewal_in_the_first_region_reaches_the_other(sandbox: Sandbox, store: str) -> None:
    sandbox.aws.role(name="eks-nodes")
    deployment = DEPLOYMENT.replace("STORE", store)
    both = stacks(sandbox, deployment)
    both[1].run("plan", "-input=false", expect=1)  # there is no replica yet
    for stack in both:
        stack.apply()
        stack.has_no_changes()

    for region in REGIONS:
        outcome = sandbox.emulator.pull(image("docker-hub/library/busybox", region), NODE)
        assert outcome.repository_created, outcome
    assert check(sandbox).endswith("no findings\n")

    sandbox.environment["TF_VAR_docker_hub_access_token"] = "renewed"
    first, second = stacks(sandbox, deployment.replace("write_only,", "write_only, version: 2,"))
    first.apply()
    second.has_no_changes()
    assert {token(sandbox, region) for region in REGIONS} == {"renewed"}
    for stack in (second, first):
        stack.destroy()
    assert [sandbox.client("secretsmanager", region=region).list_secrets()["SecretList"] for region in REGIONS] == [
        [],
        [],
    ]


def test_the_documented_permissions_suffice(sandbox: Sandbox) -> None:
    sandbox.aws.role(name="eks-nodes")
    iam = sandbox.client("iam")
    trusted = policy(allow("sts:AssumeRole", principal={"AWS": "123456789012"}))
    role = iam.create_role(RoleName="terraform", AssumeRolePolicyDocument=trusted)["Role"]["Arn"]
    iam.put_role_policy(RoleName="terraform", PolicyName="deploy", PolicyDocument=DOCUMENT)
    given = sandbox.client("sts").assume_role(RoleArn=role, RoleSessionName="deploy")["Credentials"]
    sandbox.environment |= {
        "AWS_ACCESS_KEY_ID": given["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": given["SecretAccessKey"],
        "AWS_SESSION_TOKEN": given["SessionToken"],
    }
    sandbox.emulator.authorize()

    both = stacks(sandbox, DEPLOYMENT.replace("STORE", "module"))
    for stack in both:
        stack.apply()
    for stack in reversed(both):
        stack.destroy()

    assert set(sandbox.emulator.permissions()) >= REPLICATION


def test_a_secret_that_is_no_replica_becomes_one(sandbox: Sandbox) -> None:
    """Follows the remedy of check."""
    sandbox.aws.role(name="eks-nodes")
    for stack in stacks(sandbox, DEPLOYMENT.replace("STORE", "module")):
        stack.apply()
    here, there = (sandbox.client("secretsmanager", region=region) for region in REGIONS)
    here.remove_regions_from_replication(SecretId="ecr-pullthroughcache/hub", RemoveReplicaRegions=[SECOND])
    value = json.dumps({"username": "u", "accessToken": "of this Region alone"})
    arn = there.create_secret(Name="ecr-pullthroughcache/hub", SecretString=value)["ARN"]
    ecr = sandbox.client("ecr", region=SECOND)
    ecr.update_pull_through_cache_rule(ecrRepositoryPrefix="docker-hub", credentialArn=arn)

    found = check(sandbox)

    assert f"{SECOND}, secret of docker-hub\tits value differs from that in {FIRST}\trun `aws secretsmanager" in found
    assert "of this Region alone" not in found
    replica = {"SecretId": "ecr-pullthroughcache/hub", "AddReplicaRegions": [{"Region": SECOND}]}
    here.replicate_secret_to_regions(**replica, ForceOverwriteReplicaSecret=True)
    for stack in stacks(sandbox, DEPLOYMENT.replace("STORE", "module")):
        stack.apply()
    assert check(sandbox).endswith("no findings\n")
