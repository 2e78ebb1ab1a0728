"""Defaults of a deployment file, and what follows from its keys."""

from pathlib import Path

import pytest

from pull_through_cache.deployment import load
from tests.conftest import Load, ProblemsOf

PROJECT = Path(__file__).parents[2]


def test_the_blog_post_is_a_deployment() -> None:
    registry = load(PROJECT / "deployments" / "blog-post.yaml").registry

    assert registry.regions == ("eu-central-1",)
    assert {key: upstream.url for key, upstream in registry.upstreams.items()} == {
        "public-ecr": "public.ecr.aws",
        "docker-hub": "registry-1.docker.io",
    }


@pytest.mark.parametrize(
    ("entry", "prefix"),
    [
        pytest.param("public-ecr: {url: public.ecr.aws}", "public-ecr", id="the key"),
        pytest.param("public_ecr: {url: public.ecr.aws}", "public-ecr", id="the key with dashes"),
        pytest.param("public-ecr: {url: public.ecr.aws, prefix: aws/public}", "aws/public", id="its own"),
        pytest.param("public-ecr: {url: public.ecr.aws, prefix: ROOT}", "ROOT", id="ROOT"),
        pytest.param(f"{'k' * 31}: {{url: registry.k8s.io}}", "kubernetes", id="the usual one for a long key"),
        pytest.param("k: {registry: k8s}", "kubernetes", id="the usual one for a short key"),
    ],
)
def test_the_prefix_of_an_upstream(load_text: Load, entry: str, prefix: str) -> None:
    registry = load_text(f"registry: {{regions: [eu-west-1], upstreams: {{{entry}}}}}").registry

    assert [registry.prefix(key) for key in registry.upstreams] == [prefix]


def test_versions_have_defaults(load_text: Load) -> None:
    deployment = load_text("registry: {regions: [eu-west-1], upstreams: {quay: {url: quay.io}}}")

    assert deployment.required_version == ">= 1.0"
    assert deployment.terraform.required_providers.aws == ">= 5.100.0, < 7.0.0"


@pytest.mark.parametrize("constraint", ["1.11.4", "= 1.5", ">= 1.5, < 2.0, != 1.9.1", "~>5.100", ">= 6.0.0-beta1"])
def test_version_constraints_of_terraform_are_accepted(load_text: Load, constraint: str) -> None:
    deployment = load_text(f"""\
        registry: {{regions: [eu-west-1], upstreams: {{quay: {{url: quay.io}}}}}}
        terraform: {{required_version: '{constraint}'}}
        """)

    assert deployment.terraform.required_version == constraint


def test_yaml_merge_keys_and_aliases_work(load_text: Load) -> None:
    registry = load_text("""\
        registry:
          regions: [eu-west-1]
          upstreams:
            docker-hub: &hub {url: registry-1.docker.io, credentials: {}}
            docker-team: {<<: *hub, prefix: team}
        """).registry

    assert registry.upstreams["docker-team"].url == "registry-1.docker.io"


@pytest.mark.parametrize(
    ("upstream", "terraform", "constraint"),
    [
        pytest.param("{url: quay.io, adopt: true}", "{}", ">= 1.5", id="adopt"),
        pytest.param("{url: quay.io, renamed_from: old}", "{}", ">= 1.1", id="renamed"),
        pytest.param("{url: ghcr.io, credentials: {store: write_only}}", "{}", ">= 1.11", id="write_only"),
        pytest.param("{url: quay.io}", "{backend: {cloud: {organization: o}}}", ">= 1.1", id="cloud"),
        pytest.param(
            "{url: quay.io}", "{backend: {s3: {bucket: b, region: us-east-1}}}", ">= 1.10", id="the lock of s3"
        ),
        pytest.param(
            "{url: quay.io}",
            "{backend: {s3: {bucket: b, region: us-east-1, use_lockfile: false}}}",
            ">= 1.0",
            id="s3 without a lock",
        ),
        pytest.param(
            "{url: quay.io, adopt: true}", "{required_version: ~> 1.3}", "~> 1.3, >= 1.5", id="besides the file's own"
        ),
    ],
)
def test_terraform_must_know_what_the_file_uses(
    load_text: Load, upstream: str, terraform: str, constraint: str
) -> None:
    deployment = load_text(f"""\
        registry: {{regions: [eu-west-1], upstreams: {{q1: {upstream}}}}}
        terraform: {terraform}
        """)

    assert deployment.required_version == constraint


