"""Properties of every deployment, whatever its content.

HYPOTHESIS_PROFILE=fuzz tries a hundred times as many as usual, HYPOTHESIS_PROFILE=quick a tenth.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, Phase, example, given, note, settings

import stacks  # noqa: F401 - before cdktf
from emulator.organization import ORGANIZATION_ID, SHARED_SERVICES
from pull_through_cache.deployment import Deployment, read
from pull_through_cache.files.problems import InvalidFile
from stacks.app import build_app
from stacks.output import synthesize
from tests.stacks.conftest import PROJECT
from tests.stacks.deployments import deployments
from tests.stacks.mutations import mutations
from tests.stacks.strangers import granted, resource_policies

USUAL = settings().max_examples <= 100
INTERFACES = PROJECT / "tests" / "emulator" / "module-interfaces"
SECRETS = ("access_token", "username")
KEY_NAMES = ("images_key", "key2")


def cases(percentage: int) -> settings:
    """As many cases, of those of the Hypothesis profile; the same ones every time unless they are made to find more."""
    return settings(
        max_examples=settings().max_examples * percentage // 100,
        database=None,
        derandomize=USUAL,
        phases=[Phase.explicit, Phase.generate, *([] if USUAL else [Phase.shrink])],
        suppress_health_check=list(HealthCheck),
    )


def synthesized(data: Any) -> dict[str, Any]:
    """The stacks of a deployment file with this content, which must be valid."""
    with TemporaryDirectory() as folder:
        file = Path(folder, "deployment.yaml")
        file.write_text(json.dumps(data))
        note(file.read_text())
        return stacks_of(read(file)[0], Path(folder, "out"))


def stacks_of(deployment: Deployment, outdir: Path) -> dict[str, Any]:
    """The stacks of a deployment. Raises InvalidFile if Terraform would evaluate its text."""
    synthesize(lambda folder: build_app(deployment, outdir=folder), outdir)
    return {path.parent.name: json.loads(path.read_text()) for path in outdir.glob("stacks/*/cdk.tf.json")}


def found(data: Any, key: str) -> Iterator[Any]:
    """Every value of `key`, at any depth."""
    if isinstance(data, dict):
        for name, value in data.items():
            if name == key:
                yield value
            yield from found(value, key)
    elif isinstance(data, list):
        for value in data:
            yield from found(value, key)


def granted_to_strangers(made: dict[str, Any]) -> list[Any]:
    """The statements in these stacks that let a stranger do anything."""
    text = json.dumps(list(made.values()))
    for reference, value in (
        ("${data.aws_caller_identity.current.account_id}", SHARED_SERVICES.id),
        ("${data.aws_organizations_organization.current.id}", ORGANIZATION_ID),
    ):
        text = text.replace(reference, value)
    return [statement for statement in resource_policies(json.loads(text)) if granted(statement)]


def interface(source: str) -> set[str]:
    """Inputs of the oldest release of a module that has a known interface."""
    known = [json.loads(path.read_text()) for path in sorted(INTERFACES.glob("*.json"))]
    return set(next(each for each in known if each["module"] == source)["variables"])


@cases(50)
@given(deployments())
def test_every_accepted_deployment_becomes_stacks_that_aws_and_the_modules_can_take(data: Any) -> None:
    made = synthesized(data)

    regions, workloads = data["registry"]["regions"], data.get("workloads", {})
    assert set(made) == {
        *(f"shared-services-{region}" for region in regions),
        *(f"workload-{w}" for w in workloads),
    }
    for stack in made.values():
        for module in stack.get("module", {}).values():
            inputs = set(module) - {"//", "source", "version", "for_each", "depends_on", "providers"}
            assert inputs <= interface(module["source"])
        for name, variable in stack.get("variable", {}).items():
            if name in KEY_NAMES:
                assert variable["type"] == "string"
                assert variable["validation"]
                continue
            assert name.endswith(SECRETS)
            assert variable["sensitive"] is True
            assert "default" not in variable
        for secret in (*found(stack, "secret_string"), *found(stack, "secret_string_wo")):
            assert secret.startswith('${jsonencode({"username" = var.')


@cases(50)
@given(deployments())
def test_no_accepted_deployment_lets_a_stranger_do_anything(data: Any) -> None:
    assert granted_to_strangers(synthesized(data)) == []


@cases(200)
@given(deployments().flatmap(mutations))
@example("registry: {upstreams: {a: !!bool b}}")
@example('{"\\ud800": 1}')
@example("a: &a [*a]")
def test_every_file_is_synthesized_or_rejected_with_a_place(text: str) -> None:
    with TemporaryDirectory() as folder:
        file = Path(folder, "deployment.yaml")
        file.write_text(text, encoding="utf-8", errors="surrogatepass")
        note(text)
        try:
            deployment, warnings = read(file)
        except InvalidFile as error:
            problems = error.problems
            assert problems
        else:
            problems = warnings
            assert granted_to_strangers(stacks_of(deployment, Path(folder, "out"))) == []
        for problem in problems:
            assert problem.file == file
            assert "\n" not in str(problem)
            assert "function-" not in str(problem)
            assert "; " in problem.message
            if problem.line:
                assert problem.line <= text.count("\n") + 2
