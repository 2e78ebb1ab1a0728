"""`validate`, `picture`, and `image`, and the help of every command."""

import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from pull_through_cache.commands import commands
from pull_through_cache.deployment import Deployment, load
from pull_through_cache.diagram.mermaid import mermaid
from pull_through_cache.diagram.svg import svg
from tests.images.conftest import ELSEWHERE, HOST, NGINX, WORKLOADS, Run, deployment, outcome

PROJECT = Path(__file__).parents[2]
PROCESS = [sys.executable, "-m", "pull_through_cache"]


def test_validate_a_good_file(run: Run) -> None:
    assert outcome(run("validate", "deployment.yaml")) == (0, "deployment.yaml: no errors\n", "")


def test_validate_takes_the_deployment_of_the_environment(run: Run) -> None:
    assert run("validate").stdout == f"{os.environ['DEPLOYMENT']}: no errors\n"


def test_validate_prints_errors(run: Run) -> None:
    Path("bad.yaml").write_text("registry:\n  regions: [eu-west-1]\n")

    code, out, error = outcome(run("validate", "bad.yaml"))

    assert (code, out) == (2, "")
    assert error.startswith("bad.yaml:1: registry.upstreams: is missing; ")


def test_validate_prints_json_for_scripts(run: Run) -> None:
    Path("bad.yaml").write_text("registry:\n  regions: [eu-west-1]\n")

    result = run("validate", "--json", "bad.yaml")

    (problem,) = json.loads(result.stdout)
    assert result.exit_code == 2
    assert problem.pop("message").startswith("is missing; ")
    assert problem == {
        "file": "bad.yaml",
        "line": 1,
        "place": "registry.upstreams",
        "name": None,
        "severity": "error",
    }


@pytest.mark.parametrize(("options", "severity"), [([], "warning"), (["--strict"], "error")], ids=["usual", "strict"])
def test_validate_names_warnings_for_scripts(run: Run, tmp_path: Path, options: list[str], severity: str) -> None:
    result = run("validate", "--json", *options, str(deployment(tmp_path, "root")))

    assert {(found["severity"], found["name"]) for found in json.loads(result.stdout)} == {
        (severity, "catch-all"),
        (severity, "shadowed-prefix"),
    }


@pytest.mark.parametrize(
    ("options", "code"), [([], 0), (["--strict"], 2), (["--json"], 0), (["--json", "--strict"], 2)]
)
def test_validate_prints_warnings(run: Run, tmp_path: Path, options: list[str], code: int) -> None:
    result = run("validate", *options, str(deployment(tmp_path, "root")))

    assert result.exit_code == code
    assert "silence: [shadowed-prefix]" in result.output


@pytest.mark.parametrize(("options", "draw"), [([], svg), (["--mermaid"], mermaid)], ids=["svg", "mermaid"])
def test_picture_prints_the_picture(run: Run, options: list[str], draw: Callable[[Deployment], str]) -> None:
    assert outcome(run("picture", *options, "deployment.yaml")) == (0, draw(load(Path("deployment.yaml"))), "")


def test_picture_draws_the_default_deployment(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DEPLOYMENT")

    assert outcome(run("picture")) == (0, svg(load(PROJECT / "deployments" / "blog-post.yaml")), "")


def test_image_prints_a_line_for_each_name(run: Run) -> None:
    names = "nginx", "quay.io/a/b:1", "gcr.io/a/b"

    assert outcome(run("image", *names)) == (
        0,
        f"{NGINX}\n{HOST}/quay/a/b:1\ngcr.io/a/b\n",
        "gcr.io/a/b: no cache covers it\n",
    )


@pytest.mark.parametrize(("name", "code"), [("gcr.io/a/b", 1), ("nginx", 0), (f"{HOST}/shop", 0), (NGINX, 0)])
def test_image_strict(run: Run, name: str, code: int) -> None:
    assert run("image", "--strict", name).exit_code == code


def test_image_rejects_an_invalid_name(run: Run) -> None:
    code, out, error = outcome(run("image", "nginx", "a b"))

    assert (code, out) == (1, f"{NGINX}\na b\n")
    assert error.startswith("a b: is not an image's name")


def test_image_reverse(run: Run) -> None:
    assert outcome(run("image", "--reverse", NGINX, f"{HOST}/shop")) == (
        0,
        f"docker.io/library/nginx\n{HOST}/shop\n",
        f"{HOST}/shop: is not the name of a cached image\n",
    )


def test_image_for_scripts(run: Run) -> None:
    answers = json.loads(run("image", "--json", "nginx", NGINX, f"{HOST}/shop", "gcr.io/a/b", "a b").stdout)

    assert answers == [
        {"image": "nginx", "name": NGINX, "state": "cacheable", "cache": "docker-hub"},
        {"image": NGINX, "name": NGINX, "state": "cached", "cache": "docker-hub"},
        {"image": f"{HOST}/shop", "name": f"{HOST}/shop", "state": "own", "cache": None},
        {"image": "gcr.io/a/b", "name": "gcr.io/a/b", "state": "uncovered", "cache": None},
        {"image": "a b", "name": "a b", "state": "invalid", "cache": None},
    ]


@pytest.mark.parametrize(
    ("options", "host"),
    [
        pytest.param([], HOST, id="the first Region"),
        pytest.param(["--region", "us-west-2"], ELSEWHERE, id="Region"),
        pytest.param(["--workload", "far"], ELSEWHERE, id="workload with a Region"),
        pytest.param(["--workload", "near"], HOST, id="workload without a Region"),
        pytest.param(["--account-id", "999988887777"], HOST.replace("111122223333", "999988887777"), id="account"),
    ],
)
def test_the_registry_to_pull_from(run: Run, options: list[str], host: str) -> None:
    assert run("image", *options, "quay.io/a/b").stdout == f"{host}/quay/a/b\n"


def test_a_workload_uses_only_the_caches_that_its_nodes_may_use(run: Run, tmp_path: Path) -> None:
    file = deployment(tmp_path, more=WORKLOADS.replace("policy_name: near", "policy_name: near, caches: [quay]"))

    names = run("image", "--deployment", str(file), "--workload", "near", "quay.io/a/b", "nginx").stdout

    assert names == f"{HOST}/quay/a/b\nnginx\n"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param(
            ["--region", "eu-west-3"],
            "--region: the registry is not in eu-west-3; write one of eu-central-1, us-west-2.",
            id="Region",
        ),
        pytest.param(["--workload", "x"], "--workload: x does not exist; write one of far, near.", id="workload"),
        pytest.param(["--region", "us-west-2", "--workload", "far"], "use one of the two.", id="both"),
        pytest.param(["--account-id", "1234"], "'1234' is not an account id; write its 12 digits", id="account"),
        pytest.param(["--deployment", "none.yaml"], "none.yaml: does not exist", id="deployment"),
    ],
)
def test_a_registry_that_does_not_exist(run: Run, options: list[str], message: str) -> None:
    code, out, error = outcome(run("image", *options, "nginx"))

    assert (code, out) == (2, "")
    assert message in error


