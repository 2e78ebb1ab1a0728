"""The AWS bindings load only what is used, and where they cannot, they load as usual."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

import stacks  # noqa: F401 - before cdktf

# isort: split
import cdktf_cdktf_provider_aws as aws

from lazy_bindings.node import BUNDLED_NODE
from tests.stacks.conftest import PROJECT

HOOK = PROJECT / "lazy_bindings" / "lazy_bindings.cjs"

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


def run_python(folder: Path, script: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs a script with these environment variables."""
    kept = {name: os.environ[name] for name in ("HOME", "PATH")}
    return subprocess.run(
        [sys.executable, "-c", script],
        cwd=folder,
        env={**kept, "PYTHONPATH": str(PROJECT), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def python(tmp_path: Path) -> Python:
    """Runs a script in a folder of its own."""
    return partial(run_python, tmp_path)


def counting(folder: Path) -> dict[str, str]:
    """Makes Node count the modules it loads, by NODE_OPTIONS with a path that has a space."""
    (folder / "a folder").mkdir()
    script = folder / "a folder" / "count.cjs"
    script.write_text(COUNT_MODULES)
    return {"NODE_OPTIONS": f'--require "{script}"', "LOADED": str(folder / "loaded")}


def modules_loaded_in_node(folder: Path) -> int:
    return int((folder / "loaded").read_text())


def loads(stdout: str) -> int:
    """How often Node was asked to load a library, by what it says with JSII_DEBUG_TIMING."""
    return stdout.count("[@jsii/kernel:timing] load({")


def output_without_its_folder(folder: Path) -> str:
    return (folder / "out" / "stacks" / "stack" / "cdk.tf.json").read_text().replace(str(folder), "")


@pytest.fixture(scope="module")
def one_stack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which one stack was synthesized.

    What Node said, the modules imported, and whether `import stacks` left the environment as it was are in a file.
    """
    folder = tmp_path_factory.mktemp("one stack")
    before = (
        "import os; before = dict(os.environ); import stacks; os.environ.pop('JSII_NODE'); after = dict(os.environ)"
    )
    script = f"{before}\n{ONE_STACK}\nimport sys\nprint('same environment:', before == after, *sys.modules, sep='\\n')"
    done = run_python(folder, script, JSII_DEBUG_TIMING="1", **counting(folder))
    assert done.returncode == 0, done.stderr
    (folder / "stdout").write_text(done.stdout)
    return folder


def test_python_imports_only_the_submodules_that_are_used(one_stack: Path) -> None:
    modules = (one_stack / "stdout").read_text().split()

    bindings = [name for name in modules if name.startswith("cdktf_cdktf_provider_aws.")]
    assert {name.split(".")[1] for name in bindings} == {"_jsii", "iam_policy", "provider"}


def test_node_requires_only_the_modules_that_are_used_and_keeps_the_users_options(one_stack: Path) -> None:
    assert 0 < modules_loaded_in_node(one_stack) < 10


def test_the_environment_stays_as_it_was(one_stack: Path) -> None:
    assert "same environment:\nTrue\n" in (one_stack / "stdout").read_text()
    assert HOOK.name not in os.environ.get("NODE_OPTIONS", "")


def test_a_submodule_can_be_used_without_importing_it() -> None:
    unused = "cdktf_cdktf_provider_aws.glacier_vault"
    assert unused not in sys.modules

    assert aws.glacier_vault.GlacierVault.TF_RESOURCE_TYPE == "aws_glacier_vault"
    assert unused in sys.modules


def test_what_the_package_does_not_have_is_an_attribute_error() -> None:
    assert not hasattr(aws, "iam_polizy")


@pytest.mark.parametrize("package", ["constructs", "cdktf", "cdktf_cdktf_provider_aws"])
def test_a_wrong_order_says_what_to_do(python: Python, tmp_path: Path, package: str) -> None:
    (tmp_path / f"{package}.py").write_text("")

    done = python(f"import {package}\nimport stacks")

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        f"ImportError: {package} was imported before stacks, which makes the AWS bindings load in under a second; "
        f"write `import stacks` above the first import of {package}, or set EAGER_BINDINGS=1 to do without"
    )


def test_node_loads_no_library_twice(one_stack: Path) -> None:
    assert loads((one_stack / "stdout").read_text()) == 3


@pytest.mark.parametrize(
    ("first", "imported", "loaded"),
    [
        pytest.param("import jsii; jsii.__jsii_runtime_version__ = '1.0.0'", True, 3, id="another jsii"),
        # The libraries that Node has loaded before they are imported are loaded again when they are.
        pytest.param("import stacks, jsii; jsii.kernel.stats()", False, 6, id="something else is asked first"),
    ],
)
def test_what_is_not_as_expected_gives_the_same_result(
    python: Python, one_stack: Path, tmp_path: Path, first: str, *, imported: bool, loaded: int
) -> None:
    script = f"{first}\nimport stacks, sys\nprint('cdktf imported:', 'cdktf' in sys.modules)\n{ONE_STACK}"
    done = python(script, JSII_DEBUG_TIMING="1", **counting(tmp_path))

    assert done.returncode == 0, done.stderr
    assert f"cdktf imported: {imported}\n" in done.stdout
    assert loads(done.stdout) == loaded
    assert 0 < modules_loaded_in_node(tmp_path) < 10
    assert output_without_its_folder(tmp_path) == output_without_its_folder(one_stack)


def test_a_node_that_another_library_has_started_is_left_to_it(python: Python) -> None:
    another = "import sys, constructs; del sys.modules['constructs']; import jsii; node = jsii.kernel.provider"

    done = python(f"{another}; import stacks; print(jsii.kernel.provider is node)")

    assert done.stdout == "True\n", done.stderr


@pytest.mark.slow
def test_a_node_that_refuses_the_hook_loads_everything_with_the_same_result(
    python: Python, one_stack: Path, tmp_path: Path
) -> None:
    assert BUNDLED_NODE
    node = tmp_path / "node"
    node.write_text(f'#!/bin/sh\ncase "$NODE_OPTIONS" in *lazy_bindings*) exit 9;; esac\nexec "{BUNDLED_NODE}" "$@"\n')
    node.chmod(0o755)

    done = python(ONE_STACK, JSII_NODE=str(node), **counting(tmp_path))

    assert done.returncode == 0, done.stderr
    assert modules_loaded_in_node(tmp_path) > 2000
    assert output_without_its_folder(tmp_path) == output_without_its_folder(one_stack)


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


def test_node_requires_archiver_when_it_is_called(tmp_path: Path) -> None:
    assert BUNDLED_NODE
    package = tmp_path / "node_modules" / "archiver"
    package.mkdir(parents=True)
    (package / "index.js").write_text("console.log('required'); module.exports = (kind) => kind")

    script = "const archiver = require('archiver'); console.log('not called'); console.log(archiver('zip'))"
    command = [BUNDLED_NODE, "--require", str(HOOK), "--eval", script]

    printed = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert printed.split("\n") == ["not called", "required", "zip", ""]


def test_node_ends_when_jsiis_index_is_written(tmp_path: Path) -> None:
    assert BUNDLED_NODE
    worker = tmp_path / "runtime-index-worker.js"
    worker.write_text("setTimeout(() => require('node:fs').writeFileSync('index', ''), 100)")

    script = f"new (require('node:worker_threads').Worker)({str(worker)!r}); process.exit(3)"
    command = [BUNDLED_NODE, "--require", str(HOOK), "--eval", script]

    assert subprocess.run(command, cwd=tmp_path, check=False).returncode == 3
    assert (tmp_path / "index").exists()


@pytest.mark.slow
def test_the_first_run_leaves_an_index_of_the_bindings(python: Python, tmp_path: Path) -> None:
    assert python(ONE_STACK, JSII_RUNTIME_PACKAGE_CACHE_ROOT=str(tmp_path / "cache")).returncode == 0

    assert list((tmp_path / "cache").glob("@cdktf/provider-aws/*/*/.jsii.runtime.v*.json"))
