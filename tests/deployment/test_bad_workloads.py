"""Mistakes with workloads. Each is told with file, line, place, what is wrong and what to write."""

import pytest

from tests.conftest import Refusal
from tests.deployment.files import registry, workloads


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param(
            workloads('My_App: {account_id: "210987654321", node_roles: [nodes]}'),
            "deployment.yaml:4: workloads.My_App: 'My_App' cannot name a workload; write up to 64 lower-case "
            "letters and digits with single '-' between them",
            id="name",
        ),
        pytest.param(
            workloads("app: {node_roles: [nodes]}"),
            "deployment.yaml:4: workloads.app.account_id: is missing; write for example `account_id: '210987654321'`",
            id="without an account",
        ),
        pytest.param(
            workloads('app: {account_id: "210987654321"}'),
            "deployment.yaml:4: workloads.app.node_roles: is missing; write for example `node_roles: [eks-nodes]`",
            id="without roles",
        ),
        pytest.param(
            workloads('app: {account_id: "210987654321", node_roles: []}'),
            "deployment.yaml:4: workloads.app.node_roles: is empty; write for example `node_roles: [eks-nodes]`",
            id="no roles",
        ),
        pytest.param(
            workloads('app: {account_id: "210987654321", node_roles: [nodes], region: us-east-1}'),
            "deployment.yaml:4: workloads.app.region: us-east-1 has no caches; write a Region of the registry: "
            "eu-central-1",
            id="Region without caches",
        ),
        pytest.param(
            workloads('app: {account_id: "210987654321", node_roles: ["arn:aws:iam::123456789012:role/nodes"]}'),
            "deployment.yaml:4: workloads.app.node_roles: 'arn:aws:iam::123456789012:role/nodes' is not a role "
            "of account_id 210987654321; write a role of that account",
            id="role of another account",
        ),
        pytest.param(
            workloads(
                'app: {account_id: "210987654321", node_roles: [nodes], assume_role_arn: '
                '"arn:aws:iam::123456789012:role/terraform"}'
            ),
            "deployment.yaml:4: workloads.app.assume_role_arn: 'arn:aws:iam::123456789012:role/terraform' is not "
            "a role of account_id 210987654321; write a role of that account",
            id="way in through another account",
        ),
        pytest.param(
            workloads('app: {account_id: "210987654321", node_roles: [nodes, NODES]}'),
            "deployment.yaml:4: workloads.app.node_roles: the role nodes stands here twice; write it once",
            id="role twice",
        ),
        pytest.param(
            workloads(
                'a: {account_id: "210987654321", node_roles: [x]}', 'b: {account_id: "210987654321", node_roles: [y]}'
            ),
            "deployment.yaml:4: workloads.b.policy_name: the policy container-registry-pull-through-access of "
            "account 210987654321 is that of a already; write another `policy_name`",
            id="two workloads with one policy name",
        ),
        pytest.param(
            registry(account_id="'210987654321'", node_roles="[nodes]")
            + 'workloads: {a: {account_id: "210987654321", node_roles: [x]}}\n',
            "deployment.yaml:6: workloads.a.policy_name: the policy container-registry-pull-through-access of "
            "account 210987654321 is the registry's own already; write another `policy_name`",
            id="policy name of the registry's nodes",
        ),
        pytest.param(
            registry(node_roles='["arn:aws:iam::210987654321:role/nodes"]')
            + 'workloads: {a: {account_id: "210987654321", node_roles: [x]}}\n',
            "deployment.yaml:5: workloads.a.policy_name: the policy container-registry-pull-through-access of "
            "account 210987654321 is the registry's own already; write another `policy_name`",
            id="policy name of the registry's nodes, account from a role",
        ),
        pytest.param(
            registry(pull_access='{accounts: ["123456789012"]}')
            + 'workloads: {a: {account_id: "210987654321", node_roles: [x]}}\n',
            "deployment.yaml:5: workloads.a.account_id: account 210987654321 may not pull; write it in "
            "registry.pull_access.accounts too",
            id="account that may not pull",
        ),
        pytest.param(
            workloads('app: {account_id: "210987654321", node_roles: [nodes], policy_name: a/b}'),
            "deployment.yaml:4: workloads.app.policy_name: 'a/b' is not a policy's name; write up to 128 "
            "letters, digits and _+=,.@-",
            id="policy name",
        ),
        pytest.param(
            registry(
                account_id="'123456789012'",
                regions="[eu-central-1, eu-west-1]",
                upstreams="{"
                + ", ".join(f"q{n}: {{url: quay.io, prefix: a-rather-long-prefix-of-{n}}}" for n in range(10, 55))
                + "}",
            )
            + 'workloads: {a: {account_id: "210987654321", node_roles: [x]}}\n',
            "deployment.yaml:5: workloads: needs a policy of nodes that would have 7,320 characters, and AWS "
            "takes 6,144; name fewer upstreams or regions",
            id="nodes' policy too long",
        ),
    ],
)
def test_a_mistake_is_told(refusal: Refusal, text: str, problem: str) -> None:
    assert refusal(text) == [problem]
