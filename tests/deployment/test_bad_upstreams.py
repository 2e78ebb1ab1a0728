"""Mistakes with upstreams. Each is told with file, line, place, what is wrong and what to write."""

import pytest

from tests.conftest import Refusal
from tests.deployment.files import registry


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param(
            registry(upstreams="{hub: {registry: dockerhub}}"),
            "deployment.yaml:3: registry.upstreams.hub.registry: cannot be 'dockerhub'; write ecr-public, k8s, "
            "quay, docker-hub, github-container-registry, gitlab-container-registry, azure-container-registry, "
            "chainguard or ecr",
            id="registry unknown",
        ),
        pytest.param(
            registry(upstreams="{quay: {registry: quay, url: quay.io}}"),
            "deployment.yaml:3: registry.upstreams.quay.url: says the same as `registry`; take one of the two out",
            id="registry and url",
        ),
        pytest.param(
            registry(upstreams="{azure: {registry: azure-container-registry, credentials: {}}}"),
            "deployment.yaml:3: registry.upstreams.azure.name: is missing; write what stands for <name> in "
            "<name>.azurecr.io",
            id="Azure without a name",
        ),
        pytest.param(
            registry(upstreams="{azure: {registry: azure-container-registry, name: My-Registry, credentials: {}}}"),
            "deployment.yaml:3: registry.upstreams.azure.name: 'My-Registry' is not an Azure container "
            "registry's name; write its 5 to 50 small letters and digits",
            id="name of an Azure registry",
        ),
        pytest.param(
            registry(upstreams="{quay: {registry: quay, name: contoso}}"),
            "deployment.yaml:3: registry.upstreams.quay.name: is not for quay; take it out",
            id="name of another registry",
        ),
        pytest.param(
            registry(upstreams="{base: {registry: ecr, region: us-east-1}}"),
            "deployment.yaml:3: registry.upstreams.base.account_id: is missing; write what stands for <account> "
            "in <account>.dkr.ecr.<region>.amazonaws.com",
            id="ECR without an account",
        ),
        pytest.param(
            registry(upstreams="{base: {registry: ecr, account_id: '210987654321'}}"),
            "deployment.yaml:3: registry.upstreams.base.region: is missing; write what stands for <region> in "
            "<account>.dkr.ecr.<region>.amazonaws.com",
            id="ECR without a Region",
        ),
        pytest.param(
            registry(upstreams="{quay: {url: quay.io, region: us-east-1}}"),
            "deployment.yaml:3: registry.upstreams.quay.region: is not for an upstream given by its url; take it out",
            id="Region of an upstream given by its host",
        ),
        pytest.param(
            registry(upstreams="{base: {url: 210987654321.dkr.ecr.us-gov-west-1.amazonaws.com}}"),
            "deployment.yaml:3: registry.upstreams.base.url: ECR offers no pull through cache in us-gov-west-1; "
            "write another Region",
            id="ECR of GovCloud",
        ),
        pytest.param(
            registry(upstreams="{base: {url: 210987654321.dkr.ecr.eu-mars-1.amazonaws.com}}"),
            "deployment.yaml:3: registry.upstreams.base.url: 'eu-mars-1' is not an AWS Region; write one such as "
            "eu-west-1",
            id="ECR of no Region",
        ),
        pytest.param(
            registry(
                account_id="'210987654321'",
                upstreams="{base: {registry: ecr, account_id: '210987654321', region: eu-central-1}}",
            ),
            "deployment.yaml:3: registry.upstreams.base.account_id: "
            "210987654321.dkr.ecr.eu-central-1.amazonaws.com is the registry itself; write another account's, or "
            "another Region's",
            id="ECR: the registry itself",
        ),
        pytest.param(
            registry(
                account_id="'210987654321'",
                upstreams=(
                    "{base: {registry: ecr, account_id: '210987654321', region: us-east-1, role_arn: "
                    "'arn:aws:iam::210987654321:role/pull'}}"
                ),
            ),
            "deployment.yaml:3: registry.upstreams.base.role_arn: is for another account's registry; take it out",
            id="role for an upstream of the same account",
        ),
        pytest.param(
            registry(
                account_id="'123456789012'",
                upstreams=(
                    "{base: {registry: ecr, account_id: '210987654321', region: us-east-1, role_arn: "
                    "'arn:aws:iam::210987654321:role/pull'}}"
                ),
            ),
            "deployment.yaml:3: registry.upstreams.base.role_arn: 'arn:aws:iam::210987654321:role/pull' is not "
            "in account_id 123456789012; write a role of that account",
            id="role of another account than the registry's",
        ),
        pytest.param(
            registry(upstreams="{quay: {url: quay.io, role_arn: 'arn:aws:iam::210987654321:role/pull'}}"),
            "deployment.yaml:3: registry.upstreams.quay.role_arn: is for ECR private, not for Quay; take it out",
            id="role for a public registry",
        ),
        pytest.param(
            registry(upstreams="{quay: {url: quay.io, upstream_prefix: team}}"),
            "deployment.yaml:3: registry.upstreams.quay.upstream_prefix: is not for Quay, whose repositories are "
            "cached under their whole names; take it out",
            id="upstream prefix where whole names are cached",
        ),
        pytest.param(
            registry(upstreams="{chain: {registry: chainguard, credentials: {}, prefix: ROOT, upstream_prefix: team}}"),
            "deployment.yaml:3: registry.upstreams.chain.upstream_prefix: cannot stand beside the prefix ROOT; "
            "write another `prefix`, or take it out",
            id="upstream prefix beside ROOT",
        ),
        pytest.param(
            registry(upstreams="{quay: {url: quay.io, prefix: quay/, repositories: {tags: {a: b}}}}"),
            "deployment.yaml:3: registry.upstreams.quay.prefix: 'quay/' ends in '/', with which the role for "
            "tags and KMS fails; write it without",
            id="slash after a prefix whose role is made",
        ),
        pytest.param(
            registry(upstreams="{a1: {url: quay.io, prefix: quay}, b1: {url: quay.io, prefix: quay/}}"),
            "deployment.yaml:3: registry.upstreams.b1.prefix: the prefix 'quay' is that of a1 already; write "
            "another `prefix`",
            id="prefixes that differ in a slash",
        ),
        pytest.param(
            registry(
                upstreams=(
                    "{a-b: {registry: ecr, account_id: '210987654321', region: us-east-1}, a_b: {registry: "
                    "ecr, account_id: '210987654321', region: us-east-1, prefix: other}}"
                )
            ),
            "deployment.yaml:3: registry.upstreams.a_b: the names that Terraform gives to it would be those of "
            "a-b; write another key",
            id="two rules with one name in Terraform",
        ),
        pytest.param(
            registry(upstreams="{" + ", ".join(f"q{n}: {{url: quay.io}}" for n in range(10, 61)) + "}"),
            "deployment.yaml:3: registry.upstreams: are 51; ECR takes 50 rules in a Region, so take some out",
            id="51 upstreams",
        ),
        pytest.param(
            registry(upstreams=f"{{{'q' * 65}: {{url: quay.io}}}}"),
            "deployment.yaml:3: "
            "registry.upstreams.qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq: "
            "'qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq' cannot name an upstream; write "
            "up to 64 lower-case letters and digits, beginning with a letter, with single '-' or '_' between them",
            id="key of 65 characters",
        ),
        pytest.param(
            registry(upstreams="{quay: {url: quay.io, renamed_from: k8s}, k8s: {url: registry.k8s.io}}"),
            "deployment.yaml:3: registry.upstreams.quay.renamed_from: k8s is an upstream still; write the key "
            "that is gone",
            id="renamed from one that is there",
        ),
        pytest.param(
            registry(
                upstreams="{quay: {url: quay.io, renamed_from: old}, k8s: {url: registry.k8s.io, renamed_from: old}}"
            ),
            "deployment.yaml:3: registry.upstreams.k8s.renamed_from: old became quay already; write the key that "
            "this one had",
            id="two renamed from one",
        ),
        pytest.param(
            registry(
                upstreams=(
                    "{hub: {registry: docker-hub, credentials: {}, renamed_from: git-hub}, github: {url: "
                    "ghcr.io, credentials: {}}}"
                )
            ),
            "deployment.yaml:3: registry.upstreams.hub.renamed_from: what Terraform knew as git-hub is now "
            "github's; write another key for github",
            id="renamed from what Terraform calls another",
        ),
        pytest.param(
            registry(upstreams="{quay: {url: quay.io, adopt: true, renamed_from: old}}"),
            "deployment.yaml:3: registry.upstreams.quay.renamed_from: cannot stand beside `adopt: true`, as "
            "Terraform has what is renamed; take one of the two out",
            id="renamed and adopted",
        ),
    ],
)
def test_a_mistake_is_told(refusal: Refusal, text: str, problem: str) -> None:
    assert refusal(text) == [problem]
