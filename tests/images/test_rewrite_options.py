"""Options of `rewrite` beyond the conventions: folders, places, reverse, strict."""

from pathlib import Path

import pytest

from tests.images.conftest import HOST, NGINX, Run, outcome

CLUSTER = "apiVersion: postgresql.cnpg.io/v1\nkind: Cluster\nspec: {imageName: ghcr.io/cnpg/postgresql:17}\n"
CACHED = CLUSTER.replace("ghcr.io", f"{HOST}/github")


@pytest.mark.parametrize("place", ["spec.imageName", "Cluster:spec.imageName", "*.imageName", "**.imageName"])
def test_also(run: Run, place: str) -> None:
    assert run("rewrite", "--also", place, stdin=CLUSTER).stdout == CACHED


@pytest.mark.parametrize("place", ["imageName", "Pod:spec.imageName", "spec", "spec.image"])
def test_also_of_another_place(run: Run, place: str) -> None:
    code, out, said = outcome(run("rewrite", "--also", place, stdin=CLUSTER))

    assert (code, out) == (0, CLUSTER)
    assert "looks like an image of ghcr.io, left" in said


def test_also_an_argument(run: Run) -> None:
    content = 'args: ["--reloader=quay.io/a/b:1"]\n'

    assert run("rewrite", "--also", "args", stdin=content).stdout == f'args: ["--reloader={HOST}/quay/a/b:1"]\n'


def test_leave(run: Run) -> None:
    code, out, said = outcome(run("rewrite", "--leave", "a.image", stdin="a: {image: nginx}\nb: {image: nginx}\n"))

    assert (code, out) == (0, f"a: {{image: nginx}}\nb: {{image: {NGINX}}}\n")
    assert said == "<stdin>:1: a.image: nginx: is left, as --leave asks\n"


LIST = "apiVersion: v1\nkind: List\nitems: [{apiVersion: a/v1, kind: Shop, spec: {image: quay.io/a/c, other: quay.io/a/b}}]\n"
VALUES = "kind: Application\napiVersion: argoproj.io/v1alpha1\nspec: {source: {helm: {values: 'image: nginx'}}}\n"


@pytest.mark.parametrize("place", ["spec.image", "Shop:spec.image", "items.spec.image", "List:items.spec.image"])
def test_leave_in_an_object_of_a_list(run: Run, place: str) -> None:
    assert run("rewrite", "--leave", place, stdin=LIST).stdout == LIST


@pytest.mark.parametrize("place", ["spec.other", "Shop:spec.other", "items.spec.other", "List:items.spec.other"])
def test_also_in_an_object_of_a_list(run: Run, place: str) -> None:
    assert f"{HOST}/quay/a/b" in run("rewrite", "--also", place, stdin=LIST).stdout


@pytest.mark.parametrize("place", ["image", "spec.source.helm.values.image", "Application:image", "Application:**"])
def test_leave_in_a_text(run: Run, place: str) -> None:
    assert run("rewrite", "--leave", place, stdin=VALUES).stdout == VALUES


@pytest.mark.parametrize("place", ["FROM", "Dockerfile:FROM", "*"])
def test_leave_in_a_dockerfile(run: Run, tmp_path: Path, place: str) -> None:
    (tmp_path / "Dockerfile").write_text("FROM nginx\n")

    assert run("rewrite", "--leave", place, "Dockerfile").stdout == "FROM nginx\n"


def test_also_in_a_dockerfile(run: Run, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\nENV A=quay.io/a/b\n")

    assert run("rewrite", "--also", "ENV", "Dockerfile").stdout == f"FROM scratch\nENV A={HOST}/quay/a/b\n"


@pytest.mark.parametrize("place", ["data.**", "**", "data.*", "ConfigMap:data.a", "**.a"])
def test_leave_what_is_only_reported(run: Run, place: str) -> None:
    content = "apiVersion: v1\nkind: ConfigMap\ndata: {a: quay.io/a/b}\n"

    assert outcome(run("rewrite", "--strict", "--leave", place, stdin=content))[0] == 0


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("a: quay.io/a/b # pull-through-cache: ignore\n", id="beside a text"),
        pytest.param("# pull-through-cache: ignore\na: quay.io/a/b\n", id="above a text"),
        pytest.param("image: worker # pull-through-cache: ignore\n", id="no official image"),
        pytest.param("a: |\n  # pull-through-cache: ignore\n  docker run quay.io/a/b\n", id="in a script"),
        pytest.param("a: | # pull-through-cache: ignore\n  docker run quay.io/a/b\n", id="beside a script"),
        pytest.param(
            "image: # pull-through-cache: ignore\n  repository: $A/b\n  tag: 1\n", id="beside a mapping's key"
        ),
    ],
)
def test_a_comment_for_what_is_only_reported(run: Run, content: str) -> None:
    result = run("rewrite", "--strict", stdin=content)

    assert (result.exit_code, result.stdout) == (0, content)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("a: {image: worker} # pull-through-cache: ignore\nimage: worker\n", id="on the line above"),
        pytest.param("a: |\n  image: quay.io/a/b\nb: 1 # pull-through-cache: ignore\n", id="on the line below"),
    ],
)
def test_a_comment_for_another_line(run: Run, content: str) -> None:
    assert run("rewrite", "--strict", stdin=content).exit_code == 1


def test_leave_accepts_what_is_uncertain(run: Run) -> None:
    assert (
        run(
            "rewrite", "--strict", "--leave", "args", "--leave", "image", stdin="args: [quay.io/a]\nimage: b\n"
        ).exit_code
        == 0
    )


