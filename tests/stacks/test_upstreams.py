"""What an upstream makes: its rule, its credentials, its role."""

import json
from typing import Any

import pytest
from cdktf_cdktf_provider_aws.data_aws_caller_identity import DataAwsCallerIdentity
from cdktf_cdktf_provider_aws.ecr_pull_through_cache_rule import EcrPullThroughCacheRule
from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy
from cdktf_cdktf_provider_aws.secretsmanager_secret import SecretsmanagerSecret
from cdktf_cdktf_provider_aws.secretsmanager_secret_policy import SecretsmanagerSecretPolicy
from cdktf_cdktf_provider_aws.secretsmanager_secret_version import SecretsmanagerSecretVersion

from tests.stacks.conftest import Synthesize, has


def stack(synthesize: Synthesize, upstreams: str, registry: str = "regions: [eu-west-1]") -> Any:
    text = f"registry: {{{registry}, upstreams: {{{upstreams}}}}}"
    return json.loads(synthesize(text)["shared-services-eu-west-1"])


def caches(stack: Any) -> Any:
    return stack["module"]["ecr_pull_through_caches"]


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
def test_a_registry_is_named_by_ecrs_name_for_it(synthesize: Synthesize, upstream: str, host: str) -> None:
    assert caches(stack(synthesize, f"up: {{{upstream}}}"))["for_each"]["up"]["upstream_registry_url"] == host


def test_the_rule_of_another_accounts_registry_has_a_role(synthesize: Synthesize) -> None:
    synthesized = stack(
        synthesize, "base: {registry: ecr, account_id: '210987654321', region: us-east-1, upstream_prefix: images}"
    )

    assert has(
        synthesized,
        EcrPullThroughCacheRule,
        ecr_repository_prefix="base",
        upstream_registry_url="210987654321.dkr.ecr.us-east-1.amazonaws.com",
        upstream_repository_prefix="images",
        custom_role_arn="${aws_iam_role.base_upstream_role.arn}",
    )
    assert caches(synthesized)["create_pull_through_cache_rule"] is False


def test_the_made_role_reads_the_upstream_and_writes_the_cache_only(synthesize: Synthesize) -> None:
    synthesized = stack(
        synthesize, "base: {registry: ecr, account_id: '210987654321', region: us-east-1, upstream_prefix: images}"
    )

    assert has(
        synthesized,
        IamRolePolicy,
        role="${aws_iam_role.base_upstream_role.id}",
        policy="${data.aws_iam_policy_document.base_upstream_role.json}",
    )
    token, upstream, cache = synthesized["data"]["aws_iam_policy_document"]["base_upstream_role"]["statement"]
    assert (token["actions"], token["resources"]) == (["ecr:GetAuthorizationToken"], ["*"])
    assert upstream["resources"] == ["arn:aws:ecr:us-east-1:210987654321:repository/images/*"]
    assert "ecr:PutImage" not in upstream["actions"]
    assert cache["resources"] == [
        "arn:aws:ecr:eu-west-1:${data.aws_caller_identity.current.account_id}:repository/base/*"
    ]


def test_only_ecr_can_assume_the_made_role(synthesize: Synthesize) -> None:
    synthesized = stack(synthesize, "base: {registry: ecr, account_id: '210987654321', region: us-east-1}")

    assert has(synthesized, IamRole, assume_role_policy="${data.aws_iam_policy_document.base_upstream_role_trust.json}")
    [trust] = synthesized["data"]["aws_iam_policy_document"]["base_upstream_role_trust"]["statement"]
    assert trust["principals"] == [{"type": "Service", "identifiers": ["pullthroughcache.ecr.amazonaws.com"]}]


def test_no_key_of_an_upstream_takes_another_address(synthesize: Synthesize) -> None:
    keys = ("ecr", "registry", "current", "container-registry")
    upstreams = ", ".join(
        f"{key}: {{registry: ecr, account_id: '{number}10987654321', region: us-east-1}}"
        for number, key in enumerate(keys, 2)
    )
    synthesized = stack(synthesize, upstreams, "account_id: '123456789012', node_roles: [nodes], regions: [eu-west-1]")

    documents = synthesized["data"]["aws_iam_policy_document"]
    assert len(documents) == len(keys) * 3 + len(("nodes", "registry policy"))


def test_a_given_role_is_taken_and_let_in(synthesize: Synthesize) -> None:
    role = "arn:aws:iam::123456789012:role/pull"
    synthesized = stack(
        synthesize, f"base: {{registry: ecr, account_id: '210987654321', region: us-east-1, role_arn: '{role}'}}"
    )

    assert has(synthesized, EcrPullThroughCacheRule, custom_role_arn=role)
    [statement] = synthesized["data"]["aws_iam_policy_document"]["base_for_upstream"]["statement"]
    assert statement["principals"] == [{"type": "AWS", "identifiers": [role]}]
    assert synthesized["output"]["policies_for_upstreams"]["value"] == {
        "base": "${data.aws_iam_policy_document.base_for_upstream.json}"
    }


def test_the_same_accounts_registry_needs_no_role(synthesize: Synthesize) -> None:
    synthesized = stack(
        synthesize,
        "base: {registry: ecr, account_id: '123456789012', region: us-east-1}",
        "account_id: '123456789012', regions: [eu-west-1]",
    )

    assert "custom_role_arn" not in synthesized["resource"]["aws_ecr_pull_through_cache_rule"]["base"]
    assert "policies_for_upstreams" not in synthesized["output"]


