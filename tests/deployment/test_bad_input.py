"""Every mistake is told with file, line, place, what is wrong and what to write."""

from pathlib import Path

import pytest

from pull_through_cache.deployment import load
from pull_through_cache.files.problems import InvalidFile
from tests.conftest import Refusal
from tests.deployment.files import registry

HOSTS = (
    "public.ecr.aws, registry.k8s.io, quay.io, registry-1.docker.io, ghcr.io, registry.gitlab.com, "
    "<name>.azurecr.io, cgr.dev, <account>.dkr.ecr.<region>.amazonaws.com"
)
PREFIX = (
    "is not a repository prefix; write 2 to 30 lower-case letters and digits, with single '.', '_', '-' or '/' "
    "between them, or ROOT"
)
ROLE = (
    "is neither a role's name nor a role's ARN; write the name of the nodes' role, or "
    "arn:aws:iam::<account id>:role/<name>"
)
KEY = (
    "cannot name an upstream; write up to 64 lower-case letters and digits, beginning with a letter, with single "
    "'-' or '_' between them"
)
CONSTRAINT = "is not a version constraint; write one such as '>= 5.100.0, < 7.0.0'"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("", "deployment.yaml: is empty; start from deployments/blog-post.yaml", id="empty file"),
        pytest.param("# ...\n", "deployment.yaml: is empty; start from deployments/blog-post.yaml", id="only comments"),
        pytest.param(
            "registry: [\n",
            "deployment.yaml:2: is not valid YAML: did not find expected node content; mend it there",
            id="YAML syntax",
        ),
        pytest.param(
            "--- {}\n--- {}\n",
            "deployment.yaml:2: is not valid YAML: but found another document; mend it there",
            id="two documents",
        ),
        pytest.param(
            "registry: !secret {}\n",
            "deployment.yaml:1: registry: has the YAML tag '!secret'; write it without",
            id="unknown YAML tag",
        ),
        pytest.param(
            "registry: !!bool maybe\n",
            "deployment.yaml:1: registry: is not of the YAML type '!!bool'; write it in quotes, without a tag",
            id="a value that its YAML tag denies",
        ),
        pytest.param(
            "registry: !!float ''\n",
            "deployment.yaml:1: registry: is not of the YAML type '!!float'; write it in quotes, without a tag",
            id="no number",
        ),
        pytest.param(
            f"registry: {'9' * 5_000}\n",
            "deployment.yaml:1: registry: is not of the YAML type '!!int'; write it in quotes, without a tag",
            id="a number of endless digits",
        ),
        pytest.param(
            "registry: {[a]: b}\n",
            "deployment.yaml:1: registry: has a key that is not text; write a name",
            id="a list as a key",
        ),
        pytest.param(
            'registry: "\\uD800"\n',
            "deployment.yaml:1: is not valid YAML: found invalid Unicode character escape code; mend it there",
            id="half a character",
        ),
        pytest.param(
            'registry: "\\x07"\n',
            "deployment.yaml:1: registry: holds a character that cannot be printed; write it without",
            id="a bell",
        ),
        pytest.param(
            "registry: '#{TfToken[TOKEN.1]}'\n",
            "deployment.yaml:1: registry: holds 'TfToken[', which cdktf takes for a reference; write it without",
            id="reference of cdktf",
        ),
        pytest.param(
            "registry: " + "[" * 60 + "]" * 60,
            "deployment.yaml:1: registry" + "[0]" * 50 + ": is nested more than 50 levels deep; write it flatter",
            id="nested too deep",
        ),
        pytest.param(
            "- 1\n", "deployment.yaml:1: must hold keys with values, not a list; write keys with values", id="a list"
        ),
        pytest.param(
            "registry: &r {upstreams: *r}\n",
            "deployment.yaml:1: registry.upstreams: is an alias of what contains it; write it out",
            id="endless alias",
        ),
        pytest.param(
            registry() + "  regions: [eu-west-1]\n",
            "deployment.yaml:4: registry.regions: the key stands on line 2 already; keep one of the two",
            id="duplicate key",
        ),
        pytest.param(
            registry(upstream="{}"),
            "deployment.yaml:4: registry.upstream: is not a known key; did you mean upstreams? "
            "write one of account_id, node_roles, outputs, permissions_boundary, policy_name, policy_path, pull_access, "
            "regions, registry_policy, repositories, repository_policy, role_path, scanning, upstreams",
            id="unknown key",
        ),
        pytest.param(
            registry(upstreams="{quay: {url: quay.io, prefx: q}}"),
            "deployment.yaml:3: registry.upstreams.quay.prefx: is not a known key; did you mean prefix? "
            "write one of account_id, adopt, credentials, name, prefix, region, registry, renamed_from, repositories, "
            "role_arn, upstream_prefix, url",
            id="unknown key of an upstream",
        ),
        pytest.param(
            registry() + "'[one]': 1\n",
            "deployment.yaml:4: [one]: is not a known key; write one of registry, silence, strict, terraform, workloads",
            id="a key that pydantic puts into places of its own",
        ),
        pytest.param(
            "terraform: {}\n",
            "deployment.yaml:1: registry: is missing; write for example "
            "`registry: {regions: [eu-central-1], upstreams: {public-ecr: {url: public.ecr.aws}}}`",
            id="missing registry",
        ),
        pytest.param(
            registry(upstreams="{quay: {}}"),
            "deployment.yaml:3: registry.upstreams.quay.url: is missing; write the host of the registry, for example "
            "`url: public.ecr.aws`, or its name as `registry`",
            id="missing url",
        ),
        pytest.param(
            registry(upstreams="{quay: }"),
            "deployment.yaml:3: registry.upstreams.quay: must hold keys with values, not nothing; "
            "write `quay:` with a value",
            id="upstream without a value",
        ),
        pytest.param(
            registry(upstreams="{}"),
            "deployment.yaml:3: registry.upstreams: is empty; "
            "write for example `upstreams: {public-ecr: {url: public.ecr.aws}}`",
            id="no upstreams",
        ),
        pytest.param(
            registry(regions="[]"),
            "deployment.yaml:2: registry.regions: is empty; write for example `regions: [eu-central-1]`",
            id="no Regions",
        ),
        pytest.param(
            registry(regions="eu-central-1"),
            "deployment.yaml:2: registry.regions: must hold a list, an entry a line after '- ', not 'eu-central-1'; "
            "write for example `regions: [eu-central-1]`",
            id="text instead of a list",
        ),
        pytest.param(
            registry(upstreams="{docker: {url: docker.io, credentials: {}}}"),
            "deployment.yaml:3: registry.upstreams.docker.url: ECR cannot cache 'docker.io'; "
            f"write registry-1.docker.io; it can cache {HOSTS}",
            id="Docker Hub by the host of its image names",
        ),
        pytest.param(
            registry(upstreams="{quay: {url: 'https://quay.io'}}"),
            f"deployment.yaml:3: registry.upstreams.quay.url: ECR cannot cache 'https://quay.io'; "
            f"write quay.io; it can cache {HOSTS}",
            id="address instead of a host",
        ),
        pytest.param(
            registry(upstreams="{google: {url: gcr.io}}"),
            f"deployment.yaml:3: registry.upstreams.google.url: ECR cannot cache 'gcr.io'; "
            f"write ghcr.io; it can cache {HOSTS}",
            id="host that ECR cannot cache",
        ),
        pytest.param(
            registry(upstreams="{docker-hub: {url: registry-1.docker.io}}"),
            "deployment.yaml:3: registry.upstreams.docker-hub.credentials: Docker Hub asks for credentials; "
            "write `credentials: {}`",
            id="credentials missing",
        ),
        pytest.param(
            registry(upstreams="{quay: {url: quay.io, credentials: {}}}"),
            "deployment.yaml:3: registry.upstreams.quay.credentials: Quay takes no credentials; take `credentials` out",
            id="credentials where none are used",
        ),
        pytest.param(
            registry(upstreams="{docker-hub: {url: registry-1.docker.io, credentials: {recovery_window_in_days: 3}}}"),
            "deployment.yaml:3: registry.upstreams.docker-hub.credentials.recovery_window_in_days: "
            "3 is not a recovery window; write 7 to 30 days, or 0 for none",
            id="recovery window",
        ),
        pytest.param(
            registry(
                upstreams="{docker-hub: {url: registry-1.docker.io, credentials: {recovery_window_in_days: '7'}}}"
            ),
            "deployment.yaml:3: registry.upstreams.docker-hub.credentials.recovery_window_in_days: "
            "must be a whole number, not '7'; write a whole number",
            id="number in quotes",
        ),
        pytest.param(
            registry(upstreams="{docker-hub: {url: registry-1.docker.io, credentials: {description: '${var.x}'}}}"),
            "deployment.yaml:3: registry.upstreams.docker-hub.credentials.description: "
            "holds '${' or '%{', which Terraform would evaluate; write it without",
            id="Terraform expression in text",
        ),
        *(
            pytest.param(
                registry(upstreams=f"{{quay: {{url: quay.io, prefix: '{prefix}'}}}}"),
                f"deployment.yaml:3: registry.upstreams.quay.prefix: {prefix!r} {PREFIX}",
                id=f"prefix {why}",
            )
            for prefix, why in [
                ("Quay", "in capitals"),
                ("q", "of one character"),
                ("q" * 31, "of 31 characters"),
                ("quay--io", "with two dashes"),
                ("-quay", "that begins with a dash"),
                ("/quay", "that begins with a slash"),
                ("ROOT/quay", "below ROOT"),
            ]
        ),
        pytest.param(
            registry(upstreams="{a: {url: quay.io, prefix: quay}, b: {url: registry.k8s.io, prefix: quay}}"),
            "deployment.yaml:3: registry.upstreams.b.prefix: the prefix 'quay' is that of a already; "
            "write another `prefix`",
            id="prefix used twice",
        ),
        pytest.param(
            registry(upstreams="{a-b: {url: quay.io}, a_b: {url: registry.k8s.io}}"),
            "deployment.yaml:3: registry.upstreams.a_b: the prefix 'a-b' is that of a-b already; write another `prefix`",
            id="default prefix used twice",
        ),
        pytest.param(
            registry(
                upstreams="{docker-hub: {url: registry-1.docker.io, credentials: {}}, "
                "dockerhub: {url: registry-1.docker.io, credentials: {}}}"
            ),
            "deployment.yaml:3: registry.upstreams.dockerhub: the names that Terraform gives to it would be those of "
            "docker-hub; write another key",
            id="Terraform names used twice",
        ),
        pytest.param(
            registry(upstreams="{Quay: {url: quay.io}}"),
            f"deployment.yaml:3: registry.upstreams.Quay: 'Quay' {KEY}",
            id="key of an upstream",
        ),
        pytest.param(
            registry(upstreams="{1: {url: quay.io}}"),
            "deployment.yaml:3: registry.upstreams[1]: must be text, not the number 1; write it in quotes",
            id="key that YAML reads as a number",
        ),
        pytest.param(
            registry(regions="[eu-centrl-1]"),
            "deployment.yaml:2: registry.regions[0]: 'eu-centrl-1' is not an AWS Region; write one such as eu-central-1",
            id="no such Region",
        ),
        pytest.param(
            registry(regions="[cn-north-1]"),
            "deployment.yaml:2: registry.regions[0]: ECR offers no pull through cache in cn-north-1; write another Region",
            id="Region in China",
        ),
        pytest.param(
            registry(regions="[us-gov-west-1]"),
            "deployment.yaml:2: registry.regions[0]: ECR offers no pull through cache in us-gov-west-1; "
            "write another Region",
            id="GovCloud Region",
        ),
        pytest.param(
            registry(regions="[eu-west-1, eu-west-1]"),
            "deployment.yaml:2: registry.regions: eu-west-1 stands here twice; write it once",
            id="Region twice",
        ),
        *(
            pytest.param(
                registry(node_roles=f"['{role}']"),
                f"deployment.yaml:4: registry.node_roles[0]: {role!r} {ROLE}",
                id=f"role: {why}",
            )
            for role, why in [
                ("arn:aws:iam::123456789012:instance-profile/nodes", "instance profile"),
                ("arn:aws:iam::123456789012:user/nodes", "user"),
                ("arn:aws:iam::1234:role/nodes", "short account id"),
                ("eks nodes", "space"),
                ("<your-eks-nodes-iam-role-arn>", "placeholder"),
                ("", "nothing"),
            ]
        ),
        pytest.param(
            registry(node_roles="[nodes, arn:aws:iam::123456789012:role/eks/Nodes]"),
            "deployment.yaml:4: registry.node_roles: the role nodes stands here twice; write it once",
            id="role twice",
        ),
        pytest.param(
            registry(account_id="'111111111111'", node_roles="[arn:aws:iam::222222222222:role/nodes]"),
            "deployment.yaml:5: registry.node_roles: 'arn:aws:iam::222222222222:role/nodes' is not a role of account_id "
            "111111111111; write a role of that account",
            id="role of another account",
        ),
        pytest.param(
            registry(account_id="012345678901"),
            "deployment.yaml:4: registry.account_id: must be text, not the number 12345678901; write it in quotes",
            id="account id that YAML reads as a number",
        ),
        pytest.param(
            registry(account_id="'1234'"),
            "deployment.yaml:4: registry.account_id: '1234' is not an account id; write its 12 digits, in quotes",
            id="account id too short",
        ),
        pytest.param(
            "terraform: {required_version: latest}\n" + registry(),
            f"deployment.yaml:1: terraform.required_version: 'latest' {CONSTRAINT}",
            id="version of Terraform",
        ),
        pytest.param(
            "terraform: {required_providers: {aws: 6.0}}\n" + registry(),
            "deployment.yaml:1: terraform.required_providers.aws: must be text, not the number 6.0; write it in quotes",
            id="version of the provider as a number",
        ),
    ],
)
def test_a_mistake_is_told(refusal: Refusal, text: str, problem: str) -> None:
    assert refusal(text) == [problem]


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file(refusal: Refusal) -> None:
    problems = refusal("""\
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


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        pytest.param(None, ": there is no such file; name a deployment file that exists", id="no such file"),
        pytest.param(b"\x7fELF\x02\xff\xfe", ": is not UTF-8 text; save it as UTF-8", id="binary file"),
        pytest.param(
            b"a: \x00\n",
            ":1: is not valid YAML: has the character #x00; mend it there",
            id="control character",
        ),
        pytest.param(
            b"[" * 500, ": is not valid YAML: maximum recursion depth exceeded; mend it there", id="endless nesting"
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, content: bytes | None, problem: str) -> None:
    file = tmp_path / "deployment.yaml"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(InvalidFile) as refused:
        load(file)

    assert str(refused.value) == f"{file}{problem}"


def test_a_folder_is_not_a_deployment_file(tmp_path: Path) -> None:
    with pytest.raises(InvalidFile) as refused:
        load(tmp_path)

    assert str(refused.value) == f"{tmp_path}: cannot be read (Is a directory); name a file that you may read"


def test_aliases_of_aliases_cost_no_time(refusal: Refusal) -> None:
    levels = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 30))

    assert refusal(f"a0: &a0 [x]\n{levels}") == [
        "deployment.yaml: its aliases stand for more than 1,000,000 entries; write out what is meant"
    ]
