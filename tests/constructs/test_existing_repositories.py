"""The policies of repositories that exist already."""

import json

from cdktf import TerraformStack, Testing

from pull_through_cache.aws.prefixes import NamesUnder
from pull_through_cache.aws.statements import Statement
from pull_through_cache.constructs.existing_repositories import ExistingRepositories, ManagedRepositories
from tests.constructs.conftest import kinds

STATEMENT = Statement(
    sid="Read", actions=("ecr:BatchGetImage",), principals={"AWS": ("arn:aws:iam::210987654321:root",)}
)
QUAY = ManagedRepositories(
    names=NamesUnder("quay/", ("quay/team/",)), statements=[STATEMENT], lifecycle_policy='{"rules": []}'
)
TEAM = ManagedRepositories(names=NamesUnder("quay/team/"), statements=[STATEMENT])


def test_two_in_a_stack_are_separate(stack: TerraformStack) -> None:
    ExistingRepositories(stack, "one", caches={"quay": QUAY})
    ExistingRepositories(stack, "two", caches={"team": TEAM})

    assert kinds(Testing.synth(stack)) == {
        "data.aws_ecr_repositories": 2,
        "data.aws_iam_policy_document": 2,
        "aws_ecr_repository_policy": 2,
        "aws_ecr_lifecycle_policy": 1,
    }


def test_a_repository_belongs_to_the_most_specific_cache(stack: TerraformStack) -> None:
    ExistingRepositories(stack, "existing", caches={"quay": QUAY, "team": TEAM}, address="existing")

    synthesized = json.loads(Testing.synth(stack))
    names = "for name in data.aws_ecr_repositories.existing.names : name =>"
    assert synthesized["resource"]["aws_ecr_repository_policy"]["existing"] == {
        "for_each": f"${{merge({{ {names} data.aws_iam_policy_document.existing_quay.json "
        'if startswith(name, "quay/") && !startswith(name, "quay/team/") }, '
        f"{{ {names} data.aws_iam_policy_document.existing_team.json "
        'if startswith(name, "quay/team/") })}',
        "repository": "${each.key}",
        "policy": "${each.value}",
    }


def test_only_caches_with_a_lifecycle_policy_get_one(stack: TerraformStack) -> None:
    ExistingRepositories(stack, "existing", caches={"quay": QUAY, "team": TEAM}, address="existing")

    synthesized = json.loads(Testing.synth(stack))
    assert synthesized["locals"] == {"existing_quay": '{"rules": []}'}
    assert "team.json" not in synthesized["resource"]["aws_ecr_lifecycle_policy"]["existing"]["for_each"]


def test_without_policies_there_is_only_the_list_of_repositories(stack: TerraformStack) -> None:
    ExistingRepositories(
        stack, "existing", caches={"quay": ManagedRepositories(names=NamesUnder("quay/"), statements=[])}
    )

    assert kinds(Testing.synth(stack)) == {"data.aws_ecr_repositories": 1}
