"""Trees of kustomize: building rewritten files gives the same images as rewriting the build, or `rewrite` reports why not."""

import json
import re
from pathlib import Path

import pytest

from tests.images.conftest import HOST, Run, outcome
from tests.images.programs import kustomize

APP = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  template:
    spec:
      containers:
      - {name: web, image: "ghcr.io/acme/web:latest"}
      - {name: worker, image: worker}
      - {name: dns, image: registry.k8s.io/acme/dns}
      - {name: other, image: "quay.io/acme/other:1"}
"""
IMAGES = """\
images:
- name: ghcr.io/acme/web
  newTag: "2.7"
- name: worker
  newName: quay.io/acme/worker
  newTag: "5"
"""
SAME_NAME = "{name: ghcr.io/acme/web, newName: ghcr.io/acme/web, newTag: '2.7'}"
FLUX = """\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
spec: {images: [{name: ghcr.io/acme/web, newTag: "2.7"}]}
"""
ARGO_CD = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
spec: {source: {kustomize: {images: ["ghcr.io/acme/web:2.7"]}}}
"""
SKAFFOLD = """\
apiVersion: skaffold/v4beta11
kind: Config
build: {artifacts: [{image: ghcr.io/acme/web}]}
"""
TRANSFORMER = """\
{"apiVersion": "builtin", "kind": "ImageTagTransformer", "metadata": {"name": "tag"},
 "imageTag": {"name": "ghcr.io/acme/web", "newTag": "2.7"}}
"""
LONG = "kind: ConfigMap\ndata: {a: b}\n" + "# comment\n" * 150_000


