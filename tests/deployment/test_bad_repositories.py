"""Mistakes with the settings of repositories. Each is told with file, line, place, what is wrong and what to write."""

import pytest

from tests.conftest import Refusal
from tests.deployment.files import registry, settings


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param(
            settings("image_tag_mutability: mutable"),
            "deployment.yaml:4: registry.repositories.image_tag_mutability: cannot be 'mutable'; write MUTABLE, "
            "IMMUTABLE, MUTABLE_WITH_EXCLUSION or IMMUTABLE_WITH_EXCLUSION",
            id="mutability unknown",
        ),
        pytest.param(
            settings("image_tag_mutability: MUTABLE_WITH_EXCLUSION"),
            "deployment.yaml:4: registry.repositories.image_tag_mutability: MUTABLE_WITH_EXCLUSION needs "
            "filters; write `image_tag_mutability_exclusion_filters: ['latest*']`",
            id="exclusion without filters",
        ),
        pytest.param(
            settings("image_tag_mutability_exclusion_filters: [latest]"),
            "deployment.yaml:4: registry.repositories.image_tag_mutability_exclusion_filters: need "
            "`image_tag_mutability` to end in _WITH_EXCLUSION; write it so, or take them out",
            id="filters without exclusion",
        ),
        pytest.param(
            registry(
                repositories=(
                    "{image_tag_mutability: MUTABLE_WITH_EXCLUSION, image_tag_mutability_exclusion_filters: [latest]}"
                ),
                upstreams="{quay: {url: quay.io, repositories: {image_tag_mutability: MUTABLE}}}",
            ),
            "deployment.yaml:3: registry.upstreams.quay.repositories.image_tag_mutability_exclusion_filters: "
            "need `image_tag_mutability` to end in _WITH_EXCLUSION; write it so, or take them out",
            id="filters of the registry, without exclusion for an upstream",
        ),
        pytest.param(
            settings("image_tag_mutability: MUTABLE_WITH_EXCLUSION, image_tag_mutability_exclusion_filters: [latest]"),
            "deployment.yaml:4: registry.repositories.image_tag_mutability_exclusion_filters: needs version 3.1 "
            "of terraform-aws-modules/ecr/aws//modules/repository-template; write that into cdktf.json, where it "
            "is ~> 2.3.0",
            id="filters that the module lacks",
        ),
        pytest.param(
            settings("image_tag_mutability_exclusion_filters: ['a b']"),
            "deployment.yaml:4: registry.repositories.image_tag_mutability_exclusion_filters[0]: 'a b' is not a "
            "filter of tags; write up to 128 letters, digits and ._-, with `*` twice at most",
            id="form of a filter",
        ),
        pytest.param(
            settings("image_tag_mutability_exclusion_filters: ['*a*b*']"),
            "deployment.yaml:4: registry.repositories.image_tag_mutability_exclusion_filters[0]: '*a*b*' is not "
            "a filter of tags; write up to 128 letters, digits and ._-, with `*` twice at most",
            id="three wildcards in a filter",
        ),
        pytest.param(
            settings("image_tag_mutability_exclusion_filters: [a, b, c, d, e, f]"),
            "deployment.yaml:4: registry.repositories.image_tag_mutability_exclusion_filters: has 6 entries; "
            "write 5 at most",
            id="six filters",
        ),
        pytest.param(
            settings("encryption: {type: KMS}"),
            "deployment.yaml:4: registry.repositories.encryption.kms_key_arn: is missing; write the ARN of the KMS key",
            id="KMS without a key",
        ),
        pytest.param(
            settings("encryption: {kms_key_arn: 'arn:aws:kms:eu-central-1:123456789012:key/1'}"),
            "deployment.yaml:4: registry.repositories.encryption.kms_key_arn: is for KMS; write `type: KMS` "
            "beside it, or take it out",
            id="key without KMS",
        ),
        pytest.param(
            settings("encryption: {type: KMS, kms_key_arn: 'arn:aws:kms:us-east-1:123456789012:key/1'}"),
            "deployment.yaml:4: registry.repositories.encryption.kms_key_arn: has no key of eu-central-1; write "
            "an ARN for each Region",
            id="key of another Region",
        ),
        pytest.param(
            settings("encryption: {type: KMS, kms_key_arn: 'alias/mine'}"),
            "deployment.yaml:4: registry.repositories.encryption.kms_key_arn: 'alias/mine' is not a KMS key's "
            "ARN; write arn:aws:kms:<region>:<account id>:key/<id>",
            id="alias of a key",
        ),
        pytest.param(
            settings("tags: {'aws:mine': x}"),
            "deployment.yaml:4: registry.repositories.tags.aws:mine: 'aws:mine' is not the key of a tag; write "
            "up to 128 letters, digits, spaces and _.:/=+-@, not beginning with aws:",
            id="key of a tag",
        ),
        pytest.param(
            settings('tags: {mine: "a;b"}'),
            "deployment.yaml:4: registry.repositories.tags.mine: 'a;b' is not the value of a tag; write up to "
            "256 letters, digits, spaces and _.:/=+-@",
            id="value of a tag",
        ),
        pytest.param(
            settings("tags: {" + ", ".join(f"t{n}: x" for n in range(51)) + "}"),
            "deployment.yaml:4: registry.repositories.tags: has 51 entries; write 50 at most",
            id="51 tags",
        ),
        pytest.param(
            settings("lifecycle: {keep_last: 5, expire_after_days: 5}"),
            "deployment.yaml:4: registry.repositories.lifecycle.expire_after_days: cannot stand beside "
            "keep_last, as ECR takes one rule for all images; write one of the two",
            id="two lifecycle rules for all images",
        ),
        pytest.param(
            settings("lifecycle: {keep_last: 0}"),
            "deployment.yaml:4: registry.repositories.lifecycle.keep_last: is the number 0; write 1 or more",
            id="lifecycle that keeps nothing",
        ),
        pytest.param(
            settings("lifecycle: {keep_last: 5, policy: '{}'}"),
            "deployment.yaml:4: registry.repositories.lifecycle.policy: stands instead of the other keys; write "
            "either it or them",
            id="lifecycle policy beside a rule",
        ),
        pytest.param(
            settings("lifecycle: {policy: rules}"),
            "deployment.yaml:4: registry.repositories.lifecycle.policy: is not JSON (Expecting value: line 1 "
            "column 1 (char 0)); write a lifecycle policy as ECR has it",
            id="lifecycle policy that is not JSON",
        ),
        pytest.param(
            settings("lifecycle: {policy: '{\"rules\": []}'}"),
            "deployment.yaml:4: registry.repositories.lifecycle.policy: is not a lifecycle policy that ECR "
            "takes: it has no rules; write a list of `rules`",
            id="lifecycle policy: no rules",
        ),
        pytest.param(
            settings('lifecycle: {policy: \'{"rules": [{"rulePriority": 1}]}\'}'),
            "deployment.yaml:4: registry.repositories.lifecycle.policy: is not a lifecycle policy that ECR "
            "takes: rules[0] is not a rule; write rulePriority, selection and action",
            id="lifecycle policy: a rule without parts",
        ),
        pytest.param(
            settings('lifecycle: {policy: \'{"rules": [{"selection": {}, "action": {}}]}\'}'),
            "deployment.yaml:4: registry.repositories.lifecycle.policy: is not a lifecycle policy that ECR "
            "takes: rules[0] has no rulePriority; write a whole number from 1 on",
            id="lifecycle policy: no priority",
        ),
        pytest.param(
            settings('lifecycle: {policy: \'{"rules": [{"rulePriority": 1, "selection": {}, "action": {}}]}\'}'),
            "deployment.yaml:4: registry.repositories.lifecycle.policy: is not a lifecycle policy that ECR "
            "takes: rules[0] has no tagStatus in selection; write tagged, untagged or any",
            id="lifecycle policy: no tag status",
        ),
        pytest.param(
            settings(
                'lifecycle: {policy: \'{"rules": [{"rulePriority": 1, "selection": {"tagStatus": '
                '"tagged"}, "action": {}}]}\'}'
            ),
            "deployment.yaml:4: registry.repositories.lifecycle.policy: is not a lifecycle policy that ECR "
            "takes: rules[0] does not say which tags; write tagPatternList in selection",
            id="lifecycle policy: no tags",
        ),
        pytest.param(
            settings(
                'lifecycle: {policy: \'{"rules": [{"rulePriority": 1, "selection": {"tagStatus": "any"}, '
                '"action": {}}]}\'}'
            ),
            "deployment.yaml:4: registry.repositories.lifecycle.policy: is not a lifecycle policy that ECR "
            "takes: rules[0] has no countType or no countNumber in selection; write both",
            id="lifecycle policy: no count",
        ),
        pytest.param(
            settings(
                'lifecycle: {policy: \'{"rules": [{"rulePriority": 1, "selection": {"tagStatus": "any", '
                '"countType": "sinceImagePushed", "countNumber": 1}, "action": {}}]}\'}'
            ),
            "deployment.yaml:4: registry.repositories.lifecycle.policy: is not a lifecycle policy that ECR "
            "takes: rules[0] has no countUnit in selection; write days",
            id="lifecycle policy: no unit",
        ),
        pytest.param(
            settings(
                'lifecycle: {policy: \'{"rules": [{"rulePriority": 1, "selection": {"tagStatus": "any", '
                '"countType": "imageCountMoreThan", "countNumber": 1}, "action": {}}]}\'}'
            ),
            "deployment.yaml:4: registry.repositories.lifecycle.policy: is not a lifecycle policy that ECR "
            "takes: rules[0] has no type in action; write expire",
            id="lifecycle policy: no action",
        ),
        pytest.param(
            settings(
                'lifecycle: {policy: \'{"rules": [{"rulePriority": 1, "selection": {"tagStatus": '
                '"untagged", "countType": "imageCountMoreThan", "countNumber": 1}, "action": {"type": '
                '"expire"}}, {"rulePriority": 1, "selection": {"tagStatus": "untagged", "countType": '
                '"imageCountMoreThan", "countNumber": 1}, "action": {"type": "expire"}}]}\'}'
            ),
            "deployment.yaml:4: registry.repositories.lifecycle.policy: is not a lifecycle policy that ECR "
            "takes: two rules have rulePriority 1; write another",
            id="lifecycle policy: one priority twice",
        ),
        pytest.param(
            settings(
                'lifecycle: {policy: \'{"rules": [{"rulePriority": 1, "selection": {"tagStatus": "any", '
                '"countType": "imageCountMoreThan", "countNumber": 1}, "action": {"type": "expire"}}, '
                '{"rulePriority": 2, "selection": {"tagStatus": "untagged", "countType": '
                '"imageCountMoreThan", "countNumber": 1}, "action": {"type": "expire"}}]}\'}'
            ),
            "deployment.yaml:4: registry.repositories.lifecycle.policy: is not a lifecycle policy that ECR "
            "takes: a rule with tagStatus any is not the one and last; write the highest rulePriority there",
            id="lifecycle policy: any status first",
        ),
        pytest.param(
            settings(f"lifecycle: {{policy: '{' ' * 30721}'}}"),
            "deployment.yaml:4: registry.repositories.lifecycle.policy: has 30,721 characters; write 30,720 at most",
            id="lifecycle policy too long",
        ),
        pytest.param(
            settings("applied_for: [REPLICATION]"),
            "deployment.yaml:4: registry.repositories.applied_for: leaves cached repositories without these "
            "settings; write PULL_THROUGH_CACHE too",
            id="not for pull through caches",
        ),
        pytest.param(
            settings("applied_for: [PULL_THROUGH_CACHE, PULL_THROUGH_CACHE]"),
            "deployment.yaml:4: registry.repositories.applied_for: PULL_THROUGH_CACHE stands here twice; write it once",
            id="applied_for twice",
        ),
        pytest.param(
            settings(f"description: {'x' * 257}"),
            "deployment.yaml:4: registry.repositories.description: has 257 characters; write 256 at most",
            id="description too long",
        ),
        pytest.param(
            registry(account_id="'123456789012'", repositories="{role_arn: arn:aws:iam::210987654321:role/x}"),
            "deployment.yaml:5: registry.repositories.role_arn: 'arn:aws:iam::210987654321:role/x' is not in "
            "account_id 123456789012; write a role of that account",
            id="role of another account",
        ),
        pytest.param(
            settings("read_access: ['*']"),
            "deployment.yaml:4: registry.repositories.read_access[0]: '*' is not the ARN of an account, a role "
            "or a user; write for example arn:aws:iam::<account id>:root",
            id="everyone may read",
        ),
        pytest.param(
            settings("read_write_access: ['arn:aws:iam::123456789012:role/*']"),
            "deployment.yaml:4: registry.repositories.read_write_access[0]: 'arn:aws:iam::123456789012:role/*' "
            "is not the ARN of an account, a role or a user; write for example arn:aws:iam::<account id>:root",
            id="wildcard in a principal",
        ),
        pytest.param(
            settings("lambda_read_access: [my-function]"),
            "deployment.yaml:4: registry.repositories.lambda_read_access[0]: 'my-function' is not a Lambda "
            "function's ARN; write arn:aws:lambda:<region>:<account id>:function:<name>, or `*` for some of it",
            id="form of a function's ARN",
        ),
    ],
)
def test_a_mistake_is_told(refusal: Refusal, text: str, problem: str) -> None:
    assert refusal(text) == [problem]
