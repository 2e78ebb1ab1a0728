import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from install import index

PROJECT = Path(__file__).parents[2]

Install = Callable[..., Path]


def toml(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text())


def run(*command: object, cwd: Path, **environment: str) -> str:
    """What a program prints. Its environment has no PYTHONPATH, so it finds only what is installed."""
    inherited = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "DEPLOYMENT")}
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=inherited | environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package, built from this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "uv", "build", "--quiet", "--wheel", "--out-dir", folder, PROJECT, cwd=folder)
    [built] = folder.glob("*.whl")
    return built


@pytest.fixture(scope="session")
def install(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Install:
    """Installs the wheel with an extra, and other packages, into a new virtual environment: the folder of its programs."""

    def install(extra: str = "", *packages: str) -> Path:
        folder = tmp_path_factory.mktemp("environment")
        run(sys.executable, "-m", "uv", "venv", "--quiet", "--python", sys.executable, folder / "venv", cwd=folder)
        python = folder / "venv" / "bin" / "python"
        command = (sys.executable, "-m", "uv", "pip", "install", "--quiet", "--system-certs", "--python", python)
        run(*command, f"{wheel}{extra}", *packages, cwd=folder, **index())
        return python.parent

    return install


@pytest.fixture(scope="session")
def programs(install: Install) -> Path:
    """The programs of an environment with the wheel, without extras."""
    return install()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder outside the checkout, with a deployment file."""
    shutil.copy(PROJECT / "deployments" / "organization.yaml", tmp_path / "deployment.yaml")
    return tmp_path
