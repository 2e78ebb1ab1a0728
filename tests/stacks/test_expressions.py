"""The last check before Terraform: a stack has only expressions that this project writes."""

from functools import partial
from pathlib import Path

import pytest

import stacks  # noqa: F401 - before cdktf

# isort: split
from cdktf import App, TerraformOutput, TerraformStack

from pull_through_cache.deployment import load
from pull_through_cache.files.problems import InvalidFile
from stacks.app import build_app
from stacks.output import synthesize
from tests.conftest import Load
from tests.stacks.conftest import PROJECT

EXISTING = '{ for name in data.aws_ecr_repositories.existing.names : name => %s if startswith(name, "%s") }'


def write(outdir: Path, text: str, key: str = "value", *, hcl: bool = False) -> None:
    """Synthesizes a stack with this text in it."""

    def app(folder: str) -> App:
        app = App(outdir=folder, hcl_output=hcl)
        stack = TerraformStack(app, "stack")
        TerraformOutput(stack, "output", value="x")
        stack.add_override("locals", {"here": [{key: text}]})
        return app

    synthesize(app, outdir)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        pytest.param("${path.cwd}", "value", id="value of Terraform"),
        pytest.param("${local.a.b}", "value", id="local value"),
        pytest.param('${file("/etc/passwd")}', "value", id="function"),
        pytest.param("a%{if true}b%{endif}", "value", id="directive"),
        pytest.param("$${path.cwd}", "value", id="escaped expression"),
        pytest.param("$$${each.value.prefix}{path.cwd}", "value", id="expression made by joining"),
        pytest.param("${aws_iam_role.other.arn}", "value", id="resource that the stack does not have"),
        pytest.param("${data.aws_iam_policy_document.other.json}", "value", id="data source that it does not have"),
        pytest.param('${toset(["${path.cwd}"])}', "value", id="expression in a list"),
        pytest.param('${toset(["a", file("b")])}', "value", id="function in a list"),
        pytest.param(f"${{merge({EXISTING % ('local.other', 'quay/')})}}", "value", id="local value in a map"),
        pytest.param(f"${{merge({EXISTING % ('file(name)', 'quay/')})}}", "value", id="function in a map"),
        pytest.param(
            f"${{merge({EXISTING % ('local.here', 'quay/')}, {{ for name in [path.cwd] : name => name }})}}",
            "value",
            id="another map",
        ),
        pytest.param(
            f"${{merge({EXISTING % ('local.here', '${path.cwd}/')})}}", "value", id="expression in a condition"
        ),
        pytest.param("${var.docker_hub_access_token}", "secret_string", id="variable"),
        pytest.param(
            '${jsonencode({"username" = var.a_username, "accessToken" = var.a_access_token})}',
            "secret_string",
            id="credentials that the stack does not have",
        ),
        pytest.param("x", "${path.cwd}", id="key"),
        pytest.param("x", "${each.value.prefix}", id="own expression as a key"),
    ],
)
def test_a_foreign_expression_is_rejected_and_nothing_is_written(tmp_path: Path, text: str, key: str) -> None:
    with pytest.raises(InvalidFile, match="has an expression that this project does not write"):
        write(tmp_path, text, key)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["a $ b % {c}", "$", "${each.value.prefix}", "${try(each.value.role, null)}/module.x"])
def test_other_text_is_written(tmp_path: Path, text: str) -> None:
    write(tmp_path, text)

    assert (tmp_path / "stacks" / "stack" / "cdk.tf.json").is_file()


def test_the_values_of_credentials_go_nowhere_else(tmp_path: Path) -> None:
    deployment = load(PROJECT / "deployments" / "blog-post.yaml")
    secret = '${jsonencode({"username" = var.docker_hub_username, "accessToken" = var.docker_hub_access_token})}'

    def app(folder: str) -> App:
        app = build_app(deployment, outdir=folder)
        [stack] = app.node.children
        assert isinstance(stack, TerraformStack)
        stack.add_override("output.leak", {"value": secret})
        return app

    with pytest.raises(InvalidFile, match="does not write"):
        synthesize(app, tmp_path)


KEY = "repositories: {encryption: {type: KMS, kms_key_arn: {variable: images_key}}}, template_role: shared"
LEAKS = {
    "the ARN of a key elsewhere": ("output.leak", {"value": "${var.images_key}"}),
    "credentials as the ARN of a key": ("module.ecr_pull_through_caches.kms_key_arn", "${var.docker_hub_access_token}"),
    "a variable that the stack does not have": ("module.ecr_pull_through_caches.kms_key_arn", "${var.other}"),
    "another rule for the variable": ("variable.images_key.validation.0.condition", '${can(file("/etc/passwd"))}'),
}


@pytest.mark.parametrize(("place", "value"), LEAKS.values(), ids=LEAKS)
def test_a_variable_with_a_key_is_for_keys_alone(load_text: Load, tmp_path: Path, place: str, value: object) -> None:
    hub = "docker-hub: {registry: docker-hub, credentials: {}}"
    deployment = load_text(f"registry: {{regions: [eu-west-1], {KEY}, upstreams: {{{hub}}}}}")

    def app(folder: str, *, change: bool) -> App:
        app = build_app(deployment, outdir=folder)
        [stack] = app.node.children
        assert isinstance(stack, TerraformStack)
        if change:
            stack.add_override(place, value)
        return app

    synthesize(partial(app, change=False), tmp_path)
    with pytest.raises(InvalidFile, match="does not write"):
        synthesize(partial(app, change=True), tmp_path)


def test_a_foreign_expression_is_rejected_in_hcl(tmp_path: Path) -> None:
    with pytest.raises(InvalidFile, match="does not write"):
        write(tmp_path, "${path.cwd}", hcl=True)
