"""What the stack has for an upstream: its rule, its credentials, its role."""

import pytest
from cdktf_cdktf_provider_aws.ecr_pull_through_cache_rule import EcrPullThroughCacheRule
from cdktf_cdktf_provider_aws.secretsmanager_secret_version import SecretsmanagerSecretVersion

from tests.stacks.conftest import SharedServices, assert_has, caches


@pytest.mark.parametrize(
    ("upstream", "host"),
    [
        ("registry: ecr-public", "public.ecr.aws"),
        ("registry: k8s", "registry.k8s.io"),
        ("registry: quay", "quay.io"),
        ("registry: docker-hub, credentials: {}", "registry-1.docker.io"),
        ("registry: github-container-registry, credentials: {}", "ghcr.io"),
        ("registry: gitlab-container-registry, credentials: {}", "registry.gitlab.com"),
        ("registry: azure-container-registry, name: contoso, credentials: {}", "contoso.azurecr.io"),
        ("registry: chainguard, credentials: {}", "cgr.dev"),
        (
            "registry: ecr, account_id: '210987654321', region: us-east-1",
            "210987654321.dkr.ecr.us-east-1.amazonaws.com",
        ),
    ],
    ids=lambda value: value.split(",")[0].removeprefix("registry: "),
)
def test_a_registry_has_a_host(shared_services: SharedServices, upstream: str, host: str) -> None:
    assert caches(shared_services(upstreams=f"up: {{{upstream}}}"))["for_each"]["up"]["upstream_registry_url"] == host


def test_the_rule_of_another_accounts_registry_has_a_role(shared_services: SharedServices) -> None:
    stack = shared_services(
        upstreams="base: {registry: ecr, account_id: '210987654321', region: us-east-1, upstream_prefix: images}"
    )

    assert_has(
        stack,
        EcrPullThroughCacheRule,
        ecr_repository_prefix="base",
        upstream_registry_url="210987654321.dkr.ecr.us-east-1.amazonaws.com",
        upstream_repository_prefix="images",
        custom_role_arn="${aws_iam_role.base_upstream_role.arn}",
    )


def test_the_module_makes_no_rule_for_another_accounts_registry(shared_services: SharedServices) -> None:
    stack = shared_services(upstreams="base: {registry: ecr, account_id: '210987654321', region: us-east-1}")

    assert caches(stack)["create_pull_through_cache_rule"] is False


def test_the_role_reads_the_upstream_and_writes_the_cache(shared_services: SharedServices) -> None:
    stack = shared_services(
        upstreams="base: {registry: ecr, account_id: '210987654321', region: us-east-1, upstream_prefix: images}"
    )

    statements = stack["data"]["aws_iam_policy_document"]["base_upstream_role"]["statement"]
    assert [statement["resources"] for statement in statements] == [
        ["*"],
        ["arn:aws:ecr:us-east-1:210987654321:repository/images/*"],
        ["arn:aws:ecr:eu-west-1:${data.aws_caller_identity.current.account_id}:repository/base/*"],
    ]


def test_the_key_of_an_upstream_takes_no_other_address(shared_services: SharedServices) -> None:
    keys = ("ecr", "registry", "current", "container-registry")
    upstreams = ", ".join(
        f"{key}: {{registry: ecr, account_id: '{number}10987654321', region: us-east-1}}"
        for number, key in enumerate(keys, 2)
    )
    stack = shared_services("account_id: '123456789012', node_roles: [nodes]", upstreams=upstreams)

    documents = stack["data"]["aws_iam_policy_document"]
    assert len(documents) == len(keys) * 3 + len(("nodes", "registry policy"))


def test_similar_keys_with_different_stores_are_separate(shared_services: SharedServices) -> None:
    stack = shared_services(
        upstreams="docker-hub: {registry: docker-hub, credentials: {}}, "
        "dockerhub: {registry: docker-hub, credentials: {store: write_only}}"
    )

    assert "secrets_manager_dockerhub_credentials" in stack["module"]
    assert "dockerhub_credentials" in stack["resource"]["aws_secretsmanager_secret"]
    assert len(stack["variable"]) == 4


def test_an_upstream_can_have_an_existing_role(shared_services: SharedServices) -> None:
    role = "arn:aws:iam::123456789012:role/pull"
    stack = shared_services(
        upstreams=f"base: {{registry: ecr, account_id: '210987654321', region: us-east-1, role_arn: '{role}'}}"
    )

    assert_has(stack, EcrPullThroughCacheRule, custom_role_arn=role)
    assert "aws_iam_role" not in stack["resource"]


