"""Provider packages load only what is used, in any order of imports. If they cannot, they load as usual."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

import stacks  # noqa: F401 - before cdktf

# isort: split
import cdktf_cdktf_provider_aws as aws
from cdktf import App, TerraformStack

from tests.stacks.conftest import PROJECT

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


def output_without_its_folder(folder: Path) -> str:
    return (folder / "out" / "stacks" / "stack" / "cdk.tf.json").read_text().replace(str(folder), "")


@pytest.fixture(scope="module")
def one_stack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which one stack was synthesized.

    The modules imported, and whether `import stacks` left the environment as it was, are in a file.
    """
    folder = tmp_path_factory.mktemp("one stack")
    before = (
        "import os; before = dict(os.environ); import stacks; os.environ.pop('JSII_NODE'); after = dict(os.environ)"
    )
    script = f"{before}\n{ONE_STACK}\nimport sys\nprint('same environment:', before == after, *sys.modules, sep='\\n')"
    done = run_python(folder, script, **counting(folder))
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


def test_a_submodule_can_be_used_without_importing_it() -> None:
    unused = "cdktf_cdktf_provider_aws.glacier_vault"
    assert unused not in sys.modules

    assert aws.glacier_vault.GlacierVault.TF_RESOURCE_TYPE == "aws_glacier_vault"
    assert unused in sys.modules


def test_what_the_package_does_not_have_is_an_attribute_error() -> None:
    assert not hasattr(aws, "iam_polizy")


@pytest.mark.parametrize("first", ["from cdktf import App", "from constructs import Construct"])
@pytest.mark.parametrize("later", ["stacks", "pull_through_cache.constructs"])
def test_another_order_of_imports_has_the_same_result_and_one_warning(
    python: Python, one_stack: Path, tmp_path: Path, first: str, later: str
) -> None:
    script = f"{first}\nimport {later}\n{ONE_STACK}"
    done = python(script, **counting(tmp_path))

    assert done.returncode == 0, done.stderr
    assert [line.partition(": ")[2] for line in done.stderr.splitlines() if "Warning" in line] == [
        "UserWarning: cdktf was imported before lazy_bindings, so loading takes longer; "
        "write `import lazy_bindings  # isort: skip` above the first import of cdktf"
    ]
    assert 0 < modules_loaded_in_node(tmp_path) < 10
    assert output_without_its_folder(tmp_path) == output_without_its_folder(one_stack)


def test_the_remedy_in_the_warning_is_quick_and_quiet(python: Python) -> None:
    done = python("import lazy_bindings  # isort: skip\nfrom cdktf import App\nimport stacks")

    assert (done.returncode, done.stderr) == (0, "")


def test_a_node_that_has_objects_already_is_left_as_it_is(python: Python) -> None:
    done = python("from cdktf import App; app = App(); import stacks; print(app.node.id == '')")

    assert done.stdout == "True\n", done.stderr


@pytest.mark.slow
def test_an_unsupported_jsii_has_the_same_result(python: Python, one_stack: Path, tmp_path: Path) -> None:
    unknown = "from jsii._embedded.jsii import EMBEDDED_FILES as files; known = dict(files); files.clear()"
    done = python(f"{unknown}\nimport stacks\nfiles.update(known)\n{ONE_STACK}", **counting(tmp_path))

    assert done.returncode == 0, done.stderr
    assert "lazy_bindings does not support this version of jsii" in done.stderr
    assert modules_loaded_in_node(tmp_path) > 2000
    assert output_without_its_folder(tmp_path) == output_without_its_folder(one_stack)


@pytest.fixture
def provider(tmp_path: Path) -> Path:
    """A provider package with one submodule. Its `__init__` fails if it runs."""
    package = tmp_path / "site" / "cdktf_cdktf_provider_small"
    (package / "_jsii").mkdir(parents=True)
    (package / "_jsii" / "provider-small@0.0.1.jsii.tgz").write_text("")
    (package / "__init__.py").write_text("raise ImportError('eager')")
    (package / "thing.py").write_text("class Thing: pass")
    return package


@pytest.mark.parametrize(
    "use",
    [
        "from cdktf_cdktf_provider_small.thing import Thing",
        "from cdktf_cdktf_provider_small import thing; thing.Thing",
        "import cdktf_cdktf_provider_small as small; small.thing.Thing",
    ],
)
def test_any_provider_package_imports_only_what_is_used(python: Python, provider: Path, use: str) -> None:
    done = python(f"import lazy_bindings; {use}", PYTHONPATH=f"{PROJECT}{os.pathsep}{provider.parent}")

    assert (done.returncode, done.stderr) == (0, "")


def test_a_package_of_another_kind_is_imported_as_usual(python: Python, provider: Path) -> None:
    shutil.rmtree(provider / "_jsii")
    done = python(
        "import lazy_bindings, cdktf_cdktf_provider_small", PYTHONPATH=f"{PROJECT}{os.pathsep}{provider.parent}"
    )

    assert done.stderr.splitlines()[-1] == "ImportError: eager"


@pytest.mark.parametrize("wrong", ["name=1", "name=[]", "path=1"])
def test_a_wrong_type_is_an_error_each_time(wrong: str) -> None:
    scope = TerraformStack(App(), "stack")
    aws.iam_policy.IamPolicy(scope, "right", policy="{}", name="name", path=None)

    for number in range(2):
        with pytest.raises(TypeError, match=wrong.partition("=")[0]):
            aws.iam_policy.IamPolicy(scope, f"wrong{number}", policy="{}", **eval(f"dict({wrong})"))  # noqa: S307


@pytest.mark.slow
def test_the_first_run_leaves_an_index_of_the_bindings(python: Python, tmp_path: Path) -> None:
    assert python(ONE_STACK, JSII_RUNTIME_PACKAGE_CACHE_ROOT=str(tmp_path / "cache")).returncode == 0

    assert list((tmp_path / "cache").glob("@cdktf/provider-aws/*/*/.jsii.runtime.v*.json"))
