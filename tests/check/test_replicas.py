"""The values of an upstream's secrets in two Regions, which check compares and never prints."""

import json

import pytest

from tests.aws import allow, policy
from tests.check.worlds import FIRST_PULL, LOGIN, PULL, REGISTRY_POLICY, REPOSITORY_POLICY, SECRET, VALUE, World

HERE, OTHER = "us-east-1", "eu-central-1"
CAUSE = f"its values in {HERE} and {OTHER} differ"
VARIABLES = "set TF_VAR_docker_hub_username and TF_VAR_docker_hub_access_token"
ADDRESS = "module.secrets_manager_dockerhub_credentials.aws_secretsmanager_secret_version.this[0]"
REMEDIES = {
    "module": f"{VARIABLES}, and run `terraform apply -replace='{ADDRESS}'` in the folder of shared-services-",
    "write_only": f"{VARIABLES}, raise `version` and deploy shared-services-",
}
"""Their beginnings, by store; the Region follows."""


@pytest.fixture
def two(world: World) -> World:
    """The world with a second Region, in which everything is as in the first."""
    world.deployment(f"regions: [{HERE}]", f"regions: [{HERE}, {OTHER}]")
    world.grant("eks-nodes", LOGIN, allow(*FIRST_PULL, *PULL, resource="*"))
    there = world.aws.client("ecr", region=OTHER)
    arn = world.aws.secret(SECRET, region=OTHER, SecretString=json.dumps(VALUE))
    credential = {"upstreamRegistryUrl": "registry-1.docker.io", "credentialArn": arn}
    for prefix, rule in {"quay": {"upstreamRegistryUrl": "quay.io"}, "docker-hub": credential}.items():
        there.create_pull_through_cache_rule(ecrRepositoryPrefix=prefix, **rule)
        there.create_repository_creation_template(
            prefix=prefix, appliedFor=["PULL_THROUGH_CACHE"], repositoryPolicy=policy(REPOSITORY_POLICY)
        )
    there.put_registry_policy(policyText=policy(REGISTRY_POLICY).replace(HERE, OTHER))
    return world


def renew(world: World) -> None:
    """A new value in the first Region alone."""
    world.secret_value(json.dumps({**VALUE, "accessToken": "a renewed token that nobody may see"}))


def test_the_same_values_are_no_finding(two: World) -> None:
    assert two.found() == {}


@pytest.mark.parametrize("store", REMEDIES)
def test_different_values_are_found(two: World, store: str) -> None:
    two.deployment("{name:", f"{{store: {store}, name:")
    renew(two)

    [(cause, remedy)] = two.found()["secret of docker-hub"]

    assert cause == CAUSE
    each = [f"{REMEDIES[store]}{region}" for region in (HERE, OTHER)]
    assert remedy == f"write the same value in each Region: {'; '.join(each)}"


def test_different_values_of_existing_secrets_are_found(two: World) -> None:
    arns = {
        region: two.aws.client("secretsmanager", region=region).describe_secret(SecretId=SECRET)["ARN"]
        for region in (HERE, OTHER)
    }
    two.deployment(f"{{name: {SECRET}}}", f"{{store: existing, secret_arn: {json.dumps(arns)}}}")
    assert two.found() == {}
    renew(two)

    [(_, remedy)] = two.found()["secret of docker-hub"]

    write = "write a value of `username` and `accessToken` into it, with `aws secretsmanager put-secret-value`"
    assert remedy == f"write the same value in each Region: {write}"


def test_no_value_is_printed(two: World) -> None:
    renew(two)
    result = two.run()
    assert "nobody may see" not in result.stdout + result.stderr


def test_a_secret_without_a_value_is_one_finding(two: World) -> None:
    two.aws.client("secretsmanager", region=OTHER).delete_secret(SecretId=SECRET, ForceDeleteWithoutRecovery=True)
    assert list(two.found()) == [f"{OTHER}, secret of docker-hub"]


def test_a_secret_that_should_be_a_replica_is_found(two: World) -> None:
    two.deployment(f"{{name: {SECRET}}}", f"{{name: {SECRET}, replicate: true}}")

    [(cause, remedy)] = two.found()[f"{OTHER}, secret of docker-hub"]

    assert cause == f"it is no replica of that in {HERE}"
    assert f"--region {HERE} --secret-id arn:aws:secretsmanager:{HERE}:" in remedy
    assert f"--add-replica-regions Region={OTHER} --force-overwrite-replica-secret`" in remedy


def test_a_replica_is_no_finding(two: World) -> None:
    two.deployment(f"{{name: {SECRET}}}", f"{{name: {SECRET}, replicate: true}}")
    replica = {"SecretId": SECRET, "AddReplicaRegions": [{"Region": OTHER}], "ForceOverwriteReplicaSecret": True}
    two.secrets.replicate_secret_to_regions(**replica)
    arn = two.aws.client("secretsmanager", region=OTHER).describe_secret(SecretId=SECRET)["ARN"]
    there = two.aws.client("ecr", region=OTHER)
    there.update_pull_through_cache_rule(ecrRepositoryPrefix="docker-hub", credentialArn=arn)

    assert two.found() == {}