def test_a_part_of_chainguard_can_be_cached(synthesize: Synthesize) -> None:
    synthesized = stack(synthesize, "cg: {registry: chainguard, upstream_prefix: example.com, credentials: {}}")

    assert has(
        synthesized,
        EcrPullThroughCacheRule,
        upstream_repository_prefix="example.com",
        credential_arn="${[module.secrets_manager_cg_credentials.secret_arn, "
        "module.secrets_manager_cg_credentials.secret_version_id][0]}",
    )


def test_a_write_only_value_is_ephemeral_and_versioned(synthesize: Synthesize) -> None:
    synthesized = stack(synthesize, "docker-hub: {registry: docker-hub, credentials: {store: write_only, version: 3}}")

    assert has(
        synthesized,
        SecretsmanagerSecretVersion,
        secret_id="${aws_secretsmanager_secret.dockerhub_credentials.id}",
        secret_string_wo='${jsonencode({"username" = var.docker_hub_username, '
        '"accessToken" = var.docker_hub_access_token})}',
        secret_string_wo_version=3,
    )
    assert "secret_string" not in synthesized["resource"]["aws_secretsmanager_secret_version"]["dockerhub_credentials"]
    assert all(variable["ephemeral"] and variable["sensitive"] for variable in synthesized["variable"].values())
    assert synthesized["terraform"]["required_version"] == ">= 1.11"
    assert set(synthesized["module"]) == {"ecr_pull_through_caches"}


def test_a_write_only_secret_can_be_read_by_the_account_only(synthesize: Synthesize) -> None:
    synthesized = stack(synthesize, "docker-hub: {registry: docker-hub, credentials: {store: write_only}}")

    assert has(
        synthesized,
        SecretsmanagerSecret,
        name_prefix="ecr-pullthroughcache/dockerhub-credentials",
        recovery_window_in_days=30,
    )
    assert has(
        synthesized,
        SecretsmanagerSecretPolicy,
        secret_arn="${aws_secretsmanager_secret.dockerhub_credentials.arn}",
        policy="${data.aws_iam_policy_document.dockerhub_credentials.json}",
        block_public_policy=True,
    )
    [statement] = synthesized["data"]["aws_iam_policy_document"]["dockerhub_credentials"]["statement"]
    assert statement["principals"] == [
        {"type": "AWS", "identifiers": ["arn:aws:iam::${data.aws_caller_identity.current.account_id}:root"]}
    ]


def test_an_existing_secret_is_used_and_nothing_made(synthesize: Synthesize) -> None:
    arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:ecr-pullthroughcache/hub-AbCdEf"
    synthesized = stack(
        synthesize, f"hub: {{registry: docker-hub, credentials: {{store: existing, secret_arn: '{arn}'}}}}"
    )

    assert caches(synthesized)["for_each"]["hub"]["credential_arn"] == arn
    assert "variable" not in synthesized
    assert set(synthesized["module"]) == {"ecr_pull_through_caches"}


def test_a_secret_can_have_a_name_and_readers(synthesize: Synthesize) -> None:
    admin = "arn:aws:iam::123456789012:role/admin"
    synthesized = stack(
        synthesize,
        f"hub: {{registry: docker-hub, credentials: {{name: ecr-pullthroughcache/hub, read_access: ['{admin}']}}}}",
    )

    secret = synthesized["module"]["secrets_manager_hub_credentials"]
    assert secret["name"] == "ecr-pullthroughcache/hub"
    assert "name_prefix" not in secret
    assert secret["policy_statements"]["read"]["principals"] == [{"type": "AWS", "identifiers": [admin]}]


def test_adopted_caches_are_imported(synthesize: Synthesize) -> None:
    synthesized = stack(synthesize, "quay: {registry: quay, adopt: true}, k8s: {registry: k8s}")

    assert synthesized["import"] == [
        {"to": f'module.ecr_pull_through_caches["quay"].{resource}.this[0]', "id": "quay"}
        for resource in ("aws_ecr_pull_through_cache_rule", "aws_ecr_repository_creation_template")
    ]
    assert synthesized["terraform"]["required_version"] == ">= 1.5"


def test_a_renamed_upstream_moves_all_it_has(synthesize: Synthesize) -> None:
    synthesized = stack(
        synthesize, "hub: {registry: docker-hub, prefix: docker-hub, renamed_from: docker-hub, credentials: {}}"
    )

    assert synthesized["moved"] == [
        {"from": 'module.ecr_pull_through_caches["docker-hub"]', "to": 'module.ecr_pull_through_caches["hub"]'},
        {"from": "module.secrets_manager_dockerhub_credentials", "to": "module.secrets_manager_hub_credentials"},
    ]


def test_what_keeps_its_address_is_not_moved(synthesize: Synthesize) -> None:
    synthesized = stack(
        synthesize, "docker-hub: {registry: docker-hub, prefix: hub, renamed_from: dockerhub, credentials: {}}"
    )

    assert [block["to"] for block in synthesized["moved"]] == ['module.ecr_pull_through_caches["docker-hub"]']


def test_clusters_are_told_where_to_pull_from(synthesize: Synthesize) -> None:
    synthesized = stack(synthesize, "quay: {registry: quay}, all: {registry: k8s, prefix: ROOT}")

    assert has(synthesized, DataAwsCallerIdentity)
    host = "${data.aws_caller_identity.current.account_id}.dkr.ecr.eu-west-1.amazonaws.com"
    assert synthesized["output"]["cache_addresses"]["value"] == {"quay": f"{host}/quay", "all": host}
