"""Mistakes with credentials. Each is told with file, line, place, what is wrong and what to write."""

import pytest

from tests.conftest import Refusal
from tests.deployment.files import docker_hub, registry


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param(
            docker_hub("store: vault"),
            "deployment.yaml:3: registry.upstreams.docker-hub.credentials.store: cannot be 'vault'; write "
            "module, write_only or existing",
            id="store unknown",
        ),
        pytest.param(
            docker_hub("store: existing"),
            "deployment.yaml:3: registry.upstreams.docker-hub.credentials.secret_arn: is missing; write the ARN "
            "of the existing secret",
            id="existing without an ARN",
        ),
        pytest.param(
            docker_hub(
                "secret_arn: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:ecr-pullthroughcache/hub'"
            ),
            "deployment.yaml:3: registry.upstreams.docker-hub.credentials.secret_arn: belongs to an existing "
            "secret; write `store: existing` beside it, or take it out",
            id="ARN of a secret made here",
        ),
        pytest.param(
            docker_hub("store: existing, secret_arn: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:hub'"),
            "deployment.yaml:3: registry.upstreams.docker-hub.credentials.secret_arn: "
            "'arn:aws:secretsmanager:eu-central-1:123456789012:secret:hub' is not the ARN of a secret that ECR "
            "can read; write arn:aws:secretsmanager:<region>:<account id>:secret:ecr-pullthroughcache/<name>",
            id="secret whose name ECR does not read",
        ),
        pytest.param(
            docker_hub(
                "store: existing, secret_arn: "
                "'arn:aws:secretsmanager:us-east-1:123456789012:secret:ecr-pullthroughcache/hub'"
            ),
            "deployment.yaml:3: registry.upstreams.docker-hub.credentials.secret_arn: has no secret of "
            "eu-central-1; write an ARN for each Region",
            id="secret of another Region",
        ),
        pytest.param(
            docker_hub(
                "store: existing, secret_arn: {eu-central-1: "
                "'arn:aws:secretsmanager:eu-central-1:123456789012:secret:ecr-pullthroughcache/hub', "
                "us-east-1: "
                "'arn:aws:secretsmanager:us-east-1:123456789012:secret:ecr-pullthroughcache/hub'}"
            ),
            "deployment.yaml:3: registry.upstreams.docker-hub.credentials.secret_arn.us-east-1: is not a Region "
            "of the registry; write one of eu-central-1",
            id="secret for a Region that has no caches",
        ),
        pytest.param(
            docker_hub(
                "store: existing, secret_arn: {eu-centrl-1: "
                "'arn:aws:secretsmanager:eu-central-1:123456789012:secret:ecr-pullthroughcache/hub'}"
            ),
            "deployment.yaml:3: registry.upstreams.docker-hub.credentials.secret_arn.eu-centrl-1: 'eu-centrl-1' "
            "is not an AWS Region; write one such as eu-central-1",
            id="secret for what is no Region",
        ),
        pytest.param(
            docker_hub("store: existing, secret_arn: [a]"),
            "deployment.yaml:3: registry.upstreams.docker-hub.credentials.secret_arn: must be text, not a list; "
            "write text",
            id="secret as a list",
        ),
        pytest.param(
            registry(
                account_id="'210987654321'",
                upstreams=(
                    "{docker-hub: {registry: docker-hub, credentials: {store: existing, secret_arn: "
                    "'arn:aws:secretsmanager:eu-central-1:123456789012:secret:ecr-pullthroughcache/hub'}}}"
                ),
            ),
            "deployment.yaml:3: registry.upstreams.docker-hub.credentials.secret_arn: "
            "'arn:aws:secretsmanager:eu-central-1:123456789012:secret:ecr-pullthroughcache/hub' is not in "
            "account_id 210987654321; write a secret of that account",
            id="secret of another account",
        ),
        pytest.param(
            docker_hub("version: 2"),
            "deployment.yaml:3: registry.upstreams.docker-hub.credentials.version: is for write_only values; "
            "write `store: write_only` beside it, or take it out",
            id="version of a value that Terraform keeps",
        ),
        pytest.param(
            docker_hub("store: write_only, version: 0"),
            "deployment.yaml:3: registry.upstreams.docker-hub.credentials.version: is the number 0; write 1 or more",
            id="version 0",
        ),
        pytest.param(
            docker_hub("store: write_only, version: 99999999999999999999"),
            "deployment.yaml:3: registry.upstreams.docker-hub.credentials.version: is a number beyond all "
            "limits; write 2,147,483,647 at most",
            id="version beyond all limits",
        ),
        pytest.param(
            docker_hub(
                "store: existing, secret_arn: "
                "'arn:aws:secretsmanager:eu-central-1:123456789012:secret:ecr-pullthroughcache/hub', "
                "name: ecr-pullthroughcache/hub"
            ),
            "deployment.yaml:3: registry.upstreams.docker-hub.credentials.name: is for a secret that is made "
            "here; take it out, or the `store: existing`",
            id="name of an existing secret",
        ),
        pytest.param(
            docker_hub("name: docker-hub"),
            "deployment.yaml:3: registry.upstreams.docker-hub.credentials.name: 'docker-hub' is not the name of "
            "a secret that ECR can read; write ecr-pullthroughcache/ and a name",
            id="name that ECR does not read",
        ),
        pytest.param(
            registry(
                upstreams=(
                    "{hub: {registry: docker-hub, credentials: {name: ecr-pullthroughcache/a}}, github: "
                    "{url: ghcr.io, credentials: {name: ecr-pullthroughcache/a}}}"
                )
            ),
            "deployment.yaml:3: registry.upstreams.github.credentials.name: 'ecr-pullthroughcache/a' is the "
            "secret of hub already; write another name",
            id="name used twice",
        ),
        pytest.param(
            docker_hub("kms_key_id: alias/mine"),
            "deployment.yaml:3: registry.upstreams.docker-hub.credentials.kms_key_id: ECR reads the secret only "
            "under the key aws/secretsmanager; take `kms_key_id` out",
            id="customer managed key",
        ),
        pytest.param(
            docker_hub("read_access: ['*']"),
            "deployment.yaml:3: registry.upstreams.docker-hub.credentials.read_access[0]: '*' is not the ARN of "
            "an account, a role or a user; write for example arn:aws:iam::<account id>:root",
            id="everyone may read",
        ),
        pytest.param(
            docker_hub(f"description: {'x' * 2049}"),
            "deployment.yaml:3: registry.upstreams.docker-hub.credentials.description: has 2,049 characters; "
            "write 2,048 at most",
            id="description too long",
        ),
        pytest.param(
            docker_hub("store: write_only") + "terraform: {required_version: '< 1.11'}\n",
            "deployment.yaml:4: terraform.required_version: '< 1.11' allows no version from 1.11 on, which this "
            "file needs; write one that does",
            id="write_only without Terraform 1.11",
        ),
    ],
)
def test_a_mistake_is_told(refusal: Refusal, text: str, problem: str) -> None:
    assert refusal(text) == [problem]
