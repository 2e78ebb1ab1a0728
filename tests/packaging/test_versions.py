"""pyproject.toml, for users of the package, agrees with Pipfile, for this project's own app."""

import re

import pytest
from packaging.requirements import Requirement

from pull_through_cache import __version__
from tests.packaging.conftest import PROJECT, toml

PYPROJECT, PIPFILE = toml(PROJECT / "pyproject.toml"), toml(PROJECT / "Pipfile")
EXTRAS = PYPROJECT["project"]["optional-dependencies"]
RANGES = {
    requirement.name: requirement.specifier
    for requirement in map(Requirement, [*PYPROJECT["project"]["dependencies"], *EXTRAS["cdktf"]])
}
PINS = {name: pin.removeprefix("==") for name, pin in PIPFILE["packages"].items() if pin.startswith("==")}


def test_both_name_the_same_packages() -> None:
    assert RANGES.keys() == PINS.keys()


@pytest.mark.parametrize("name", sorted(PINS))
def test_the_range_contains_the_pinned_version(name: str) -> None:
    assert PINS[name] in RANGES[name]


def test_the_pinned_uv_can_be_the_build_backend() -> None:
    [backend] = PYPROJECT["build-system"]["requires"]

    assert PIPFILE["dev-packages"]["uv"].removeprefix("==") in Requirement(backend).specifier


def test_the_command_line_prints_the_version_of_the_package() -> None:
    assert PYPROJECT["project"]["version"] == __version__


def test_the_helm_plugin_has_the_version_of_the_package() -> None:
    assert f"version: {__version__}\n" in (PROJECT / "helm-plugin" / "plugin.yaml").read_text()


@pytest.mark.parametrize("file", ["README.md", ".gitlab-ci.yml"])
def test_examples_use_the_tag_of_this_version(file: str) -> None:
    text = (PROJECT / "examples" / "pipelines" / file).read_text()

    assert set(re.findall(r"\bv\d+\.\d+\.\d+", text)) == {f"v{__version__}"}


def test_the_oldest_python_is_the_same_everywhere() -> None:
    oldest = re.sub("[^0-9.]", "", PYPROJECT["project"]["requires-python"])

    assert PYPROJECT["tool"]["mypy"]["python_version"] == oldest
    assert PYPROJECT["tool"]["ruff"]["target-version"] == f"py{oldest.replace('.', '')}"
