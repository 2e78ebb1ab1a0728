"""`cluster`: its options, the comment of its output, and bad input."""

import json
from pathlib import Path

import pytest
import yaml

from tests.images.conftest import ELSEWHERE, HOST, NGINX, Run, deployment, outcome

OUTPUTS = ("admission", "kyverno", "guard", "registries-conf", "containerd")


@pytest.mark.parametrize("output", OUTPUTS)
def test_the_same_bytes_each_time(run: Run, output: str) -> None:
    assert run("cluster", output).stdout_bytes == run("cluster", output).stdout_bytes


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize(
    ("options", "host", "other"),
    [
        pytest.param([], HOST, ELSEWHERE, id="first Region"),
        pytest.param(["--region", "us-west-2"], ELSEWHERE, HOST, id="Region"),
        pytest.param(["--workload", "far"], ELSEWHERE, HOST, id="workload with a Region"),
        pytest.param(["--workload", "near"], HOST, ELSEWHERE, id="workload without a Region"),
    ],
)
def test_the_registry_to_pull_from(run: Run, output: str, options: list[str], host: str, other: str) -> None:
    printed = run("cluster", output, *options).stdout

    assert host in printed
    assert other not in printed


@pytest.mark.parametrize("output", OUTPUTS)
def test_the_comment_has_the_command_that_renews_it(run: Run, output: str) -> None:
    Path("here").mkdir()
    file = deployment(Path("here")).rename(Path("here", "my caches.yaml"))

    printed = run("cluster", output, "--deployment", str(file), "--account-id", "999988887777").stdout

    comment = [line for line in printed.splitlines() if line.startswith("# ")]
    assert "# Made from the deployment file my caches.yaml. When it has changed, run:" in comment
    renewal = f"#   pull-through-cache cluster {output} --deployment 'here/my caches.yaml' --account-id 999988887777 | "
    assert any(line.startswith(renewal) for line in comment)


def test_the_command_that_renews_it_has_the_options(run: Run) -> None:
    printed = run("cluster", "guard", "--action", "deny", "--fail", "--namespaces", "team=shop").stdout

    assert " --namespaces team=shop --fail --action deny | kubectl apply -f -\n" in printed


def test_a_file_name_does_not_get_out_of_the_comment(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a\nkind: Evil").mkdir()
    file = deployment(tmp_path / "a\nkind: Evil").rename(tmp_path / "a\nkind: Evil" / "b\rkind: Evil")

    printed = run("cluster", "admission", "--deployment", str(file)).stdout

    assert "Evil" not in [line[:4] for line in printed.splitlines()]
    kinds = [document["kind"] for document in yaml.safe_load_all(printed)]
    assert kinds == ["MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding"]


def test_without_an_output_it_lists_the_outputs(run: Run) -> None:
    code, out, error = outcome(run("cluster"))

    assert (code, out) == (2, "")
    assert {line.split()[0] for line in error.partition("Commands:\n")[2].splitlines()} == set(OUTPUTS)


def test_an_unknown_output(run: Run) -> None:
    code, out, error = outcome(run("cluster", "gatekeeper"))

    assert (code, out) == (2, "")
    assert "No such command 'gatekeeper'" in error


def test_an_unknown_action(run: Run) -> None:
    code, out, error = outcome(run("cluster", "guard", "--action", "forbid"))

    assert (code, out) == (2, "")
    assert "'forbid' is not one of 'warn', 'audit', 'deny'" in error


@pytest.mark.parametrize(
    "label",
    [
        pytest.param("team", id="no value"),
        pytest.param("=shop", id="no label"),
        pytest.param("team=a=b", id="two values"),
        pytest.param("team=a b", id="space"),
        pytest.param("-team=shop", id="begins with a dash"),
        pytest.param("Example.com/team=shop", id="uppercase domain"),
        pytest.param("example.com/a/b=shop", id="two domains"),
        pytest.param("/team=shop", id="empty domain"),
        pytest.param("example..com/team=shop", id="empty part of a domain"),
        pytest.param(f"{'a' * 64}=shop", id="long label"),
        pytest.param(f"{'a' * 254}/team=shop", id="long domain"),
        pytest.param(f"team={'a' * 64}", id="long value"),
        pytest.param("team=shop\n", id="newline"),
    ],
)
def test_namespaces_that_are_no_label(run: Run, label: str) -> None:
    code, out, error = outcome(run("cluster", "admission", "--namespaces", label))

    assert (code, out) == (2, "")
    assert "is not a label with a value; write for example team=shop" in error


@pytest.mark.parametrize("label", ["team=", f"{'a' * 63}={'b' * 63}", "a.b-c/X_y.z=1", "kubernetes.io/metadata.name=x"])
def test_namespaces_that_are_a_label(run: Run, label: str) -> None:
    assert run("cluster", "admission", "--namespaces", label).exit_code == 0


@pytest.mark.parametrize("output", OUTPUTS)
def test_an_unknown_workload(run: Run, output: str) -> None:
    code, out, error = outcome(run("cluster", output, "--workload", "nowhere"))

    assert (code, out) == (2, "")
    assert "nowhere does not exist; write one of far, near." in error


def test_images_of_the_pods_of_a_cluster(run: Run) -> None:
    spec = {
        "containers": [{"name": "a", "image": NGINX}],
        "initContainers": [{"name": "b", "image": "quay.io/a/b:1"}],
        "ephemeralContainers": [{"name": "c", "image": "busybox"}],
        "volumes": [{"name": "d", "image": {"reference": "gcr.io/a/b:1"}}],
    }
    pods = {"apiVersion": "v1", "kind": "List", "items": [{"apiVersion": "v1", "kind": "Pod", "spec": spec}]}

    listed = run("images", stdin=json.dumps(pods, indent=4)).stdout  # as `kubectl get pods -A -o json` prints it

    assert [line.split("\t")[:2] for line in listed.splitlines()] == [
        [NGINX, "cached"],
        ["quay.io/a/b:1", "cacheable"],
        ["busybox", "cacheable"],
        ["gcr.io/a/b:1", "uncovered"],
    ]
