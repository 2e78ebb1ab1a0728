"""The AWS bindings load only what is used, and where they cannot, they load as usual."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from stacks.node import BUNDLED_NODE
from tests.synth.conftest import PROJECT

HOOK = PROJECT / "stacks" / "lazy_bindings.cjs"

# Node counts the modules it has required when it ends, and writes the number to the file LOADED names.
COUNT_MODULES = """
process.on('exit', () => {
  const count = Object.keys(require.cache).filter((file) => file.includes('provider-aws')).length;
  if (count) require('node:fs').writeFileSync(process.env.LOADED, String(count));
});
"""
ONE_STACK = """
import stacks
from cdktf import App, TerraformStack
from cdktf_cdktf_provider_aws.iam_policy import IamPolicy
from cdktf_cdktf_provider_aws.provider import AwsProvider
app = App(outdir="out")
stack = TerraformStack(app, "stack")
AwsProvider(stack, "aws")
IamPolicy(stack, "policy", policy="{}")
app.synth()
"""

Python = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def python(tmp_path: Path) -> Python:
    """Runs a script with these environment variables, in a folder of its own."""

    def python(script: str, **environment: str) -> subprocess.CompletedProcess[str]:
        kept = {name: os.environ[name] for name in ("HOME", "PATH")}
        return subprocess.run(
            [sys.executable, "-c", script],
            cwd=tmp_path,
            env={**kept, "PYTHONPATH": str(PROJECT), **environment},
            capture_output=True,
            text=True,
            check=False,
        )

    return python


@pytest.fixture
def counting(tmp_path: Path) -> str:
    """NODE_OPTIONS that count the modules, from a file whose path has a space."""
    folder = tmp_path / "a folder"
    folder.mkdir()
    (folder / "count.cjs").write_text(COUNT_MODULES)
    return f'--require "{folder / "count.cjs"}"'


def modules_loaded_in_node(folder: Path) -> int:
    return int((folder / "loaded").read_text())


def test_python_imports_only_the_submodules_that_are_used(python: Python) -> None:
    done = python(f"{ONE_STACK}\nimport sys\nprint(*sys.modules, sep='\\n')")

    bindings = [name for name in done.stdout.split() if name.startswith("cdktf_cdktf_provider_aws.")]
    assert {name.split(".")[1] for name in bindings} == {"_jsii", "iam_policy", "provider"}, done.stderr


def test_node_requires_only_the_modules_that_are_used_and_keeps_the_users_options(
    python: Python, counting: str, tmp_path: Path
) -> None:
    done = python(ONE_STACK, NODE_OPTIONS=counting, LOADED=str(tmp_path / "loaded"))

    assert done.returncode == 0, done.stderr
    assert modules_loaded_in_node(tmp_path) < 10


def test_the_environment_stays_as_it_was(python: Python) -> None:
    script = "import os; before = dict(os.environ); import stacks; os.environ.pop('JSII_NODE'); print(before == dict(os.environ))"

    assert python(script).stdout == "True\n"
    assert python(script, NODE_OPTIONS="--no-warnings").stdout == "True\n"


def test_a_submodule_can_be_used_without_importing_it(python: Python) -> None:
    done = python("import stacks, cdktf_cdktf_provider_aws as aws; print(aws.iam_policy.IamPolicy.TF_RESOURCE_TYPE)")

    assert done.stdout == "aws_iam_policy\n", done.stderr


def test_what_the_package_does_not_have_is_an_attribute_error(python: Python) -> None:
    done = python("import stacks, cdktf_cdktf_provider_aws as aws; print(hasattr(aws, 'iam_polizy'))")

    assert done.stdout == "False\n", done.stderr


def test_a_wrong_order_says_what_to_do(python: Python) -> None:
    done = python("import cdktf\nimport stacks")

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "ImportError: cdktf was imported before stacks, which makes the AWS bindings load in under a second; "
        "write `import stacks` above the first import of cdktf, or set EAGER_BINDINGS=1 to do without"
    )


def test_a_node_that_refuses_the_hook_loads_everything_with_the_same_result(
    python: Python, counting: str, tmp_path: Path
) -> None:
    assert BUNDLED_NODE
    node = tmp_path / "node"
    node.write_text(f'#!/bin/sh\ncase "$NODE_OPTIONS" in *lazy_bindings*) exit 9;; esac\nexec "{BUNDLED_NODE}" "$@"\n')
    node.chmod(0o755)
    assert python(ONE_STACK).returncode == 0
    lazily = (tmp_path / "out" / "stacks" / "stack" / "cdk.tf.json").read_bytes()

    done = python(ONE_STACK, JSII_NODE=str(node), NODE_OPTIONS=counting, LOADED=str(tmp_path / "loaded"))

    assert done.returncode == 0, done.stderr
    assert modules_loaded_in_node(tmp_path) > 2000
    assert (tmp_path / "out" / "stacks" / "stack" / "cdk.tf.json").read_bytes() == lazily


def test_a_package_of_another_version_is_imported_as_usual(python: Python, tmp_path: Path) -> None:
    package = tmp_path / "other" / "cdktf_cdktf_provider_aws"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("version = 'another'")

    done = python(
        "import stacks, cdktf_cdktf_provider_aws as aws; print(aws.version)",
        PYTHONPATH=f"{PROJECT}{os.pathsep}{package.parent}",
    )

    assert done.stdout == "another\n", done.stderr


@pytest.mark.parametrize(
    ("files", "loaded"),
    [
        pytest.param(["index.js", "lazy-index.js"], "lazy-index.js", id="lazy index"),
        pytest.param(["index.js"], "index.js", id="no lazy index"),
    ],
)
def test_node_takes_the_lazy_index_where_there_is_one(tmp_path: Path, files: list[str], loaded: str) -> None:
    assert BUNDLED_NODE
    package = tmp_path / "node_modules" / "@cdktf" / "provider-aws"
    (package / "lib").mkdir(parents=True)
    (package / "package.json").write_text(json.dumps({"name": "@cdktf/provider-aws", "main": "lib/index.js"}))
    for file in files:
        (package / "lib" / file).write_text("module.exports = require('node:path').basename(__filename)")

    script = "console.log(require('@cdktf/provider-aws'))"
    command = [BUNDLED_NODE, "--require", str(HOOK), "--eval", script]

    assert subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout == f"{loaded}\n"
