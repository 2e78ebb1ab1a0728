"""The cdktf app in examples/ works with the wheel, outside the checkout."""

import json
import shutil
from pathlib import Path
from textwrap import dedent, indent

import pytest

from tests.packaging.conftest import PROJECT, Install, run, toml

APP = PROJECT / "examples" / "cdktf-app"


@pytest.fixture(scope="module")
def python(install: Install) -> Path:
    """Python with the wheel, its extra and what the app's Pipfile adds for tests."""
    packages = toml(APP / "Pipfile")["dev-packages"]
    return install("[cdktf]", *(f"{name}{version}" for name, version in packages.items())) / "python"


@pytest.fixture
def app(tmp_path: Path) -> Path:
    return shutil.copytree(APP, tmp_path / "app")


@pytest.mark.slow
def test_it_synthesizes(python: Path, app: Path) -> None:
    run(python, "main.py", cwd=app)

    configuration = json.loads((app / "cdktf.out" / "stacks" / "caches" / "cdk.tf.json").read_text())
    assert set(configuration["resource"]) == {"aws_iam_policy", "aws_iam_role_policy_attachment"}


@pytest.mark.slow
def test_its_tests_pass(python: Path, app: Path) -> None:
    assert "3 passed" in run(python, "-m", "pytest", "-p", "no:cacheprovider", cwd=app)


def test_the_readme_shows_its_constructs() -> None:
    constructs = (APP / "caches.py").read_text().partition('region="eu-central-1")\n')[2]

    assert indent(dedent(constructs), "    ") in (PROJECT / "README.md").read_text()


@pytest.mark.parametrize("file", ["caches.py", "main.py"])
def test_the_documentation_shows_it(file: str) -> None:
    documentation = (PROJECT / "docs" / "library.md").read_text()
    code = (APP / file).read_text().partition('"""\n\n')[2]

    assert "".join(f"    {line}" if line.strip() else line for line in code.splitlines(keepends=True)) in documentation
