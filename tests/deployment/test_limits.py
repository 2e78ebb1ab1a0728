"""Limits on length and number: one more is a problem at its place. And large mistakes have short messages."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given

from pull_through_cache.deployment import load
from pull_through_cache.files.problems import MAX_PROBLEMS, InvalidFile
from tests.conftest import ProblemsOf
from tests.deployment.files import docker_hub, registry, settings, terraform
from tests.growth import PIECES, assert_linear, calls

LONG_PREFIXES = ", ".join(f"q{n}: {{url: quay.io, prefix: a-rather-long-prefix-of-{n}}}" for n in range(10, 55))
ACCOUNTS = [f"{account}" for account in range(10**11, 10**11 + 700)]
KEY = "arn:aws:kms:eu-central-1:123456789012:key/1"


@pytest.mark.parametrize(
    ("text", "place", "problem"),
    [
        pytest.param(
            settings("tags: {" + ", ".join(f"t{n}: x" for n in range(51)) + "}"),
            "registry.repositories.tags",
            "has 51 entries; write 50 at most",
            id="51 tags",
        ),
        pytest.param(
            registry(upstreams="{" + ", ".join(f"q{n}: {{url: quay.io}}" for n in range(10, 61)) + "}"),
            "registry.upstreams",
            "has 51 entries; ECR accepts 50 rules in a Region: delete some",
            id="51 upstreams",
        ),
        pytest.param(
            settings(f"description: {'é' * 128}"),
            "registry.repositories.description",
            "has 256 bytes; write 255 at most",
            id="description of a template",
        ),
        pytest.param(
            docker_hub(f"description: {'x' * 2049}"),
            "registry.upstreams.docker-hub.credentials.description",
            "has 2,049 characters; write 2,048 at most",
            id="description of a secret",
        ),
        pytest.param(
            settings(
                "lifecycle: {policy: {rules: [{rulePriority: 1, description: "
                + "x" * 30_720
                + ", selection: {tagStatus: any, countType: imageCountMoreThan, countNumber: 1}, action: {type: expire}}]}}"
            ),
            "registry.repositories.lifecycle.policy",
            "has 30,889 characters; write 30,720 at most",
            id="lifecycle policy",
        ),
        pytest.param(
            settings(
                "lifecycle: {policy: {rules: ["
                + ", ".join(
                    f"{{rulePriority: {n}, selection: {{tagStatus: tagged, tagPrefixList: [a], "
                    "countType: imageCountMoreThan, countNumber: 1}, action: {type: expire}}"
                    for n in range(1, 52)
                )
                + "]}}"
            ),
            "registry.repositories.lifecycle.policy.rules",
            "has 51 entries; write 50 at most",
            id="rules of a lifecycle policy",
        ),
        pytest.param(
            settings("read_access: [" + ", ".join(f'"arn:aws:iam::{n}:root"' for n in ACCOUNTS[:300]) + "]"),
            "registry.upstreams.public-ecr",
            "has a repository policy that would have 10,590 characters, and AWS accepts 10,240; write fewer pull_access, "
            "readers or statements",
            id="repository policy",
        ),
        pytest.param(
            registry(
                registry_policy=(
                    '{extra_statements: [{sid: A, actions: [ecr:ReplicateImage], resources: ["*"], principals: '
                    f"{{AWS: {ACCOUNTS}}}}}]}}"
                )
            ),
            "registry.registry_policy",
            "would have 10,947 characters, and AWS accepts 10,240; write fewer pull_access, upstreams or extra_statements",
            id="registry policy",
        ),
        pytest.param(
            registry(
                account_id="'123456789012'",
                node_roles="[a]",
                regions="[eu-central-1, eu-west-1]",
                upstreams=f"{{{LONG_PREFIXES}}}",
            ),
            "registry",
            "needs a policy for nodes that would have 7,320 characters, and AWS accepts 6,144; write fewer upstreams or "
            "regions",
            id="policy of the registry's nodes",
        ),
        pytest.param(
            registry(account_id="'123456789012'", regions="[eu-central-1, eu-west-1]", upstreams=f"{{{LONG_PREFIXES}}}")
            + 'workloads: {a: {account_id: "210987654321", node_roles: [x]}}\n',
            "workloads",
            "needs a policy for nodes that would have 7,320 characters, and AWS accepts 6,144; write fewer upstreams or "
            "regions",
            id="policy of a workload's nodes",
        ),
    ],
)
def test_one_more_is_a_problem(problems_of: ProblemsOf, text: str, place: str, problem: str) -> None:
    assert [line.partition(": ")[2] for line in problems_of(text)] == [f"{place}: {problem}"]


def test_the_longest_description_is_accepted(tmp_path: Path) -> None:
    file = tmp_path / "deployment.yaml"
    file.write_text(settings(f"description: {'é' * 127}x"))

    assert len(load(file).registry.repositories.description or "") == 128


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(registry() + f"? {'k' * 1_000_000}\n: 1\n", id="key"),
        pytest.param(registry(regions=f"[{'r' * 1_000_000}]"), id="value"),
        pytest.param(registry(upstreams=f"{{? {'k' * 100_000} : {{url: quay.io}}}}"), id="key of an upstream"),
        pytest.param(registry(upstreams=f"{{q1: {{url: {'u' * 1_000_000}}}}}"), id="host"),
        pytest.param(registry(registry_policy="m" * 1_000_000), id="one of several words"),
        pytest.param(terraform(f"backend: {{? {'b' * 1_000_000} : {{}}}}"), id="backend"),
        pytest.param(registry() + "".join(f"unknown{n}: 1\n" for n in range(8_000)), id="thousands of unknown keys"),
    ],
)
def test_messages_stay_readable(problems_of: ProblemsOf, text: str) -> None:
    lines = problems_of(text)

    assert len(lines) <= MAX_PROBLEMS + 1
    assert max(map(len, lines)) < 1_000


def test_the_number_of_further_problems_is_reported(problems_of: ProblemsOf) -> None:
    text = registry() + "".join(f"unknown{n}: 1\n" for n in range(8_000))

    assert problems_of(text)[-1] == "deployment.yaml: has 7,800 more problems; correct these first"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(lambda n: registry() + "".join(f"unknown{i}: 1\n" for i in range(n)), id="unknown keys"),
        pytest.param(
            lambda n: registry(upstreams="{" + ", ".join(f"Q{i}: {{}}" for i in range(n)) + "}"), id="wrong upstreams"
        ),
        pytest.param(lambda n: registry(regions=f"[{', '.join(['x1'] * n)}]"), id="wrong Regions"),
    ],
)
def test_the_work_grows_with_the_file(tmp_path: Path, text: Callable[[int], str]) -> None:
    def work(size: int) -> int:
        file = tmp_path / f"{size}.yaml"
        file.write_text(text(size))

        def read() -> None:
            with pytest.raises(InvalidFile):
                load(file)

        return calls(read)

    work(10)  # fills caches

    assert work(800) / work(100) < 10


@pytest.mark.parametrize("filler", [" ", "1", "1.", "a", "=", "é"], ids=repr)
def test_long_text_is_matched_in_linear_time(problems_of: ProblemsOf, filler: str) -> None:
    # A pattern that backtracks would not end: 100,000 characters squared are 10,000,000,000 steps.
    long = filler * 100_000
    lines = problems_of(
        f"""\
        registry:
          regions: [eu-central-1]
          upstreams: {{quay: {{url: "{long}", prefix: "{long}"}}}}
          policy_path: "/{long}"
          node_roles: ["arn:aws:iam::123456789012:role/{long}/"]
          repositories: {{tags: {{? "{long}" : a, b: "{long}"}}, read_access: ["arn:aws:iam::123456789012:role/{long}*"]}}
        terraform: {{required_version: "{long}x", required_providers: {{aws: "{long}x"}}}}
        """
    )

    assert len(lines) == 9


PLACES: dict[str, Callable[[str], str]] = {
    "lines": lambda text: registry() + text,
    "a value": lambda text: registry(regions=f"[{text}]"),
    "a quoted value": lambda text: registry(regions=f'["{text}"]'),
    "upstreams": lambda text: registry(upstreams=f"{{{text}}}"),
    "a version constraint": lambda text: terraform(f'required_version: "{text}"'),
}


@pytest.mark.parametrize("place", PLACES)
@given(piece=PIECES)
@example(piece=">= 1.0,")
def test_reading_is_linear(tmp_path_factory: pytest.TempPathFactory, place: str, piece: str) -> None:
    file = tmp_path_factory.mktemp("growth") / "deployment.yaml"

    def work(number: int) -> Callable[[], None]:
        def read() -> None:
            file.write_text(PLACES[place](piece * number))
            try:
                load(file)
            except InvalidFile as error:
                assert max(map(len, str(error).splitlines())) < 1_000  # noqa: PT017 - not every piece is a problem

        return read

    assert_linear(work, 200)
