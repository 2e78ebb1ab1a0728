"""Installs what the lock files pin: `python install.py runtime`, `develop`, or `npm FOLDER`. Make calls it.

It needs nothing but Python. If an installation was killed halfway, the next one starts over. A second one waits for the first.
"""

import fcntl
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

if sys.version_info < (3, 11):  # noqa: UP036 - people run this file with any Python
    major, minor = sys.version_info[:2]
    sys.exit(f"This project needs Python 3.11 or later, not {major}.{minor}. Name one: make PYTHON=python3.11")

PROJECT = Path(__file__).resolve().parent
VENV = PROJECT / ".venv"
PYTHON = VENV / "bin" / "python"
GROUPS = {"runtime": ("default",), "develop": ("default", "develop")}
# Packages that every synthesis imports are compiled to bytecode here, in case Python may not write it later.
IMPORTED = (
    "attr cattrs cdktf cdktf_cdktf_provider_aws/_jsii constructs dateutil jsii pydantic pydantic_core typeguard yaml"
)


def main() -> None:
    """Installs a group of Pipfile.lock, or the packages of a folder's package-lock.json."""
    what, *folder = sys.argv[1:]
    lock = PROJECT / "Pipfile.lock"
    with lock.open() as locked:
        fcntl.flock(locked, fcntl.LOCK_EX)
        if what == "npm":
            install_npm(PROJECT / folder[0])
        elif not is_fresh(VENV / f"{what}.txt", lock):
            install_python(what, json.load(locked))


def install_python(group: str, lock: dict[str, dict[str, Any]]) -> None:
    """Makes .venv hold exactly the packages of a group. The stamp `.venv/<group>.txt` is written last."""
    stamps = [VENV / f"{name}.txt" for name in GROUPS]
    if not any(stamp.exists() for stamp in stamps):
        shutil.rmtree(VENV, ignore_errors=True)
        run(sys.executable, "-m", "venv", VENV)
        uv = VENV / "uv.in"
        uv.write_text(requirement("uv", lock["develop"]["uv"]))
        run(PYTHON, "-m", "pip", "install", "--quiet", "--require-hashes", "--disable-pip-version-check", "-r", uv)
    for stamp in stamps:
        stamp.unlink(missing_ok=True)
    packages = {name: package for section in GROUPS[group] for name, package in lock[section].items()}
    requirements = VENV / "requirements.in"
    requirements.write_text("".join(requirement(name, package) for name, package in packages.items()))
    run(
        PYTHON,
        "-m",
        "uv",
        "pip",
        "sync",
        "--quiet",
        "--require-hashes",
        "--system-certs",
        "--python",
        PYTHON,
        requirements,
    )
    [libraries] = VENV.glob("lib/python*/site-packages")
    folders = [libraries / name for name in IMPORTED.split()]
    run(PYTHON, "-m", "compileall", "-qq", "-j", "0", *folders)
    for name in (group, "runtime"):
        shutil.copyfile(requirements, f"{requirements}.new")
        Path(f"{requirements}.new").replace(VENV / f"{name}.txt")


def install_npm(folder: Path) -> None:
    """Makes node_modules hold exactly the packages of package-lock.json. npm writes its own stamp last."""
    if not is_fresh(folder / "node_modules" / ".package-lock.json", folder / "package-lock.json"):
        run(shutil.which("npm", path=VENV / "bin"), "ci", "--no-audit", "--no-fund", "--ignore-scripts", cwd=folder)


def requirement(name: str, package: dict[str, Any]) -> str:
    """A package of Pipfile.lock as a line of a requirements file."""
    extras = ",".join(package.get("extras", []))
    line = f"{name}[{extras}]{package['version']}" if extras else f"{name}{package['version']}"
    marker = f" ; {package['markers']}" if "markers" in package else ""
    return " ".join([line + marker, *(f"--hash={each}" for each in package["hashes"])]) + "\n"


def is_fresh(stamp: Path, lock: Path) -> bool:
    return stamp.exists() and stamp.stat().st_mtime >= lock.stat().st_mtime


def run(*command: object, cwd: Path = PROJECT) -> None:
    """Runs a command with .venv's programs first on PATH. Ends this program with its exit code if it fails."""
    path = f"{VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    done = subprocess.run([str(part) for part in command], cwd=cwd, env={**os.environ, "PATH": path, **index()})
    if done.returncode:
        sys.exit(done.returncode)


def index() -> dict[str, str]:
    """The package index that pip is configured for, in the variable that uv reads; uv does not read pip's files."""
    if "UV_DEFAULT_INDEX" in os.environ:
        return {}
    found = os.environ.get("PIP_INDEX_URL")
    if not found:
        command = [sys.executable, "-m", "pip", "config", "get", "global.index-url"]
        found = subprocess.run(command, capture_output=True, text=True).stdout.strip()
    return {"UV_DEFAULT_INDEX": found} if found else {}


if __name__ == "__main__":
    main()
