"""Mistakes with Terraform's own settings. Each is told with file, line, place, what is wrong and what to write."""

import pytest

from tests.conftest import Refusal
from tests.deployment.files import registry, terraform


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param(
            terraform("backend: {s3: {}, http: {}}"),
            "deployment.yaml:4: terraform.backend: names 's3' and 'http'; write one backend",
            id="two backends",
        ),
        pytest.param(
            terraform("backend: {S3: {bucket: b}}"),
            "deployment.yaml:4: terraform.backend.S3: is not a backend of Terraform; write one of azurerm, "
            "cloud, consul, cos, gcs, http, kubernetes, local, oci, oss, pg, remote, s3",
            id="unknown backend",
        ),
        pytest.param(
            terraform("backend: {s3: {region: eu-central-1}}"),
            "deployment.yaml:4: terraform.backend.s3: needs `bucket`; write it",
            id="s3 without a bucket",
        ),
        pytest.param(
            terraform("backend: {cloud: {}}"),
            "deployment.yaml:4: terraform.backend.cloud: needs `organization`; write it",
            id="cloud without an organization",
        ),
        pytest.param(
            terraform('backend: {http: {address: "https://a.example/{stack}", password: hunter2}}'),
            "deployment.yaml:4: terraform.backend.http.password: is a secret, which no file may hold; give it to "
            "Terraform by its environment",
            id="secret in a backend",
        ),
        pytest.param(
            terraform("backend: {s3: {bucket: b, region: eu-central-1, assume_role: {token: x}}}"),
            "deployment.yaml:4: terraform.backend.s3.assume_role.token: is a secret, which no file may hold; "
            "give it to Terraform by its environment",
            id="secret inside a backend's block",
        ),
        pytest.param(
            terraform('backend: {http: {address: "https://a.example/${terraform.workspace}"}}'),
            "deployment.yaml:4: terraform.backend.http.address: holds '${' or '%{', which Terraform would evaluate; "
            "write it without",
            id="expression in a backend",
        ),
        pytest.param(
            terraform('backend: {local: {path: "{stack}", x: .nan}}'),
            "deployment.yaml:4: terraform.backend.local.x: is neither text, nor a number, nor true or false; "
            "write it in quotes",
            id="no number in a backend",
        ),
        pytest.param(
            terraform('backend: {http: {address: "https://a.example/state"}}', regions="[eu-central-1, us-east-1]"),
            "deployment.yaml:4: terraform.backend: is one state for all stacks; write `{stack}` where their "
            "states' names must differ",
            id="one state for two stacks",
        ),
        pytest.param(
            terraform(
                'backend: {s3: {bucket: b, region: eu-central-1, key: state, profile: "{stack}"}}',
                regions="[eu-central-1, us-east-1]",
            ),
            "deployment.yaml:4: terraform.backend: is one state for all stacks; write `{stack}` where their "
            "states' names must differ",
            id="one key for two stacks",
        ),
        pytest.param(
            terraform(
                "backend: {cloud: {organization: o, workspaces: {name: caches}}}", regions="[eu-central-1, us-east-1]"
            ),
            "deployment.yaml:4: terraform.backend: is one state for all stacks; write `{stack}` where their "
            "states' names must differ",
            id="one workspace for two stacks",
        ),
        pytest.param(
            terraform("required_providers: {aws: ~> 5.30.0}"),
            "deployment.yaml:4: terraform.required_providers.aws: '~> 5.30.0' allows no version from 5.100.0 on; "
            "write one that does",
            id="AWS provider too old",
        ),
        pytest.param(
            terraform("backend: {s3: {bucket: b, region: eu-central-1}}, required_version: ~> 1.5.0"),
            "deployment.yaml:4: terraform.required_version: '~> 1.5.0' allows no version from 1.10 on, which "
            "this file needs; write one that does",
            id="Terraform too old for the lock of S3",
        ),
        pytest.param(
            terraform('required_version: "< 1.5"', upstreams="{quay: {url: quay.io, adopt: true}}"),
            "deployment.yaml:4: terraform.required_version: '< 1.5' allows no version from 1.5 on, which this "
            "file needs; write one that does",
            id="Terraform too old for imports",
        ),
        pytest.param(
            terraform('required_version: "1.0.11"', upstreams="{quay: {url: quay.io, renamed_from: old}}"),
            "deployment.yaml:4: terraform.required_version: '1.0.11' allows no version from 1.1 on, which this "
            "file needs; write one that does",
            id="Terraform too old for moves",
        ),
        pytest.param(
            terraform('required_version: ">= 2, < 1"'),
            "deployment.yaml:4: terraform.required_version: '>= 2, < 1' allows no version from 1.0 on, which "
            "this file needs; write one that does",
            id="no such version",
        ),
        pytest.param(
            terraform("default_tags: {Owner: a, owner: b}"),
            "deployment.yaml:4: terraform.default_tags: have the key owner twice but for its case, which IAM "
            "refuses; write it once",
            id="tags that differ in case",
        ),
        pytest.param(
            terraform('default_tags: {"aws:x": a}'),
            "deployment.yaml:4: terraform.default_tags.aws:x: 'aws:x' is not the key of a tag; write up to 128 "
            "letters, digits, spaces and _.:/=+-@, not beginning with aws:",
            id="tag of AWS",
        ),
        pytest.param(
            "terraform:\n" + registry(),
            "deployment.yaml:1: terraform: must hold keys with values, not nothing; write for example "
            "`terraform: {default_tags: {owner: platform}}`",
            id="not a mapping",
        ),
        pytest.param(
            "silence: [first-pul]\n" + registry(),
            "deployment.yaml:1: silence[0]: cannot be 'first-pul'; write any-registry, catch-all, first-pull, "
            "immutable-tags, others-overwrite, services-for-everyone, shadowed-prefix or untagged-images",
            id="silenced warning unknown",
        ),
        pytest.param(
            'strict: "yes"\n' + registry(),
            "deployment.yaml:1: strict: must be true or false, not 'yes'; write true or false",
            id="strict as text",
        ),
    ],
)
def test_a_mistake_is_told(refusal: Refusal, text: str, problem: str) -> None:
    assert refusal(text) == [problem]
