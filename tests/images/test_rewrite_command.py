"""`rewrite` and `images`, as people and scripts run them."""

import json
import stat
from pathlib import Path

import pytest

from tests.images.conftest import HOST, NGINX, Run, outcome


def test_rewrite_standard_input(run: Run) -> None:
    result = run("rewrite", stdin="# pod\r\nimage: nginx")

    assert (result.exit_code, result.stdout_bytes) == (0, f"# pod\r\nimage: {NGINX}".encode())


def test_rewrite_a_file(run: Run, manifest: Path) -> None:
    assert outcome(run("rewrite", manifest.name)) == (
        0,
        f"# pod\nimage: {NGINX}\n---\nimage: gcr.io/a/b\n",
        "pod.yaml:4: image: gcr.io/a/b: no cache covers it\n",
    )


def test_rewrite_diff(run: Run, manifest: Path) -> None:
    before = manifest.read_text()

    code, out, _ = outcome(run("rewrite", "--diff", manifest.name))

    assert (code, manifest.read_text()) == (0, before)
    assert out == (f"--- pod.yaml\n+++ pod.yaml\n@@ -1,2 +1,2 @@\n # pod\n-image: nginx\n+image: {NGINX}\n")


def test_rewrite_check(run: Run, manifest: Path) -> None:
    code, out, _ = outcome(run("rewrite", "--check", manifest.name))

    assert (code, out) == (1, f"pod.yaml:2: image: nginx could be {NGINX}\n")


def test_rewrite_check_is_content_with_what_is_cached_or_uncovered(run: Run) -> None:
    assert run("rewrite", "--check", stdin=f"image: {NGINX}\nother: {{image: gcr.io/a/b}}\n").exit_code == 0


def test_rewrite_in_place(run: Run, manifest: Path) -> None:
    other = manifest.with_name("other.yaml")
    other.write_bytes(b"image: quay.io/a/b\r\n")
    manifest.chmod(0o640)

    result = run("rewrite", "--in-place", manifest.name, other.name)

    assert (result.exit_code, result.stdout) == (0, "")
    assert manifest.read_text() == f"# pod\nimage: {NGINX}\n---\nimage: gcr.io/a/b\n"
    assert other.read_bytes() == f"image: {HOST}/quay/a/b\r\n".encode()
    assert stat.S_IMODE(manifest.stat().st_mode) == 0o640


def test_rewrite_in_place_leaves_a_link(run: Run, manifest: Path) -> None:
    link = manifest.with_name("link.yaml")
    link.symlink_to(manifest.name)

    run("rewrite", "--in-place", link.name)

    assert link.is_symlink()
    assert NGINX in manifest.read_text()


def test_rewrite_in_place_leaves_a_file_in_which_nothing_changes(run: Run, manifest: Path) -> None:
    manifest.write_text("image: gcr.io/a/b\n")
    before = manifest.stat()

    run("rewrite", "--in-place", manifest.name)

    assert (manifest.stat().st_ino, manifest.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize(
    "mode", [[], ["--in-place"], ["--diff"], ["--check"]], ids=lambda mode: mode[0] if mode else "-"
)
def test_rewrite_rejects_what_is_not_yaml(run: Run, manifest: Path, mode: list[str]) -> None:
    template = "image: nginx\n---\n{{- if .Values.x }}\n"
    manifest.write_text(template)
    files = sorted(manifest.parent.iterdir())

    code, out, error = outcome(run("rewrite", *mode, manifest.name))

    assert (code, out) == (2, "")
    assert error.startswith("pod.yaml:3: is not YAML")
    assert (manifest.read_text(), sorted(manifest.parent.iterdir())) == (template, files)


@pytest.mark.parametrize("mode", [[], ["--in-place"]], ids=["-", "in place"])
def test_rewrite_names_the_file_that_cannot_be_read(run: Run, mode: list[str]) -> None:
    why = "cannot be read (Input/output error); name a file with text that you may read"

    assert outcome(run("rewrite", *mode, "/proc/self/mem")) == (2, "", f"/proc/self/mem: {why}\n")


def test_rewrite_in_place_changes_the_good_files(run: Run, manifest: Path) -> None:
    Path("bad.yaml").write_text("a: [\n")

    assert run("rewrite", "--in-place", "bad.yaml", manifest.name).exit_code == 2
    assert NGINX in manifest.read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(["--in-place"], "--in-place changes files; name one.", id="standard input in place"),
        pytest.param(
            ["pod.yaml", "deployment.yaml"], "Several files need --in-place, --diff or --check.", id="several files"
        ),
        pytest.param(["none.yaml"], "'none.yaml' does not exist", id="no such file"),
        pytest.param(["."], "Several files need --in-place, --diff or --check.", id="folder"),
    ],
)
def test_rewrite_reports_wrong_arguments(run: Run, manifest: Path, arguments: list[str], message: str) -> None:
    code, out, error = outcome(run("rewrite", *arguments))

    assert manifest.exists()
    assert (code, out) == (2, "")
    assert message in error


@pytest.mark.parametrize(
    "options", [[], ["--check"], ["--in-place"]], ids=lambda options: options[0] if options else "-"
)
def test_rewrite_reports_a_folder_without_files(run: Run, tmp_path: Path, options: list[str]) -> None:
    (tmp_path / "empty").mkdir()

    code, out, error = outcome(run("rewrite", *options, "empty"))

    assert (code, out) == (0, "")
    assert error.startswith("no YAML, JSON, or Dockerfile in empty\n")


def test_rewrite_counts_a_file_once(run: Run, manifest: Path) -> None:
    result = run("rewrite", "--check", manifest.name, f"./{manifest.name}")

    assert result.stderr.splitlines()[-1] == "1 rewritten, 0 cached, 1 uncovered, 0 left, 0 unknown"


def test_images_lists_where_each_is(run: Run, manifest: Path) -> None:
    manifest.write_text(
        f"a: [{{image: nginx}}, {{image: '{NGINX}'}}]\nb: {{image: '{HOST}/shop'}}\nc: {{image: $C}}\n---\nimage: gcr.io/a/b"
    )

    assert run("images", manifest.name).stdout.splitlines() == [
        "nginx\tcacheable\tdocker-hub\tpod.yaml:1: a[0].image",
        f"{NGINX}\tcached\tdocker-hub\tpod.yaml:1: a[1].image",
        f"{HOST}/shop\town\t-\tpod.yaml:2: b.image",
        "$C\tunknown\t-\tpod.yaml:3: c.image",
        "gcr.io/a/b\tuncovered\t-\tpod.yaml:5: image",
    ]


def test_images_for_scripts(run: Run) -> None:
    values = "image: {registry: docker.io, repository: nginx, tag: 1}"

    assert json.loads(run("images", "--json", stdin=values).stdout) == [
        {
            "image": "docker.io/nginx:1",
            "state": "cacheable",
            "cache": "docker-hub",
            "cached": f"{NGINX}:1",
            "where": "<stdin>:1: image.repository",
        }
    ]


@pytest.mark.parametrize("options", [[], ["--json"]], ids=["lines", "json"])
def test_images_lists_the_images_of_the_good_files(run: Run, manifest: Path, options: list[str]) -> None:
    Path("bad.yaml").write_text("a: [\n")

    code, out, error = outcome(run("images", *options, "bad.yaml", manifest.name))

    assert (code, error.splitlines()[0][:24]) == (2, "bad.yaml:2: is not YAML:")
    assert ("pod.yaml:2" in out, "pod.yaml:4" in out) == (True, True)
