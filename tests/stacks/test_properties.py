"""What holds for every deployment, whatever it says.

HYPOTHESIS_PROFILE=fuzz tries a hundred times as many as usual, HYPOTHESIS_PROFILE=quick a tenth.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, Phase, example, given, note, settings

import stacks  # noqa: F401 - before cdktf
from pull_through_cache.deployment import read
from pull_through_cache.deployment.project import project
from pull_through_cache.files.problems import InvalidFile
from stacks.app import build_app
from tests.stacks.conftest import PROJECT
from tests.stacks.deployments import deployments, mutations

USUAL = settings().max_examples <= 100
INTERFACES = PROJECT / "tests" / "emulator" / "module-interfaces"
SECRETS = ("access_token", "username")


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
    """The stacks that become of a deployment file with this content, which is accepted."""
    with TemporaryDirectory() as folder:
        file, outdir = Path(folder, "deployment.yaml"), Path(folder, "out")
        file.write_text(json.dumps(data))
        note(file.read_text())
        deployment, _ = read(file)
        build_app(deployment, modules=project().modules, outdir=str(outdir)).synth()
        return {path.parent.name: json.loads(path.read_text()) for path in outdir.glob("stacks/*/cdk.tf.json")}


def found(data: Any, key: str) -> Iterator[Any]:
    """Everything that stands under `key`, at any depth."""
    if isinstance(data, dict):
        for name, value in data.items():
            if name == key:
                yield value
            yield from found(value, key)
    elif isinstance(data, list):
        for value in data:
            yield from found(value, key)


def statements(data: Any) -> Iterator[dict[str, Any]]:
    """Every statement of a policy, in a data source or in a module's input."""
    if isinstance(data, dict):
        if "principals" in data:
            yield data
        data = list(data.values())
    if isinstance(data, list):
        for value in data:
            yield from statements(value)


def is_for_everyone(statement: dict[str, Any]) -> bool:
    principals = statement["principals"]
    return any("*" in each["identifiers"] for each in principals) and statement.get("effect", "Allow") == "Allow"


def interface(source: str) -> set[str]:
    """Inputs of a module, of the oldest release whose interface is known."""
    known = [json.loads(path.read_text()) for path in sorted(INTERFACES.glob("*.json"))]
    return set(next(each for each in known if each["module"] == source)["variables"])


@cases(50)
@given(deployments())
def test_every_accepted_deployment_becomes_stacks_that_aws_and_the_modules_can_take(data: Any) -> None:
    made = synthesized(data)

    regions, workloads = data["registry"]["regions"], data.get("workloads", {})
    assert set(made) == {*(f"shared-services-{region}" for region in regions), *(f"workload-{w}" for w in workloads)}
    for stack in made.values():
        for statement in statements(stack):
            assert not is_for_everyone(statement) or statement.get("conditions") or statement.get("condition")
        for module in stack.get("module", {}).values():
            inputs = set(module) - {"//", "source", "version", "for_each", "depends_on", "providers"}
            assert inputs <= interface(module["source"])
        for name, variable in stack.get("variable", {}).items():
            assert name.endswith(SECRETS)
            assert variable["sensitive"] is True
            assert "default" not in variable
        for secret in (*found(stack, "secret_string"), *found(stack, "secret_string_wo")):
            assert secret.startswith('${jsonencode({"username" = var.')


@cases(200)
@given(deployments().flatmap(mutations))
@example("registry: {upstreams: {a: !!bool b}}")
@example('{"\\ud800": 1}')
@example("a: &a [*a]")
def test_every_file_is_synthesized_or_refused_with_a_place(text: str) -> None:
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
            build_app(deployment, modules=project().modules, outdir=str(Path(folder, "out"))).synth()
        for problem in problems:
            assert problem.file == file
            assert "\n" not in str(problem)
            assert "function-" not in str(problem)
            assert "; " in problem.message
            if problem.line:
                assert problem.line <= text.count("\n") + 2