TRANSFORMER = """\
{apiVersion: builtin, kind: ImageTagTransformer, metadata: {name: web}, imageTag: {name: ghcr.io/acme/web, newTag: "3"}}"""
HELM_RELEASE = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
spec: {postRenderers: [{kustomize: {images: [{name: ghcr.io/acme/web, newTag: "2.7"}]}}]}
"""
REPLACEMENT = """\
source: {kind: Service, name: shop, fieldPath: metadata.namespace}
targets: [{select: {kind: Deployment}, fieldPaths: [spec.template.spec.containers.*.image], options: {delimiter: /, index: 1}}]
"""


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    folder = tmp_path / "tree"
    (folder / ".git").mkdir(parents=True)
    return folder


def images(manifests: str | None) -> list[str]:
    return re.findall(r"image: (\S+)", manifests or "")


@pytest.mark.parametrize(
    "files",
    [
        pytest.param(
            {"base/app.yaml": APP, "kustomization.yaml": f"resources: [base/app.yaml]\n{IMAGES}"},
            id="a file of a folder",
        ),
        pytest.param(
            {
                "base/app.yaml": APP,
                "base/kustomization.yaml": "resources: [app.yaml]\n",
                "kustomization.yaml": f"resources: [base]\n{IMAGES}",
            },
            id="base",
        ),
        pytest.param(
            {
                "base/app.yaml": APP,
                "base/kustomization.yaml": "resources: [app.yaml]\n",
                "component/kustomization.yaml": f"apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n{IMAGES}",
                "kustomization.yaml": "resources: [base]\ncomponents: [component]\n",
            },
            id="component",
        ),
        pytest.param(
            {
                "app.yaml": APP,
                "kustomization.yaml": "resources: [app.yaml]\ntransformers: [tag.yaml]\n",
                "tag.yaml": TRANSFORMER,
            },
            id="transformer as JSON",
        ),
        pytest.param(
            {
                "base/app.yaml": APP,
                "base/kustomization.yaml": f"resources: [app.yaml]\n{IMAGES}",
                "kustomization.yaml": "resources: [base]\nimages: [{name: quay.io/acme/worker, newTag: '6'}]\n",
            },
            id="image that two kustomizations change",
        ),
        pytest.param(
            {
                "base/app.yaml": APP,
                "kustomization.yaml": f"resources: [base/app.yaml]\ntransformers:\n- |-\n  {TRANSFORMER}\n",
            },
            id="transformer as text",
        ),
        pytest.param(
            {
                "base/app.yaml": APP,
                "kustomization.yaml": "resources: [base/app.yaml]\nimageTags: [{name: ghcr.io/acme/web, newTag: '2'}]\n",
            },
            id="name of kustomize 1",
        ),
        pytest.param(
            {"app.yaml": APP, "kustomization.yaml": f"resources: [app.yaml]\nimages: [{SAME_NAME}, {SAME_NAME}]\n"},
            id="same name twice",
        ),
        pytest.param(
            {
                "app.yaml": APP,
                "kustomization.yaml": "resources: [app.yaml]\nimages:\n"
                f"- {{name: worker, newName: ghcr.io/acme/web}}\n- {SAME_NAME}\n",
            },
            id="same name after another",
        ),
        pytest.param(
            {
                "base/app.yaml": APP,
                "base/kustomization.yaml": f"resources: [app.yaml]\nimages: [{SAME_NAME}]\n",
                "kustomization.yaml": "resources: [base]\nimages: [{name: ghcr.io/acme/web, digest: 'sha256:1'}]\n",
            },
            id="same name below",
        ),
        pytest.param(
            {
                "base/app.yaml": APP,
                "base/kustomization.yaml": "resources: [app.yaml]\n",
                "component/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
                f"images: [{SAME_NAME}]\n",
                "kustomization.yaml": f"resources: [base]\ncomponents: [component]\nimages: [{SAME_NAME}]\n",
            },
            id="same name in a component",
        ),
    ],
)
def test_a_build_of_rewritten_files(run: Run, tree: Path, files: dict[str, str]) -> None:
    write(tree, files)
    built = kustomize(tree)
    wanted = images(run("rewrite", stdin=built).stdout)

    code, _, said = outcome(run("rewrite", "--in-place", str(tree)))

    after = images(kustomize(tree))
    assert code == 0
    assert after[3] == wanted[3] == f"{HOST}/quay/acme/other:1"
    for origin, found, cached in zip(images(built), after, wanted, strict=True):
        assert found == cached or (found == origin and f"{re.split('[:@]', origin)[0]}" in said)


def test_an_entry_with_the_same_name_before_and_after(run: Run, tree: Path) -> None:
    write(tree, {"app.yaml": APP, "kustomization.yaml": f"resources: [app.yaml]\nimages: [{SAME_NAME}]\n"})
    wanted = images(run("rewrite", stdin=kustomize(tree)).stdout)

    run("rewrite", "--in-place", str(tree))

    assert wanted[0] == f"{HOST}/github/acme/web:2.7"
    assert images(kustomize(tree)) == wanted


@pytest.mark.parametrize(
    ("name", "other", "why"),
    [
        ("sync.yaml", FLUX, "tree/sync.yaml changes it by this name when it is deployed"),
        ("apps/shop.yaml", ARGO_CD, "tree/apps/shop.yaml changes it by this name when it is deployed"),
        ("release.yaml", HELM_RELEASE, "tree/release.yaml changes it by this name when it is deployed"),
        ("skaffold.yaml", SKAFFOLD, "tree/skaffold.yaml builds it"),
        ("all.yaml", f"{LONG}---\n{FLUX}", "tree/all.yaml changes it by this name when it is deployed"),
        ("kustomization.yaml", f"resources: [app.yaml]\n{IMAGES}", "tree/kustomization.yaml changes it by this name"),
    ],
    ids=["Flux", "Argo CD", "Flux's post-renderer", "Skaffold", "Flux after a long document", "kustomize"],
)
def test_an_image_that_is_changed_by_name_elsewhere_stays(
    run: Run, tree: Path, name: str, other: str, why: str
) -> None:
    write(tree, {"app.yaml": APP, name: other})

    _, out, said = outcome(run("rewrite", str(tree / "app.yaml")))

    assert 'image: "ghcr.io/acme/web:latest"' in out
    assert f"ghcr.io/acme/web:latest: {why}" in said
    assert f"{HOST}/quay/acme/other:1" in out


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"kustomization.yaml": "replacements: [{path: r.yaml}]", "r.yaml": REPLACEMENT}, id="file"),
        pytest.param(
            {
                "kustomization.yaml": "transformers: [r.yaml]",
                "r.yaml": f"apiVersion: builtin\nkind: ReplacementTransformer\nreplacements:\n- {REPLACEMENT.replace('targets', '  targets')}",
            },
            id="transformer",
        ),
    ],
)
def test_a_replacement_of_parts_of_names(run: Run, tree: Path, files: dict[str, str]) -> None:
    files["kustomization.yaml"] += "\nresources: [app.yaml]\n"
    write(tree, {"app.yaml": APP, **files})

    _, out, said = outcome(run("rewrite", str(tree / "app.yaml")))

    assert out == APP
    assert "quay.io/acme/other:1: tree/r.yaml may change a part of its name" in said


@pytest.mark.parametrize(
    ("field", "delimiter"),
    [("metadata.annotations.[cert-manager.io/inject-ca-from]", "/"), ("spec.template.spec.containers.*.image", ":")],
)
def test_other_replacements(run: Run, tree: Path, field: str, delimiter: str) -> None:
    target = (
        f"{{select: {{kind: Deployment}}, fieldPaths: ['{field}'], options: {{delimiter: '{delimiter}', index: 1}}}}"
    )
    replacement = f"{{source: {{kind: Service, name: shop}}, targets: [{target}]}}"
    write(tree, {"app.yaml": APP, "kustomization.yaml": f"resources: [app.yaml]\nreplacements: [{replacement}]\n"})

    assert f"{HOST}/quay/acme/other:1" in run("rewrite", str(tree / "app.yaml")).stdout


@pytest.mark.parametrize(
    ("name", "chart"),
    [
        ("values.yaml", "{name: shop, valuesFile: values.yaml}"),
        ("more.yaml", "{name: shop, additionalValuesFiles: [more.yaml]}"),
        ("charts/shop/values.yaml", "{name: shop}"),
    ],
)
def test_values_of_a_chart_of_a_kustomization(run: Run, tree: Path, name: str, chart: str) -> None:
    values = "image: {repository: ghcr.io/acme/web, tag: 1}\n"
    write(tree, {name: values, "kustomization.yaml": f"helmCharts: [{chart}]\n{IMAGES}"})

    assert run("rewrite", str(tree / name)).stdout == values


def test_a_new_name_of_argo_cd(run: Run, tree: Path) -> None:
    write(tree, {"app.yaml": ARGO_CD})

    assert f'"ghcr.io/acme/web={HOST}/github/acme/web:2.7"' in run("rewrite", str(tree / "app.yaml")).stdout


def test_a_kustomization_covers_only_what_it_reads(run: Run, tree: Path) -> None:
    write(tree, {"app.yaml": APP, "other/kustomization.yaml": f"resources: [x.yaml]\n{IMAGES}", "other/x.yaml": APP})

    assert f"{HOST}/github/acme/web:latest" in run("rewrite", str(tree / "app.yaml")).stdout


def test_a_tree_without_git(run: Run, tmp_path: Path) -> None:
    tree = tmp_path / "x" / "y" / "z" / "tree"
    write(tree, {"base/app.yaml": APP, "kustomization.yaml": f"resources: [base/app.yaml]\n{IMAGES}"})

    assert 'image: "ghcr.io/acme/web:latest"' in run("rewrite", str(tree / "base" / "app.yaml")).stdout


@pytest.mark.parametrize(
    ("name", "folders"),
    [
        pytest.param("overlays/production/kustomization.yaml", "../../base", id="overlay"),
        pytest.param("../../kustomization.yaml", "z/tree/base", id="folder above"),
    ],
)
def test_a_kustomization_without_git_that_reads_the_file(run: Run, tmp_path: Path, name: str, folders: str) -> None:
    tree = tmp_path / "x" / "y" / "z" / "tree"
    write(tree, {"base/app.yaml": APP, "base/kustomization.yaml": "resources: [app.yaml]\n"})
    write(tree, {name: f"resources: [{folders}]\n{IMAGES}"})

    assert 'image: "ghcr.io/acme/web:latest"' in run("rewrite", str(tree / "base" / "app.yaml")).stdout


def test_files_above_without_git_that_do_not_read_the_file(run: Run, tmp_path: Path) -> None:
    tree = tmp_path / "x" / "y" / "z" / "tree"
    write(tree, {"app.yaml": APP, "../sync.yaml": FLUX, "../kustomization.yaml": f"resources: [x.yaml]\n{IMAGES}"})

    assert f"{HOST}/github/acme/web:latest" in run("rewrite", str(tree / "app.yaml")).stdout


def test_a_folder_without_git_is_one_tree(run: Run, tmp_path: Path) -> None:
    tree = tmp_path / "x" / "tree"
    write(tree, {"app/app.yaml": APP, "cluster/sync.yaml": FLUX})

    assert "x/tree/cluster/sync.yaml changes it by this name" in run("rewrite", "--diff", str(tree)).stderr


NEW_NAME = "images: [{name: ghcr.io/acme/web, newName: quay.io/acme/new, newTag: '3'}]\n"


def test_the_remedy_for_an_image_that_is_changed_by_name(run: Run, tree: Path) -> None:
    files = {
        "base/app.yaml": APP,
        "base/kustomization.yaml": "resources: [app.yaml]\n",
        "kustomization.yaml": "resources: [base]\n",
    }
    write(tree, files)
    write(tree, {"kustomization.yaml": "resources: [base]\nimages: [{name: ghcr.io/acme/web, newTag: '3'}]\n"})
    said = run("rewrite", "--in-place", str(tree)).stderr

    write(tree, {"kustomization.yaml": f"resources: [base]\n{NEW_NAME}"})
    lines = run("rewrite", "--in-place", str(tree)).stderr

    assert (
        "kustomization.yaml:2: images[0].name: ghcr.io/acme/web: its tag is set here by name; add newName here" in said
    )
    assert "ghcr.io/acme/web:latest: gets another name in every kustomization that reads it\n" in lines
    assert images(kustomize(tree))[0] == f"{HOST}/quay/acme/new:3"


@pytest.mark.parametrize(
    ("files", "outcome"),
    [
        pytest.param({"a/kustomization.yaml": f"resources: [../base]\n{NEW_NAME}"}, "kept", id="the overlay"),
        pytest.param({"base/kustomization.yaml": f"resources: [app.yaml]\n{NEW_NAME}"}, "kept", id="the base"),
        pytest.param(
            {
                "a/kustomization.yaml": f"resources: [../base]\n{NEW_NAME}",
                "b/kustomization.yaml": "resources: [../base]\n",
            },
            "left",
            id="one of two overlays",
        ),
        pytest.param(
            {
                "a/kustomization.yaml": "resources: [../base]\ncomponents: [../c]\n",
                "c/kustomization.yaml": f"kind: Component\n{NEW_NAME}",
            },
            "kept",
            id="a component",
        ),
        pytest.param(
            {"a/kustomization.yaml": f"resources: [../base]\n{NEW_NAME}", "sync.yaml": FLUX}, "left", id="Flux too"
        ),
    ],
)
def test_an_image_that_gets_another_name(run: Run, tree: Path, files: dict[str, str], outcome: str) -> None:
    write(tree, {"base/app.yaml": APP, "base/kustomization.yaml": "resources: [app.yaml]\n"} | files)

    found = json.loads(run("images", "--json", str(tree / "base" / "app.yaml")).stdout)

    assert {each["image"]: each["state"] for each in found}["ghcr.io/acme/web:latest"] == outcome


@pytest.mark.parametrize(
    ("generator", "is_rewritten"),
    [
        ("configMapGenerator: [{name: a, files: [app.yaml]}]", False),
        ("configMapGenerator: [{name: a, files: [key=app.yaml]}]", False),
        ("secretGenerator: [{name: a, files: [app.yaml]}]", False),
        ("configMapGenerator: [{name: a, files: [values.yaml=app.yaml]}]", True),
        ("configMapGenerator: [{name: a, files: [other.yaml]}]", True),
    ],
)
def test_a_file_in_a_config_map(run: Run, tree: Path, generator: str, is_rewritten: bool) -> None:
    """Another program reads it, except the values of a chart: Flux reads them from ConfigMaps."""
    write(tree, {"kustomization.yaml": generator, "app.yaml": "image: nginx\n"})

    assert (HOST in run("rewrite", str(tree / "app.yaml")).stdout) == is_rewritten


def test_a_pattern_that_is_too_complex(run: Run, tree: Path) -> None:
    write(
        tree, {"app.yaml": APP, "kustomization.yaml": "resources: [app.yaml]\nimages: [{name: '(a+)+', newTag: '1'}]\n"}
    )

    assert (
        "quay.io/acme/other:1: tree/kustomization.yaml changes images by a pattern"
        in run("rewrite", str(tree / "app.yaml")).stderr
    )


def test_what_skaffold_builds_is_not_left(run: Run, tree: Path) -> None:
    write(
        tree,
        {
            "app.yaml": "kind: Pod\napiVersion: v1\nspec: {containers: [{image: 'ghcr.io/acme/web:1'}]}\n",
            "skaffold.yaml": SKAFFOLD,
        },
    )

    assert run("rewrite", "--strict", str(tree / "app.yaml")).exit_code == 0


def test_a_tag_of_an_image_in_no_cache(run: Run, tree: Path) -> None:
    """There is no cached name to add."""
    write(
        tree,
        {
            "app.yaml": "image: gcr.io/a/b\n",
            "kustomization.yaml": "resources: [app.yaml]\nimages: [{name: gcr.io/a/b, newTag: '1'}]\n",
        },
    )

    assert run("rewrite", "--strict", "--diff", str(tree)).stderr.endswith(
        "0 rewritten, 0 cached, 2 uncovered, 0 left, 0 unknown\n"
    )