def test_a_deployment_without_workloads(run: Run, tmp_path: Path) -> None:
    deployment(tmp_path)

    assert "--workload: x does not exist; " in run("image", "--workload", "x", "nginx").stderr


def test_a_missing_account_id_is_reported(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "deployment.yaml"
    file.write_text(file.read_text().replace('  account_id: "111122223333"\n', "").replace("near", "close"))

    assert outcome(run("image", "nginx")) == (
        2,
        "",
        f'{file}: registry.account_id: is missing; write for example `account_id: "123456789012"`, or give '
        "--account-id\n",
    )


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {**os.environ, "DEPLOYMENT": str(deployment(tmp_path)), "PYTHONUNBUFFERED": ""}


def on_a_terminal(environment: dict[str, str], *command: str) -> list[str]:
    """The lines that a command prints on a terminal of 40 columns."""
    shown = ""
    leader, follower = pty.openpty()
    with subprocess.Popen(
        [*PROCESS, *command], cwd=PROJECT, env={**environment, "COLUMNS": "40"}, stdout=follower
    ) as process:
        process.wait(60)
    os.close(follower)
    with suppress(OSError):  # Linux's way to say that a terminal has no other end any more; macOS ends the file
        while piece := os.read(leader, 10_000):
            shown += piece.decode()
    os.close(leader)
    return shown.splitlines()


def test_image_prints_only_the_name_on_a_terminal(environment: dict[str, str]) -> None:
    assert on_a_terminal(environment, "image", "nginx") == [NGINX]


def test_images_breaks_no_name_on_a_terminal(environment: dict[str, str], manifest: Path) -> None:
    manifest.write_text(f"image: {NGINX}\n---\nimage: gcr.io/a/b\n")

    assert [line.split() for line in on_a_terminal(environment, "images", str(manifest))] == [
        [NGINX, "cached", "docker-hub", f"{manifest}:1:", "image"],
        ["gcr.io/a/b", "uncovered", "-", f"{manifest}:3:", "image"],
    ]


@pytest.mark.parametrize(
    ("command", "documents"),
    [pytest.param("images", 1, id="at the end"), pytest.param("rewrite", 1_000, id="while it writes")],
)
def test_a_closed_pipe_is_not_an_error(
    environment: dict[str, str], tmp_path: Path, command: str, documents: int
) -> None:
    file = tmp_path / "pods.yaml"
    file.write_text("image: nginx\n---\n" * documents)
    reader, writer = os.pipe()
    os.close(reader)

    result = subprocess.run(
        [*PROCESS, command, str(file)], cwd=PROJECT, env=environment, stdout=writer, stderr=subprocess.PIPE, check=False
    )

    os.close(writer)
    assert result.stderr == b""


def test_an_interrupt_is_quiet(environment: dict[str, str]) -> None:
    with subprocess.Popen(
        [*PROCESS, "images"],
        cwd=PROJECT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # A job in the background of a shell is started with the signal ignored, and so are its children.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        process.stdin.write(b"image: nginx\n---\n" * 1_000)  # more output than a buffer holds, less than a pipe
        process.stdin.flush()
        process.stdout.readline()
        process.send_signal(signal.SIGINT)

        assert process.wait(30) == 130
        assert process.stderr.read() == b""


def test_a_start_imports_only_what_it_needs() -> None:
    script = "import sys, pull_through_cache.commands; print({'botocore', 'cdktf', 'jsii', 'rich'} & set(sys.modules))"

    assert subprocess.check_output([sys.executable, "-c", script], cwd=PROJECT, text=True) == "set()\n"


@pytest.mark.parametrize("command", sorted(commands.commands))
def test_every_command_has_help(run: Run, command: str) -> None:
    assert f"Usage: commands {command}" in run(command, "--help").stdout


def test_help_shows_the_whole_first_line_of_each_command(run: Run) -> None:
    assert "..." not in run("--help").stdout.partition("Commands:")[2]