def test_the_policy_for_another_account_is_an_output(shared_services: SharedServices) -> None:
    role = "arn:aws:iam::123456789012:role/pull"
    stack = shared_services(
        upstreams=f"base: {{registry: ecr, account_id: '210987654321', region: us-east-1, role_arn: '{role}'}}"
    )

    [statement] = stack["data"]["aws_iam_policy_document"]["base_for_upstream"]["statement"]
    assert statement["principals"] == [{"type": "AWS", "identifiers": [role]}]
    assert stack["output"]["policies_for_upstreams"]["value"] == {
        "base": "${data.aws_iam_policy_document.base_for_upstream.json}"
    }


def test_a_registry_of_the_same_account_needs_no_role(shared_services: SharedServices) -> None:
    stack = shared_services(
        "account_id: '123456789012'", upstreams="base: {registry: ecr, account_id: '123456789012', region: us-east-1}"
    )

    assert "custom_role_arn" not in stack["resource"]["aws_ecr_pull_through_cache_rule"]["base"]
    assert "policies_for_upstreams" not in stack["output"]


def test_chainguard_can_have_an_upstream_prefix_and_credentials(shared_services: SharedServices) -> None:
    stack = shared_services(upstreams="cg: {registry: chainguard, upstream_prefix: example.com, credentials: {}}")

    assert_has(
        stack,
        EcrPullThroughCacheRule,
        upstream_repository_prefix="example.com",
        credential_arn="${[module.secrets_manager_cg_credentials.secret_arn, "
        "module.secrets_manager_cg_credentials.secret_version_id][0]}",
    )


def test_a_write_only_secret_replaces_the_modules(shared_services: SharedServices) -> None:
    stack = shared_services(
        upstreams="docker-hub: {registry: docker-hub, credentials: {store: write_only, version: 3}}"
    )

    assert set(stack["module"]) == {"ecr_pull_through_caches"}
    assert all(variable["ephemeral"] for variable in stack["variable"].values())
    assert_has(stack, SecretsmanagerSecretVersion, secret_string_wo_version=3)
    assert caches(stack)["for_each"]["docker-hub"]["credential_arn"] == (
        "${[aws_secretsmanager_secret.dockerhub_credentials.arn, "
        "aws_secretsmanager_secret_version.dockerhub_credentials.version_id][0]}"
    )


def test_a_write_only_secret_needs_terraform_1_11(shared_services: SharedServices) -> None:
    stack = shared_services(upstreams="docker-hub: {registry: docker-hub, credentials: {store: write_only}}")

    assert stack["terraform"]["required_version"] == ">= 1.11"


def test_by_default_only_the_account_can_read_a_write_only_secret(shared_services: SharedServices) -> None:
    stack = shared_services(upstreams="docker-hub: {registry: docker-hub, credentials: {store: write_only}}")

    [statement] = stack["data"]["aws_iam_policy_document"]["dockerhub_credentials"]["statement"]
    assert statement["principals"] == [
        {"type": "AWS", "identifiers": ["arn:aws:iam::${data.aws_caller_identity.current.account_id}:root"]}
    ]


def test_an_existing_secret_is_used(shared_services: SharedServices) -> None:
    arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:ecr-pullthroughcache/hub-AbCdEf"
    stack = shared_services(
        upstreams=f"hub: {{registry: docker-hub, credentials: {{store: existing, secret_arn: '{arn}'}}}}"
    )

    assert caches(stack)["for_each"]["hub"]["credential_arn"] == arn
    assert "variable" not in stack
    assert set(stack["module"]) == {"ecr_pull_through_caches"}


def test_a_secret_can_have_a_name_and_readers(shared_services: SharedServices) -> None:
    admin = "arn:aws:iam::123456789012:role/admin"
    stack = shared_services(
        upstreams="hub: {registry: docker-hub, "
        f"credentials: {{name: ecr-pullthroughcache/hub, read_access: ['{admin}']}}}}"
    )

    secret = stack["module"]["secrets_manager_hub_credentials"]
    assert secret["name"] == "ecr-pullthroughcache/hub"
    assert "name_prefix" not in secret
    assert secret["policy_statements"]["read"]["principals"] == [{"type": "AWS", "identifiers": [admin]}]


def test_adopted_caches_are_imported(shared_services: SharedServices) -> None:
    stack = shared_services(upstreams="quay: {registry: quay, adopt: true}, k8s: {registry: k8s}")

    assert stack["import"] == [
        {"to": f'module.ecr_pull_through_caches["quay"].{resource}.this[0]', "id": "quay"}
        for resource in ("aws_ecr_pull_through_cache_rule", "aws_ecr_repository_creation_template")
    ]


