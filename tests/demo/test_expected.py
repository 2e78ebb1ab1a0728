"""What the demo makes for a deployment file before the first apply."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from demo.accounts import organization_of
from demo.expected import NotEmulated, create_expected
from emulator.aws import Emulator
from emulator.organization import Account
from pull_through_cache.deployment import load
from tests.aws import Aws, error_of
from tests.conftest import Load

FILE = Path(__file__).with_name("expecting.yaml")
REGISTRY, WORKLOAD, UPSTREAM = Account("111111111111", ""), Account("222222222222", ""), Account("333333333333", "")
SECRETS = "arn:aws:secretsmanager:eu-west-1:111111111111:secret:ecr-pullthroughcache"


@pytest.fixture(scope="module")
def aws() -> Iterator[Aws]:
    """The accounts of the file, with what it expects."""
    deployment = load(FILE)
    with Emulator.start(organization_of(deployment)) as emulator:
        list(create_expected(emulator, deployment))
        yield Aws(emulator)


@pytest.mark.parametrize(
    ("account", "role", "policies"),
    [
        pytest.param(REGISTRY, "arn:aws:iam::111111111111:role/eks-nodes", [], id="nodes, by name"),
        pytest.param(WORKLOAD, "arn:aws:iam::222222222222:role/eks/nodes", [], id="nodes, by ARN and by name"),
        pytest.param(WORKLOAD, "arn:aws:iam::222222222222:role/terraform", ["everything"], id="Terraform's"),
        pytest.param(WORKLOAD, "arn:aws:iam::222222222222:role/ci/scanner", ["everything"], id="a reader"),
        pytest.param(REGISTRY, "arn:aws:iam::111111111111:role/ecr-pull", ["everything"], id="an upstream's"),
    ],
)
def test_roles(aws: Aws, account: Account, role: str, policies: list[str]) -> None:
    iam, name = aws.client("iam", account), role.rpartition("/")[2]

    assert iam.get_role(RoleName=name)["Role"]["Arn"] == role
    assert iam.list_role_policies(RoleName=name)["PolicyNames"] == policies


def test_a_user(aws: Aws) -> None:
    arn = aws.client("iam", WORKLOAD).get_user(UserName="somebody")["User"]["Arn"]

    assert arn == "arn:aws:iam::222222222222:user/somebody"


def test_a_permissions_boundary(aws: Aws) -> None:
    arn = "arn:aws:iam::111111111111:policy/platform/boundary"

    assert aws.client("iam", REGISTRY).get_policy(PolicyArn=arn)["Policy"]["PolicyName"] == "boundary"


@pytest.mark.parametrize("arn", [f"{SECRETS}/hub-AbCdEf", f"{SECRETS}/former-gitlab-AbCdEf"])
def test_secrets(aws: Aws, arn: str) -> None:
    secrets = aws.client("secretsmanager", REGISTRY, "eu-west-1")

    assert secrets.get_secret_value(SecretId=arn)["SecretString"] == (
        '{"username": "somebody", "accessToken": "anything"}'
    )


def test_what_is_adopted(aws: Aws) -> None:
    ecr = aws.client("ecr", REGISTRY, "eu-west-1")
    rules = ecr.describe_pull_through_cache_rules()["pullThroughCacheRules"]
    templates = ecr.describe_repository_creation_templates()["repositoryCreationTemplates"]

    assert [rule["ecrRepositoryPrefix"] for rule in rules] == ["quay", "hub", "gitlab", "other"]
    assert [template["prefix"] for template in templates] == ["quay", "gitlab", "other"]


def test_a_registry_policy_that_is_not_adopted(aws: Aws) -> None:
    assert error_of(aws.client("ecr", REGISTRY, "eu-west-1").get_registry_policy).startswith("RegistryPolicyNotFound")


@pytest.mark.parametrize(
    ("account", "region", "repositories"),
    [
        pytest.param(
            UPSTREAM,
            "eu-west-1",
            [
                "111111111111-eks-nodes/team/image",
                "222222222222-nodes-2-x/team/image",
                "222222222222-nodes/team/image",
                "base/images/111111111111-eks-nodes/team/image",
                "base/images/222222222222-nodes-2-x/team/image",
                "base/images/222222222222-nodes/team/image",
            ],
            id="another account",
        ),
        pytest.param(
            REGISTRY,
            "eu-north-1",
            [
                "111111111111-eks-nodes/team/image",
                "222222222222-nodes-2-x/team/image",
                "222222222222-nodes/team/image",
            ],
            id="another Region",
        ),
    ],
)
def test_an_image_for_each_node_role_in_ecr(aws: Aws, account: Account, region: str, repositories: list[str]) -> None:
    ecr: Any = aws.client("ecr", account, region)
    found = sorted(each["repositoryName"] for each in ecr.describe_repositories()["repositories"])

    assert found == repositories
    assert ecr.list_images(repositoryName=found[0])["imageIds"][0]["imageTag"] == "1"


def test_a_managed_policy_that_the_emulator_lacks(aws: Aws, load_text: Load) -> None:
    deployment = load_text("""
        registry:
          account_id: "111111111111"
          regions: [us-east-1]
          permissions_boundary: arn:aws:iam::aws:policy/ViewOnlyAccess
          upstreams: {quay: {registry: quay}}
        """)
    with pytest.raises(NotEmulated, match=r"ViewOnlyAccess; write one of AdministratorAccess, .*PowerUserAccess, or a"):
        list(create_expected(aws.emulator, deployment))