def test_reverse(run: Run) -> None:
    content = f"a: {{image: '{NGINX}:1'}}\nb: {{image: {{registry: {HOST}, repository: quay/a/b}}}}\nc: {{image: '{HOST}/shop'}}\n"

    code, out, _ = outcome(run("rewrite", "--reverse", stdin=content))

    assert code == 0
    assert out == (
        f"a: {{image: 'docker.io/library/nginx:1'}}\nb: {{image: {{registry: quay.io, repository: a/b}}}}\n"
        f"c: {{image: '{HOST}/shop'}}\n"
    )


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param("image: nginx\n", 0, id="rewritten"),
        pytest.param(f"image: {NGINX}\n", 0, id="cached"),
        pytest.param("image: gcr.io/a/b\n", 0, id="uncovered"),
        pytest.param("image: auto\n", 0, id="kept"),
        pytest.param("image: $A\n", 1, id="unknown"),
        pytest.param("image: $A # pull-through-cache: ignore\n", 0, id="unknown, with a comment"),
        pytest.param(
            "params: [{name: a, default: nginx}]\nsteps: [{image: $(params.a)}]\n", 0, id="parameter with a default"
        ),
        pytest.param("params: [{name: a}]\nsteps: [{image: $(params.a)}]\n", 1, id="parameter without a default"),
        pytest.param("args: [quay.io/a/b]\n", 1, id="left"),
        pytest.param("args: [quay.io/a/b] # pull-through-cache: ignore\n", 0, id="left, with a comment"),
        pytest.param(
            "hub: a\nimage: b/c # pull-through-cache: ignore\n", 0, id="perhaps with a prefix, with a comment"
        ),
    ],
)
def test_strict(run: Run, content: str, code: int) -> None:
    assert run("rewrite", "--strict", stdin=content).exit_code == code


def test_the_summary_counts(run: Run) -> None:
    content = (
        f"- image: nginx\n- image: {NGINX}\n- image: gcr.io/a/b\n- image: $A\n- args: [quay.io/a/b]\n- image: auto\n"
    )

    said = run("rewrite", "--check", stdin=content).stderr

    assert said.splitlines()[-1] == "1 rewritten, 1 cached, 1 uncovered, 1 left, 1 unknown"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = {
        ".gitignore": "ignored/\n*.tmp.yaml\n!kept.tmp.yaml\n/top.yaml\n",
        "a.yaml": "",
        "top.yaml": "",
        "deep/b.yml": "",
        "deep/top.yaml": "",
        "deep/c.json": "",
        "deep/x.tmp.yaml": "",
        "deep/kept.tmp.yaml": "",
        "ignored/d.yaml": "",
        "deep/.gitignore": "e.yaml\n",
        "deep/e.yaml": "",
        "notes.txt": "",
        ".git/f.yaml": "",
        "vendored/g.yaml": "",
    }
    folder = tmp_path / "folder"
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text or '{"image": "nginx"}\n')
    (folder / "web.Dockerfile").write_text("FROM nginx\n")
    return folder


def changed(folder: Path) -> set[str]:
    return {
        file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file() and HOST in file.read_text()
    }


def test_a_folder(run: Run, folder: Path) -> None:
    assert run("rewrite", "--in-place", "--exclude", "vendored/", str(folder)).exit_code == 0
    assert changed(folder) == {
        "a.yaml",
        "deep/b.yml",
        "deep/c.json",
        "deep/kept.tmp.yaml",
        "deep/top.yaml",
        "web.Dockerfile",
    }


def test_a_folder_below_the_one_with_gitignore(run: Run, folder: Path) -> None:
    assert run("rewrite", "--in-place", str(folder / "deep")).exit_code == 0
    assert changed(folder) == {"deep/b.yml", "deep/c.json", "deep/kept.tmp.yaml", "deep/top.yaml"}


def test_what_docker_ignores_is_no_dockerfile(run: Run, folder: Path) -> None:
    (folder / "web.Dockerfile.dockerignore").write_text("*.log\n")

    assert run("rewrite", "--check", str(folder)).exit_code == 1


def test_a_folder_is_listed(run: Run, folder: Path) -> None:
    out = run("images", "--exclude", "deep", "--exclude", "*.Dockerfile", str(folder)).stdout

    assert [line.rpartition("/")[2] for line in out.splitlines()] == ["a.yaml:1: image", "g.yaml:1: image"]


def test_sops_is_rejected(run: Run) -> None:
    content = 'image: nginx\nsops: {mac: "ENC[AES256_GCM,data:x]"}\n'

    code, out, said = outcome(run("rewrite", stdin=content))

    assert (code, out) == (2, "")
    assert said.startswith("<stdin>:1: image: is encrypted by SOPS")


def test_sops_with_a_mac_over_encrypted_values_only(run: Run) -> None:
    content = 'image: nginx\nsops: {mac_only_encrypted: true, mac: "ENC[AES256_GCM,data:x]"}\n'

    assert run("rewrite", stdin=content).stdout == content.replace("nginx", NGINX, 1)


def test_sops_without_an_image_that_changes(run: Run) -> None:
    content = 'image: gcr.io/a/b\nsops: {mac: "ENC[AES256_GCM,data:x]"}\n'

    assert run("rewrite", stdin=content).stdout == content


@pytest.mark.parametrize(
    "image",
    ["{registry: docker.io, repository: bitnami/redis, tag: 8}", "{repository: docker.io/bitnami/redis, tag: 8}"],
)
def test_charts_that_check_their_images(run: Run, image: str) -> None:
    assert "set global.security.allowInsecureImages" in run("rewrite", stdin=f"image: {image}\n").stderr
