"""`python main.py`."""

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

import stacks  # noqa: F401 - before cdktf
from main import main
from tests.stacks.conftest import PROJECT

SECRETS = {"TF_VAR_docker_hub_username": "somebody", "TF_VAR_docker_hub_access_token": "dckr_pat_secret"}
Errors = Callable[..., list[str]]


def main_py(cwd: Path, project: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run main.py in a folder, with these environment variables."""
    return subprocess.run(
        [sys.executable, project / "main.py"],
        cwd=cwd,
        env={"HOME": os.environ["HOME"], "PYTHONDONTWRITEBYTECODE": "1"} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def errors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Errors:
    """Run main in an empty folder, which is quicker than a process. The lines of its errors, with exit code 2."""

    def errors(**environment: str) -> list[str]:
        monkeypatch.chdir(tmp_path)
        for name in ("DEPLOYMENT", "CDKTF_OUTDIR"):
            monkeypatch.setenv(name, environment.get(name, ""))
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        assert (ended.value.code, said.out) == (2, "")
        return said.err.splitlines()

    return errors


@pytest.fixture(scope="module")
def default(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which main.py of a copy of the project ran, without Node on PATH, in another language and time zone.

    The environment contained secrets. The folder also has the files `stdout` and `stderr`.
    """
    copy, folder = tmp_path_factory.mktemp("the project"), tmp_path_factory.mktemp("default")
    for name in ("pull_through_cache", "lazy_bindings", "stacks", "deployments"):
        shutil.copytree(PROJECT / name, copy / name)
    for name in ("main.py", "cdktf.json"):
        shutil.copy(PROJECT / name, copy)
    done = main_py(folder, copy, PATH="", LANG="tr_TR.UTF-8", TZ="Asia/Tokyo", **SECRETS)
    (folder / "stdout").write_text(done.stdout)
    (folder / "stderr").write_text(done.stderr)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which main ran with another deployment file and another output folder."""
    folder = tmp_path_factory.mktemp("named")
    shutil.copy(PROJECT / "deployments" / "blog-post.yaml", folder / "mine.yaml")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("DEPLOYMENT", "mine.yaml")
        patch.setenv("CDKTF_OUTDIR", str(folder / "build" / "my output"))
        main()
    return folder


def files(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_main_works_in_any_folder_without_node_on_path(default: Path) -> None:
    assert set(files(default / "cdktf.out")) == {"manifest.json", "stacks/shared-services-eu-central-1/cdk.tf.json"}


def test_no_secret_reaches_the_output(default: Path) -> None:
    everything = "".join(files(default).values())

    assert [secret for secret in SECRETS.values() if secret in everything] == []


def test_deployment_and_output_folder_can_be_set(named: Path) -> None:
    assert (named / "build" / "my output" / "manifest.json").exists()
    assert not (named / "cdktf.out").exists()


def test_the_bytes_are_the_same_in_every_folder(default: Path, named: Path) -> None:
    assert files(named / "build" / "my output") == files(default / "cdktf.out")


def test_the_last_line_names_file_stacks_and_folder(default: Path) -> None:
    written = "wrote shared-services-eu-central-1 to cdktf.out/stacks"

    assert (default / "stdout").read_text().endswith(f"deployments/blog-post.yaml: {written}\n")


def test_warnings_of_the_default_file_name_the_way_to_another(default: Path) -> None:
    last = (default / "stderr").read_text().splitlines()[-1]

    assert last.endswith("blog-post.yaml is the default; its warnings stop nothing. For your own file, set DEPLOYMENT.")


def test_warnings_of_a_named_file_are_only_its_own(tmp_path: Path) -> None:
    file = PROJECT / "deployments" / "blog-post.yaml"

    done = main_py(tmp_path, PROJECT, DEPLOYMENT=str(file))

    assert [line.startswith(f"{file}:") for line in done.stderr.splitlines()] == [True, True]


def test_an_invalid_deployment_leaves_the_output_unchanged(tmp_path: Path) -> None:
    (tmp_path / "cdktf.out").mkdir()
    (tmp_path / "cdktf.out" / "manifest.json").write_text("what was there")
    (tmp_path / "bad.yaml").write_text("registry: {regions: [eu-west-1], upstreams: {quay: {url: quay.oi}}, x: 1}")

    done = main_py(tmp_path, PROJECT, DEPLOYMENT="bad.yaml")

    assert (done.returncode, done.stdout) == (2, "")
    assert [line.split(": ")[0:2] for line in done.stderr.splitlines()] == [
        ["bad.yaml:1", "registry.upstreams.quay.url"],
        ["bad.yaml:1", "registry.x"],
    ]
    assert files(tmp_path / "cdktf.out") == {"manifest.json": "what was there"}


def test_one_mistake_in_a_thousand_workloads_is_one_error(errors: Errors, tmp_path: Path) -> None:
    workloads = [
        f"  app-{number}: {{account_id: '{10**11 + number}', region: {region}, node_roles: [nodes]}}\n"
        for number, region in enumerate([*["eu-west-1"] * 999, "us-east-1"])
    ]
    registry = "registry: {regions: [eu-west-1], upstreams: {quay: {url: quay.io}}}\n"
    (tmp_path / "bad.yaml").write_text(f"{registry}workloads:\n{''.join(workloads)}")

    assert [line.split(": ")[:2] for line in errors(DEPLOYMENT="bad.yaml")] == [
        ["bad.yaml:1002", "workloads.app-999.region"]
    ]
    assert not (tmp_path / "cdktf.out").exists()


def test_an_output_folder_that_cannot_be_written_is_an_error(errors: Errors, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    assert errors(CDKTF_OUTDIR="file/out")[-1] == (
        "file/out: cannot be written to (Not a directory); name another CDKTF_OUTDIR"
    )


def test_hostile_names_are_printed_on_one_line(errors: Errors) -> None:
    assert errors(DEPLOYMENT="a\n::error ::b\x1b[0m") == [
        r"a\n::error ::b\x1b[0m: does not exist; set DEPLOYMENT to your deployment file"
    ]


def test_a_stack_that_is_removed_from_the_deployment_is_removed_from_the_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, out = tmp_path / "deployment.yaml", tmp_path / "cdktf.out"
    monkeypatch.setenv("DEPLOYMENT", str(file))
    monkeypatch.setenv("CDKTF_OUTDIR", str(out))
    for regions in ("eu-west-1, us-east-1", "us-east-1"):
        file.write_text(f"registry: {{regions: [{regions}], upstreams: {{quay: {{url: quay.io}}}}}}")
        main()

    assert list(json.loads((out / "manifest.json").read_text())["stacks"]) == ["shared-services-us-east-1"]
    assert [file.parent.name for file in out.glob("stacks/*/cdk.tf.json")] == ["shared-services-us-east-1"]


def test_an_interrupt_is_quiet(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, PROJECT / "main.py"],
        cwd=tmp_path,
        env={"HOME": os.environ["HOME"], "DEPLOYMENT": "/dev/stdin"},
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        # A job in the background of a shell is started with the signal ignored, and so are its children.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:
        assert process.stdin
        assert process.stderr
        process.stdin.write(b"#" * 100_000)  # more than a pipe holds: main.py reads by now, and Node has been started
        os.killpg(process.pid, signal.SIGINT)
        process.stdin.close()  # a signal that came just before it waits for more is noticed when it has waited

        assert process.wait(30) == 130
        assert process.stderr.read() == b""


def program(file: Path, script: str) -> None:
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)


@pytest.mark.parametrize(
    ("environment", "line"),
    [
        pytest.param(
            {"JSII_NODE": "/nowhere/node"},
            "/nowhere/node cannot be run; unset JSII_NODE, or set it to the path of a Node",
            id="no Node",
        ),
        pytest.param(
            {"JSII_NODE": "/bin/false"},
            "Node gives no answer; unset JSII_NODE, or set it to the path of another Node",
            id="a Node that ends at once",
        ),
        pytest.param(
            {"JSII_NODE": "./node"},
            "Node gives no answer; unset JSII_NODE, or set it to the path of another Node",
            id="a Node that prints without end",
        ),
        pytest.param(
            {"HOME": "/proc"},
            "jsii cannot use its cache /proc/.cache/aws/jsii/package-cache (No such file or directory); "
            "set JSII_RUNTIME_PACKAGE_CACHE_ROOT to a folder that you may write to",
            id="HOME",
        ),
        pytest.param(
            {"TMPDIR": "/proc"},
            "no such file or directory, mkdtemp '/proc/jsii-kernel-XXXXXX'; "
            "set HOME and TMPDIR to folders that you may write to",
            id="TMPDIR",
        ),
    ],
)
def test_a_fault_of_the_machine_is_one_line_with_the_remedy(
    tmp_path: Path, environment: dict[str, str], line: str
) -> None:
    program(tmp_path / "node", "while echo no JSON; do :; done >&3 2> /dev/null")
    done = main_py(tmp_path, PROJECT, DEPLOYMENT=str(PROJECT / "deployments" / "organization.yaml"), **environment)

    assert (done.returncode, done.stdout, done.stderr.splitlines()) == (2, "", [line])
    assert not list((tmp_path / "cdktf.out").iterdir())


IMPATIENT = """
import lazy_bindings.node_process
lazy_bindings.node_process._STARTS = 0.5
from main import main
main()
"""


def test_a_node_that_does_not_start_is_not_waited_for(tmp_path: Path) -> None:
    program(tmp_path / "node", "exec sleep 1000")
    file = str(PROJECT / "deployments" / "organization.yaml")
    with interruptible(tmp_path, "-c", IMPATIENT, DEPLOYMENT=file, JSII_NODE="./node") as process:
        assert process.stderr
        assert process.stderr.read().splitlines() == [
            b"Node gives no answer; unset JSII_NODE, or set it to the path of another Node"
        ]
    assert process.returncode == 2
    assert not list((tmp_path / "cdktf.out").iterdir())


@pytest.mark.parametrize("files", [8, 20, 63])
def test_too_few_open_files_are_one_line_with_the_remedy(tmp_path: Path, files: int) -> None:
    command = f"ulimit -n {files}; exec '{sys.executable}' '{PROJECT / 'main.py'}'"
    environment = {"HOME": os.environ["HOME"], "DEPLOYMENT": str(PROJECT / "deployments" / "organization.yaml")}
    done = subprocess.run(
        ["/bin/sh", "-c", command], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout) == (2, "")
    [line] = done.stderr.splitlines()
    assert line.endswith("raise the limit, for example with `ulimit -n 1024`")


def interruptible(folder: Path, *command: str | Path, **environment: str) -> subprocess.Popen[bytes]:
    """Starts Python in a process group of its own, as a terminal does."""
    return subprocess.Popen(
        [sys.executable, *command],
        cwd=folder,
        env={"HOME": os.environ["HOME"], "PYTHONPATH": str(PROJECT)} | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
        # A job in the background of a shell is started with the signal ignored, and so are its children.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


SCRIPT = "from pull_through_cache.__main__ import main; main()"
"""What the script `pull-through-cache` of an installation contains."""


@pytest.mark.parametrize("module", [b" enum\n", b" pydantic_core._pydantic_core\n", b" yaml.cyaml\n"], ids=repr)
@pytest.mark.parametrize(
    "command",
    [
        pytest.param([PROJECT / "main.py"], id="main.py"),
        pytest.param(["-m", "pull_through_cache", "validate"], id="python -m"),
        pytest.param(["-c", SCRIPT, "validate"], id="script"),
    ],
)
def test_an_interrupt_while_modules_are_imported_is_quiet(
    tmp_path: Path, command: list[str | Path], module: bytes
) -> None:
    with interruptible(tmp_path, "-X", "importtime", *command) as process:
        assert process.stderr
        for line in process.stderr:
            if line.endswith(module):
                os.killpg(process.pid, signal.SIGINT)
                break

        assert [line for line in process.stderr if not line.startswith(b"import time:")] == []
        assert process.wait() == 130


IN_CLICK = """
import os, signal
from pull_through_cache.__main__ import main
from click import Group
Group.parse_args = lambda *_: os.kill(os.getpid(), signal.SIGINT)
main()
"""


def test_an_interrupt_while_click_reads_the_arguments_is_quiet(tmp_path: Path) -> None:
    with interruptible(tmp_path, "-c", IN_CLICK) as process:
        assert process.stderr
        assert (process.wait(), process.stderr.read()) == (130, b"")


@pytest.mark.parametrize("processes", [os.kill, os.killpg], ids=["Python", "Python and Node"])
@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)], ids=lambda each: str(each)
)
def test_a_signal_while_two_processes_synthesize_is_quiet_and_leaves_nothing(
    tmp_path: Path, processes: Callable[[int, int], None], number: signal.Signals, code: int
) -> None:
    workloads = "".join(f"  app-{n}: {{account_id: '{10**11 + n}', node_roles: [nodes]}}\n" for n in range(250))
    registry = "registry: {account_id: '123456789012', regions: [eu-west-1], upstreams: {quay: {url: quay.io}}}\n"
    (tmp_path / "many.yaml").write_text(f"{registry}workloads:\n{workloads}")
    with interruptible(tmp_path, PROJECT / "main.py", DEPLOYMENT="many.yaml") as process:
        while not list(tmp_path.glob("cdktf.out/.synthesis-*")) and process.poll() is None:
            time.sleep(0.01)
        processes(process.pid, number)

        assert process.stderr
        assert (process.wait(), process.stderr.read()) == (code, b"")
    assert list((tmp_path / "cdktf.out").iterdir()) == []
