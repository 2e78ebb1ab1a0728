"""Mistakes with statements of policies. Each is told with line, place, what is wrong and what to write."""

import pytest

from tests.conftest import Refusal
from tests.deployment.files import registry, settings

IDENTIFY = (
    "no condition identifies the callers; add one, for example aws:PrincipalOrgID (for a service aws:SourceAccount) with "
    "StringEquals, or name the accounts"
)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param(
            registry(
                registry_policy=(
                    "{mode: none, extra_statements: [{sid: Audit, actions: [ecr:DescribeImages], principals: "
                    '{AWS: ["123456789012"]}, resources: ["*"]}]}'
                )
            ),
            "deployment.yaml:4: registry.registry_policy.extra_statements: need a registry policy; write `mode: "
            "managed`, or take them out",
            id="statements for no policy",
        ),
        pytest.param(
            registry(
                registry_policy=(
                    "{scope: V2, extra_statements: [{sid: Audit, actions: [ecr:DescribeImages], principals: "
                    '{AWS: ["123456789012"]}}]}'
                )
            ),
            "deployment.yaml:4: registry.registry_policy.extra_statements[0].resources: are missing, which "
            "registry policies want; write `resources: ['arn:aws:ecr:…']`",
            id="statement of a registry without resources",
        ),
        pytest.param(
            registry(
                registry_policy=(
                    "{extra_statements: [{sid: Audit, actions: [ecr:DescribeImages], principals: {AWS: "
                    '["123456789012"]}, resources: ["*"]}]}'
                )
            ),
            "deployment.yaml:4: registry.registry_policy.scope: V1 does not accept ecr:DescribeImages of "
            "extra_statements; write `scope: V2`",
            id="action that V1 does not accept",
        ),
        pytest.param(
            registry(
                registry_policy=(
                    "{scope: V2, extra_statements: [{sid: AllowPullThroughFromAccounts, actions: "
                    '[ecr:ReplicateImage], principals: {AWS: ["123456789012"]}, resources: ["*"]}]}'
                )
            ),
            "deployment.yaml:4: registry.registry_policy.extra_statements[0].sid: AllowPullThroughFromAccounts "
            "is the name of a statement that is made here; write another",
            id="sid of a statement made here",
        ),
        pytest.param(
            settings(
                'statements: [{sid: ReadWrite, actions: [ecr:DescribeImages], principals: {AWS: ["123456789012"]}}]'
            ),
            "deployment.yaml:4: registry.repositories.statements[0].sid: ReadWrite is the name of a statement "
            "that is made here; write another",
            id="sid of the module",
        ),
        pytest.param(
            registry(
                upstreams="{quay: {url: quay.io, repositories: {statements: [{sid: ReadWrite, "
                "actions: [ecr:DescribeImages], principals: {AWS: ['123456789012']}}]}}}"
            ),
            "deployment.yaml:3: registry.upstreams.quay.repositories.statements[0].sid: ReadWrite is the name of a "
            "statement that is made here; write another",
            id="sid of the module, for an upstream",
        ),
        pytest.param(
            settings(
                "statements: [{sid: Audit, actions: [ecr:DescribeImages], principals: {AWS: "
                '["123456789012"]}}, {sid: Audit, actions: [ecr:DescribeImages], principals: {AWS: '
                '["123456789012"]}}]'
            ),
            "deployment.yaml:4: registry.repositories.statements[1].sid: Audit is the name of another statement "
            "already; write another",
            id="sid twice",
        ),
        pytest.param(
            settings('statements: [{sid: my sid, actions: [ecr:DescribeImages], principals: {AWS: ["123456789012"]}}]'),
            "deployment.yaml:4: registry.repositories.statements[0].sid: 'my sid' is not a statement's name; "
            "write letters and digits",
            id="form of a sid",
        ),
        pytest.param(
            settings(
                "statements: [{sid: Audit, actions: [ecr:DescribeImages], principals: {AWS: "
                '["123456789012"]}, resources: ["*"]}]'
            ),
            "deployment.yaml:4: registry.repositories.statements[0].resources: are refused in repository "
            "policies, which are about one; take them out",
            id="statement of a repository with resources",
        ),
        pytest.param(
            settings('statements: [{sid: Audit, actions: [ecr:DescribeImages], principals: {AWS: ["*"]}}]'),
            "deployment.yaml:4: registry.repositories.statements[0].principals: '*' lets in every account, "
            f"and {IDENTIFY}",
            id="everyone without a condition",
        ),
        pytest.param(
            settings(
                'statements: [{sid: Audit, actions: [ecr:DescribeImages], principals: {AWS: ["*"]}, '
                'conditions: [{test: "StringNotEquals", variable: "aws:PrincipalOrgID", values: [o-a1b2c3d4e5]}]}]'
            ),
            "deployment.yaml:4: registry.repositories.statements[0].principals: '*' lets in every account, "
            f"and {IDENTIFY}",
            id="everyone with a condition that holds for strangers",
        ),
        pytest.param(
            registry(
                registry_policy=(
                    "{extra_statements: [{sid: A, actions: [ecr:ReplicateImage], principals: {Service: "
                    '[codebuild.amazonaws.com]}, resources: ["*"]}]}'
                )
            ),
            "deployment.yaml:4: registry.registry_policy.extra_statements[0].principals: codebuild.amazonaws.com "
            f"acts for every account, and {IDENTIFY}",
            id="service that writes for everyone",
        ),
        pytest.param(
            settings("read_access: ['*']"),
            "deployment.yaml:4: registry.repositories.read_access[0]: '*' is not the ARN of an account, a role or a "
            "user; write for example arn:aws:iam::<account id>:root",
            id="everyone in read_access",
        ),
        pytest.param(
            settings(
                "statements: [{sid: Audit, actions: [ecr:DescribeImages], principals: {AWS: "
                '["123456789012"]}, conditions: [{test: StringEquals, variable: "aws:PrincipalOrgID", '
                "values: []}]}]"
            ),
            "deployment.yaml:4: registry.repositories.statements[0].conditions[0].values: is empty; write for "
            "example `values: [o-a1b2c3d4e5]`",
            id="condition without values",
        ),
        pytest.param(
            settings(
                "statements: [{sid: Audit, actions: [ecr:DescribeImages], principals: {AWS: "
                '["123456789012"]}, conditions: [{test: StringLike, variable: "aws:PrincipalArn", '
                'values: [a]}, {test: StringLike, variable: "aws:principalarn", values: [b]}]}]'
            ),
            "deployment.yaml:4: registry.repositories.statements[0].conditions[1]: is about what conditions[0] "
            "is about already; write one condition with all values",
            id="one condition twice",
        ),
        pytest.param(
            settings(
                "statements: [{sid: Audit, actions: [ecr:DescribeImages], principals: {AWS: "
                '["123456789012"]}, conditions: [{test: Equals, variable: "aws:PrincipalArn", values: '
                "[a]}]}]"
            ),
            "deployment.yaml:4: registry.repositories.statements[0].conditions[0].test: 'Equals' is not a "
            "condition operator; write one such as StringEquals",
            id="condition operator",
        ),
        pytest.param(
            settings(
                "statements: [{sid: Audit, actions: [ecr:DescribeImages], principals: {AWS: "
                '["123456789012"]}, conditions: [{test: StringEquals, variable: PrincipalArn, values: '
                "[a]}]}]"
            ),
            "deployment.yaml:4: registry.repositories.statements[0].conditions[0].variable: 'PrincipalArn' is "
            "not a context key; write one such as aws:PrincipalOrgID",
            id="context key",
        ),
        pytest.param(
            settings('statements: [{sid: A, actions: [s3:GetObject], principals: {AWS: ["123456789012"]}}]'),
            "deployment.yaml:4: registry.repositories.statements[0].actions[0]: 's3:GetObject' is not an action "
            "of ECR; write one such as ecr:BatchGetImage",
            id="action of another service",
        ),
        pytest.param(
            settings("statements: [{sid: A, actions: [ecr:DescribeImages], principals: {}}]"),
            "deployment.yaml:4: registry.repositories.statements[0].principals: is empty; write for example "
            "`principals: {AWS: ['arn:aws:iam::123456789012:root']}`",
            id="no principals",
        ),
        pytest.param(
            settings(
                'statements: [{sid: A, actions: [ecr:DescribeImages], principals: {Role: ["*"]}, '
                'conditions: [{test: StringEquals, variable: "aws:PrincipalArn", values: [a]}]}]'
            ),
            "deployment.yaml:4: registry.repositories.statements[0].principals.Role: cannot be 'Role'; write "
            "AWS, Service or Federated",
            id="kind of principal",
        ),
        pytest.param(
            settings("statements: [{sid: A, actions: [ecr:DescribeImages], principals: {AWS: [nodes]}}]"),
            "deployment.yaml:4: registry.repositories.statements[0].principals.AWS[0]: 'nodes' is not a "
            "principal; write for example arn:aws:iam::<account id>:root, or * with a condition",
            id="form of a principal",
        ),
        pytest.param(
            registry(
                registry_policy=(
                    "{extra_statements: [{sid: A, actions: [ecr:ReplicateImage], principals: {AWS: "
                    '["123456789012"]}, resources: [quay/*]}]}'
                )
            ),
            "deployment.yaml:4: registry.registry_policy.extra_statements[0].resources[0]: 'quay/*' is not the "
            "ARN of repositories; write one such as arn:aws:ecr:*:<account id>:repository/<prefix>/*",
            id="form of a resource",
        ),
        pytest.param(
            registry(
                registry_policy=(
                    '{extra_statements: [{sid: A, actions: [ecr:ReplicateImage], resources: ["*"], principals: {AWS: ['
                )
                + ", ".join(f'"{n}"' for n in range(10**11, 10**11 + 700))
                + "]}}]}"
            ),
            "deployment.yaml:4: registry.registry_policy: would have 10,947 characters, and AWS takes 10,240; "
            "name fewer pull_access, upstreams or extra_statements",
            id="registry policy too long",
        ),
    ],
)
def test_a_mistake_is_told(refusal: Refusal, text: str, problem: str) -> None:
    assert refusal(text) == [problem]
