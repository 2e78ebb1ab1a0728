"""Mistakes with who may pull, and its limits. Each is told with line, place, what is wrong and what to write."""

import pytest

from tests.conftest import Refusal
from tests.deployment.files import registry, settings


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param(
            registry(pull_access="{organization: example}"),
            "deployment.yaml:4: registry.pull_access.organization: 'example' is not an organization's id; write "
            "o-<id>, or caller for the caller's own",
            id="organization",
        ),
        pytest.param(
            registry(pull_access="{organizational_units: [ou-ab12-11111111]}"),
            "deployment.yaml:4: registry.pull_access.organizational_units[0]: 'ou-ab12-11111111' is not the path "
            "of an organizational unit; write o-<id>/r-<root>/ou-<unit>/, with * behind it for the units below "
            "as well",
            id="organizational unit: its id",
        ),
        pytest.param(
            registry(pull_access="{organizational_units: [o-a1b2c3d4e5/r-ab12/ou-ab12-11111111]}"),
            "deployment.yaml:4: registry.pull_access.organizational_units[0]: "
            "'o-a1b2c3d4e5/r-ab12/ou-ab12-11111111' is not the path of an organizational unit; write "
            "o-<id>/r-<root>/ou-<unit>/, with * behind it for the units below as well",
            id="organizational unit: no slash at the end",
        ),
        pytest.param(
            registry(pull_access="{organizational_units: [o-a1b2c3d4e5/ou-ab12-11111111/*]}"),
            "deployment.yaml:4: registry.pull_access.organizational_units[0]: 'o-a1b2c3d4e5/ou-ab12-11111111/*' "
            "is not the path of an organizational unit; write o-<id>/r-<root>/ou-<unit>/, with * behind it for "
            "the units below as well",
            id="organizational unit: no root",
        ),
        pytest.param(
            registry(pull_access="{accounts: [210987654321]}"),
            "deployment.yaml:4: registry.pull_access.accounts[0]: must be text, not the number 210987654321; "
            "write it in quotes",
            id="account as a number",
        ),
        pytest.param(
            registry(pull_access="{accounts: ['210987654321', '210987654321']}"),
            "deployment.yaml:4: registry.pull_access.accounts: 210987654321 stands here twice; write it once",
            id="account twice",
        ),
        pytest.param(
            registry(registry_policy="manged"),
            "deployment.yaml:4: registry.registry_policy: cannot be 'manged'; write managed, external or none",
            id="registry policy unknown",
        ),
        pytest.param(
            registry(registry_policy="1"),
            "deployment.yaml:4: registry.registry_policy: must hold keys with values, not the number 1; write "
            "for example `registry_policy: managed`",
            id="registry policy as a number",
        ),
        pytest.param(
            registry(pull_access="{}", registry_policy="external"),
            "deployment.yaml:5: registry.registry_policy: has nothing to put out, as `pull_access` is empty; "
            "write who may pull, or `none`",
            id="external policy with nothing to output",
        ),
        pytest.param(
            registry(registry_policy="external", outputs="false"),
            "deployment.yaml:5: registry.outputs: are where the `external` registry policy stands; write "
            "`outputs: true`, or take it out",
            id="external policy without outputs",
        ),
        pytest.param(
            registry(registry_policy="{mode: external, scope: V2}"),
            "deployment.yaml:4: registry.registry_policy.scope: is set with a managed policy only; write `mode: "
            "managed`, or take it out",
            id="scope of an external policy",
        ),
        pytest.param(
            registry(pull_access="{}", registry_policy="{scope: V2}"),
            "deployment.yaml:5: registry.registry_policy: has a scope and no statements, as `pull_access` is "
            "empty; take `scope` out",
            id="scope without a statement",
        ),
        pytest.param(
            settings(
                "read_access: [" + ", ".join(f'"arn:aws:iam::{n}:root"' for n in range(10**11, 10**11 + 300)) + "]"
            ),
            "deployment.yaml:3: registry.upstreams.public-ecr: has a policy of repositories that would have "
            "10,590 characters, and AWS takes 10,240; name fewer pull_access, readers or statements",
            id="repository policy too long",
        ),
        pytest.param(
            registry(scanning="{type: BASIC, frequency: CONTINUOUS_SCAN}"),
            "deployment.yaml:4: registry.scanning.frequency: CONTINUOUS_SCAN is for ENHANCED; write "
            "SCAN_ON_PUSH, or `type: ENHANCED`",
            id="basic scanning, continuously",
        ),
        pytest.param(
            registry(account_id="'123456789012'", permissions_boundary="arn:aws:iam::210987654321:policy/x"),
            "deployment.yaml:5: registry.permissions_boundary: 'arn:aws:iam::210987654321:policy/x' is not in "
            "account_id 123456789012; write a policy of that account",
            id="boundary of another account",
        ),
        pytest.param(
            registry(role_path="platform"),
            "deployment.yaml:4: registry.role_path: 'platform' is not an IAM path; write one such as /platform/",
            id="form of a path",
        ),
        pytest.param(
            registry(node_roles="[arn:aws:iam::210987654321:role/a, arn:aws:iam::123456789012:role/b]"),
            "deployment.yaml:4: registry.node_roles: are of the accounts 123456789012 and 210987654321; write "
            "those of one account",
            id="nodes of two accounts",
        ),
        pytest.param(
            registry(
                account_id="'123456789012'",
                node_roles="[a]",
                regions="[eu-central-1, eu-west-1]",
                upstreams="{"
                + ", ".join(f"q{n}: {{url: quay.io, prefix: a-rather-long-prefix-of-{n}}}" for n in range(10, 55))
                + "}",
            ),
            "deployment.yaml:1: registry: needs a policy of nodes that would have 7,320 characters, and AWS "
            "takes 6,144; name fewer upstreams or regions",
            id="nodes' policy too long",
        ),
    ],
)
def test_a_mistake_is_told(refusal: Refusal, text: str, problem: str) -> None:
    assert refusal(text) == [problem]