@pytest.mark.parametrize("arn", ["{key}", "{{us-east-1: {key}}}"], ids=["one", "one for each Region"])
def test_a_value_of_a_region_is_given_once_or_for_each(load_text: Load, arn: str) -> None:
    key = "'arn:aws:kms:us-east-1:123456789012:key/1'"
    encryption = f"{{type: KMS, kms_key_arn: {arn.format(key=key)}}}"

    registry = load_text(f"""\
        registry:
          regions: [us-east-1]
          upstreams: {{quay: {{url: quay.io}}}}
          repositories: {{encryption: {encryption}}}
        """).registry

    assert registry.repositories.encryption.key_in("us-east-1") == key.strip("'")


def test_awss_own_key_is_accepted_with_a_role_of_your_own(load_text: Load) -> None:
    registry = load_text("""\
        registry:
          regions: [us-east-1]
          upstreams: {quay: {url: quay.io}}
          repositories: {encryption: {type: KMS}, role_arn: "arn:aws:iam::123456789012:role/templates"}
        """).registry

    assert registry.repository_settings("quay").needs_role


@pytest.mark.parametrize(
    "path", ["o-a1b2c3d4e5/r-ab12/", "o-a1b2c3d4e5/r-ab12/*", "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/"]
)
def test_a_path_in_the_organization_may_be_that_of_its_root(load_text: Load, path: str) -> None:
    registry = load_text(f"""\
        registry:
          regions: [us-east-1]
          upstreams: {{quay: {{url: quay.io}}}}
          pull_access: {{organizational_units: ['{path}']}}
        """).registry

    assert registry.pull_access.organizational_units == (path,)


@pytest.mark.parametrize(
    ("own", "constraint"),
    [
        pytest.param("{}", ">= 5.100.0, < 7.0.0, >= 6.28.0", id="default"),
        pytest.param("{required_providers: {aws: ~> 6.0}}", "~> 6.0, >= 6.28.0", id="the file's own"),
    ],
)
def test_create_on_push_raises_the_provider(load_text: Load, own: str, constraint: str) -> None:
    deployment = load_text(f"""\
        registry:
          regions: [us-east-1]
          upstreams: {{quay: {{url: quay.io}}}}
          repositories: {{applied_for: [PULL_THROUGH_CACHE, CREATE_ON_PUSH]}}
        terraform: {own}
        """)

    assert deployment.aws_version == constraint


def test_a_lock_table_replaces_the_lock_file(load_text: Load) -> None:
    terraform = load_text("""\
        registry: {regions: [us-east-1], upstreams: {quay: {url: quay.io}}}
        terraform:
          required_version: ~> 1.5.0
          backend: {s3: {bucket: b, region: us-east-1, dynamodb_table: locks}}
        """).terraform

    assert terraform.backend_of("one") == (
        "s3",
        {
            "bucket": "b",
            "region": "us-east-1",
            "key": "ecr-pull-through-cache/one.tfstate",
            "encrypt": True,
            "dynamodb_table": "locks",
        },
    )


def test_all_problems_are_reported_in_the_order_of_the_file(problems_of: ProblemsOf) -> None:
    problems = problems_of("""\
        registry:
          regions: [mars-north-1]
          upstreams:
            docker-hub: {url: registry-1.docker.io}
            quay: {url: quay.io}
            k8s: {url: registry.k8s.io, prefix: quay}
          account_id: 123456789012
        teraform: {}
        """)

    assert [problem.split(": ")[:2] for problem in problems] == [
        ["deployment.yaml:2", "registry.regions[0]"],
        ["deployment.yaml:4", "registry.upstreams.docker-hub.credentials"],
        ["deployment.yaml:6", "registry.upstreams.k8s.prefix"],
        ["deployment.yaml:7", "registry.account_id"],
        ["deployment.yaml:8", "teraform"],
    ]


@pytest.mark.parametrize("setting", ["mode: managed", "scope: V1", "scope: V2"])
def test_every_action_may_be_granted_under_each_scope(load_text: Load, setting: str) -> None:
    registry = load_text(f"""\
        registry:
          regions: [us-east-1]
          upstreams: {{quay: {{url: quay.io}}}}
          registry_policy:
            {setting}
            extra_statements:
              - {{sid: A, actions: ["ecr:*"], principals: {{AWS: ["123456789012"]}}, resources: ["*"]}}
        """).registry

    assert registry.registry_policy.extra_statements[0].actions == ("ecr:*",)
