"""`repositories: {existing: managed}` in the stack of a registry."""

from pathlib import Path

import pytest

from pull_through_cache.aws.policies import MODULE_SIDS
from pull_through_cache.deployment import load
from stacks.app import build_app
from stacks.output import synthesize
from tests.stacks.conftest import SharedServices, caches

MANAGED = "repositories: {existing: managed, lifecycle: {keep_last: 20}}"
THREE = "quay: {registry: quay}, team: {registry: quay, prefix: quay/team}, all: {registry: k8s, prefix: ROOT}"


def test_it_is_off_by_default(shared_services: SharedServices) -> None:
    stack = shared_services()

    assert "aws_ecr_repository_policy" not in stack["resource"]
    assert "aws_ecr_repositories" not in stack["data"]


def test_an_upstream_can_have_its_own_choice(shared_services: SharedServices) -> None:
    upstreams = "quay: {registry: quay, repositories: {existing: unmanaged}}, k8s: {registry: k8s}"
    for_each = shared_services(MANAGED, upstreams=upstreams)["resource"]["aws_ecr_repository_policy"]["existing"][
        "for_each"
    ]

    assert 'startswith(name, "k8s/")' in for_each
    assert "quay" not in for_each


def test_repositories_of_root_and_of_more_specific_caches_are_left_out(shared_services: SharedServices) -> None:
    upstreams = THREE.replace("quay/team", "quay/team, repositories: {existing: unmanaged}")
    stack = shared_services(MANAGED, upstreams=upstreams)

    assert stack["resource"]["aws_ecr_repository_policy"]["existing"]["for_each"] == (
        "${merge({ for name in data.aws_ecr_repositories.existing.names : name => "
        "data.aws_iam_policy_document.existing_quay.json "
        'if startswith(name, "quay/") && !startswith(name, "quay/team/") })}'
    )


def test_the_policy_has_the_statements_of_the_template(shared_services: SharedServices) -> None:
    reader = "read_write_access: ['arn:aws:iam::210987654321:root']"
    stack = shared_services(MANAGED.replace("{existing", f"{{{reader}, existing"))

    statements = stack["data"]["aws_iam_policy_document"]["existing_quay"]["statement"]
    of_the_template = caches(stack)["repository_policy_statements"]
    assert {each["sid"] for each in statements} == {MODULE_SIDS[0], MODULE_SIDS[2], *of_the_template}


def test_keys_that_differ_only_in_a_dash_are_separate(shared_services: SharedServices) -> None:
    stack = shared_services(MANAGED, upstreams="a-b: {registry: quay}, a_b: {registry: k8s, prefix: other}")

    assert {"existing_a-b", "existing_a_b"} <= stack["data"]["aws_iam_policy_document"].keys()


@pytest.mark.parametrize("prefix", ["quay/", "a.b-c_d/e"])
def test_its_expressions_pass_the_last_check(tmp_path: Path, prefix: str) -> None:
    file = tmp_path / "deployment.yaml"
    file.write_text(
        f"registry: {{regions: [eu-west-1], {MANAGED}, upstreams: {{quay: {{registry: quay, prefix: {prefix}}}}}}}"
    )
    deployment = load(file)

    synthesize(lambda folder: build_app(deployment, outdir=folder), tmp_path / "out")

    assert (tmp_path / "out" / "stacks" / "shared-services-eu-west-1" / "cdk.tf.json").is_file()