@pytest.mark.parametrize(
    ("store", "address"),
    [
        ("module", "module.secrets_manager_hub_credentials.aws_secretsmanager_secret.this[0]"),
        ("write_only", "aws_secretsmanager_secret.hub_credentials"),
    ],
)
def test_an_adopted_secret_is_imported(shared_services: SharedServices, store: str, address: str) -> None:
    arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:ecr-pullthroughcache/hub-AbCdEf"
    credentials = f"{{store: {store}, name: ecr-pullthroughcache/hub, adopt: '{arn}'}}"
    stack = shared_services(upstreams=f"hub: {{registry: docker-hub, credentials: {credentials}}}")

    assert stack["import"] == [{"to": address, "id": arn}]
    assert stack["terraform"]["required_version"] == (">= 1.11" if store == "write_only" else ">= 1.5")


def test_the_settings_of_a_registry_are_imported_by_its_account(shared_services: SharedServices) -> None:
    stack = shared_services(
        "account_id: '123456789012', registry_policy: {scope: V2, adopt: true}, scanning: {type: BASIC, adopt: true}"
    )

    assert stack["import"] == [
        {"to": "aws_ecr_registry_policy.registry", "id": "123456789012"},
        {"to": "aws_ecr_account_setting.registry_policy_scope", "id": "REGISTRY_POLICY_SCOPE"},
        {"to": "aws_ecr_registry_scanning_configuration.registry", "id": "123456789012"},
    ]
    assert stack["terraform"]["required_version"] == ">= 1.5"


@pytest.mark.parametrize(
    ("part", "resource"),
    [("rule", "aws_ecr_pull_through_cache_rule"), ("template", "aws_ecr_repository_creation_template")],
)
def test_one_part_of_a_cache_is_imported(shared_services: SharedServices, part: str, resource: str) -> None:
    stack = shared_services(upstreams=f"quay: {{registry: quay, adopt: [{part}]}}")

    assert [each["to"] for each in stack["import"]] == [f'module.ecr_pull_through_caches["quay"].{resource}.this[0]']


def test_an_import_needs_terraform_1_5(shared_services: SharedServices) -> None:
    stack = shared_services(upstreams="quay: {registry: quay, adopt: true}")

    assert stack["terraform"]["required_version"] == ">= 1.5"


def test_a_renamed_upstream_is_moved(shared_services: SharedServices) -> None:
    stack = shared_services(
        upstreams="hub: {registry: docker-hub, prefix: docker-hub, renamed_from: docker-hub, credentials: {}}"
    )

    assert stack["moved"] == [
        {"from": 'module.ecr_pull_through_caches["docker-hub"]', "to": 'module.ecr_pull_through_caches["hub"]'},
        {"from": "module.secrets_manager_dockerhub_credentials", "to": "module.secrets_manager_hub_credentials"},
    ]


@pytest.mark.parametrize(
    "upstream",
    [
        "registry: docker-hub, credentials: {}",
        "registry: docker-hub, credentials: {store: write_only}",
        "registry: chainguard, upstream_prefix: example.com, credentials: {}",
        "registry: ecr, account_id: '210987654321', region: us-east-1",
    ],
)
def test_everything_of_a_renamed_upstream_is_moved(shared_services: SharedServices, upstream: str) -> None:
    stack = shared_services(upstreams=f"new: {{{upstream}, prefix: old, renamed_from: old}}")

    managed = {f"module.{name}" for name in stack["module"]} - {"module.ecr_pull_through_caches"}
    managed |= {f"{kind}.{name}" for kind, named in stack.get("resource", {}).items() for name in named}
    of_the_registry = {"aws_ecr_registry_policy.registry"}
    caches_of_all = {'module.ecr_pull_through_caches["new"]'}
    assert {block["to"] for block in stack["moved"]} == (managed - of_the_registry) | caches_of_all


def test_an_unchanged_address_is_not_moved(shared_services: SharedServices) -> None:
    stack = shared_services(
        upstreams="docker-hub: {registry: docker-hub, prefix: hub, renamed_from: dockerhub, credentials: {}}"
    )

    assert [block["to"] for block in stack["moved"]] == ['module.ecr_pull_through_caches["docker-hub"]']


def test_the_addresses_of_the_caches_are_an_output(shared_services: SharedServices) -> None:
    stack = shared_services(upstreams="quay: {registry: quay}, all: {registry: k8s, prefix: ROOT}")

    host = "${data.aws_caller_identity.current.account_id}.dkr.ecr.eu-west-1.amazonaws.com"
    assert stack["output"]["cache_addresses"]["value"] == {"quay": f"{host}/quay", "all": host}
