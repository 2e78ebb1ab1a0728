"""Helm 4 with the plugin as its post-renderer."""

import os
import shlex
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.images.conftest import HOST, Run, deployment
from tests.images.programs import program

Helm = Callable[..., subprocess.CompletedProcess[str]]

PROJECT = Path(__file__).parents[2]
POST_RENDERER = ("--post-renderer", "pull-through-cache")
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: %s%s}\nspec: {containers: [{name: c, image: %s}]}\n"


@pytest.fixture
def chart(tmp_path: Path) -> Path:
    """A chart with a pod, and one that is a hook."""
    folder = tmp_path / "chart"
    (folder / "templates").mkdir(parents=True)
    (folder / "Chart.yaml").write_text("apiVersion: v2\nname: shop\nversion: 1.0.0\n")
    (folder / "values.yaml").write_text("image: {repository: quay.io/acme/shop, tag: v1}\n")
    image = "'{{ .Values.image.repository }}:{{ .Values.image.tag }}'"
    (folder / "templates" / "pod.yaml").write_text(POD % ("shop", "", image))
    hook = ", annotations: {helm.sh/hook: pre-install}"
    (folder / "templates" / "hook.yaml").write_text(POD % ("hook", hook, "busybox:1.36"))
    return folder


@pytest.fixture
def helm(tmp_path: Path) -> Helm:
    """Runs Helm with the plugin, in a home of its own."""
    script = tmp_path / "pull-through-cache"
    python = f"PYTHONPATH={shlex.quote(str(PROJECT))} exec {shlex.quote(sys.executable)}"
    script.write_text(f'#!/bin/sh\n{python} -m pull_through_cache "$@"\n')
    script.chmod(0o755)
    environment = {
        "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "DEPLOYMENT": str(deployment(tmp_path)),
    }

    def helm(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        command = [program("helm"), *arguments]
        return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)

    assert helm("plugin", "install", PROJECT / "helm-plugin").returncode == 0
    return helm


def test_the_plugin_rewrites_what_helm_renders(helm: Helm, chart: Path) -> None:
    rendered = helm("template", "shop", chart, *POST_RENDERER).stdout

    assert f"{HOST}/quay/acme/shop:v1" in rendered
    assert f"{HOST}/docker-hub/library/busybox:1.36" in rendered


def test_the_plugin_rewrites_the_files_of_an_output_folder(helm: Helm, chart: Path, tmp_path: Path) -> None:
    helm("template", "shop", chart, *POST_RENDERER, "--output-dir", tmp_path / "out")

    rendered = [file.read_text() for file in (tmp_path / "out").rglob("*.yaml")]
    assert [HOST in text for text in rendered] == [True, True]


@pytest.mark.parametrize(
    "argument",
    [pytest.param("--deployment=none.yaml", id="no deployment file"), pytest.param("--strict", id="strict")],
)
def test_helm_fails_if_the_program_does(helm: Helm, chart: Path, argument: str) -> None:
    (chart / "values.yaml").write_text("image: {repository: worker, tag: v1}\n")

    result = helm("template", "shop", chart, *POST_RENDERER, "--post-renderer-args", argument)

    assert (result.returncode, result.stdout) == (1, "")


@pytest.mark.parametrize("path", [".", "values.yaml"])
def test_a_chart_leaves_its_templates_out(run: Run, chart: Path, path: str) -> None:
    result = run("rewrite", "--in-place", str(chart / path))

    assert result.exit_code == 0
    assert "2 Helm templates left out; " in result.stderr
    assert (chart / "values.yaml").read_text() == f"image: {{repository: {HOST}/quay/acme/shop, tag: v1}}\n"


def test_a_template_is_rejected_with_the_images_that_it_names(run: Run, chart: Path) -> None:
    file = chart / "templates" / "hook.yaml"
    file.write_text("{{ if .Values.hook }}\nimage: busybox:1.36\nimage: {{ .Values.image }}\n{{ end }}\n")

    result = run("rewrite", str(file))

    assert result.exit_code == 2
    assert result.stderr.rstrip().endswith("; it names busybox:1.36")


@pytest.mark.parametrize("path", [".", "values.yaml"])
def test_a_packed_chart_is_reported(run: Run, chart: Path, path: str) -> None:
    (chart / "charts").mkdir()
    (chart / "charts" / "cache-1.0.0.tgz").touch()

    assert "cache-1.0.0.tgz: a packed chart, left out; " in run("rewrite", "--in-place", str(chart / path)).stderr


@pytest.mark.parametrize("file", ["values.yaml", "values-of-production.yaml", "ci/test.yaml"])
def test_values_for_a_dependency_may_get_its_registry(run: Run, chart: Path, file: str) -> None:
    """https://helm.sh/docs/chart_template_guide/subcharts_and_globals/."""
    dependencies = "dependencies: [{name: redis, alias: cache}, {name: grafana}]\n"
    (chart / "Chart.yaml").write_text(f"apiVersion: v2\nname: shop\nversion: 1.0.0\n{dependencies}")
    (chart / "ci").mkdir()
    (chart / file).write_text("""\
        cache: {image: {repository: acme/cache, tag: 1}}
        grafana: {image: {registry: docker.io, repository: acme/grafana, tag: 1}}
        redis: {image: {repository: acme/redis, tag: 1}}
        """)

    lines = run("rewrite", "--in-place", str(chart / file)).stderr.splitlines()

    assert [line.partition(": ")[2] for line in lines[:-1] if "Helm templates" not in line] == [
        "cache.image.repository: acme/cache:1: the chart that it is for may put a registry before it;"
        " write it with its registry, as that chart has it"
    ]
    assert lines[-1].startswith("2 rewritten")


@pytest.mark.parametrize(
    "image", ["{registry: docker.io, repository: bitnami/redis}", "{repository: docker.io/bitnami/redis}"]
)
def test_the_remedy_for_an_image_of_a_chart_of_bitnami(run: Run, image: str) -> None:
    without = image.replace("registry: docker.io, ", "").replace("docker.io/", "")

    assert "write it with its registry" in run("rewrite", stdin=f"image: {without[:-1]}, tag: 8}}").stderr
    assert HOST in run("rewrite", stdin=f"image: {image}").stdout


@pytest.mark.parametrize("file", ["values.yaml", "values-of-production.yaml", "ci/test-values.yaml"])
def test_values_that_the_chart_above_changes(run: Run, chart: Path, file: str) -> None:
    below = chart / "charts" / "cache"
    below.mkdir(parents=True)
    (below / "Chart.yaml").write_text("apiVersion: v2\nname: cache\nversion: 1.0.0\n")
    (below / "values.yaml").write_text(
        "image: {registry: docker.io, repository: acme/a}\nother: {image: {registry: docker.io, repository: acme/b}}\n"
    )
    (chart / "ci").mkdir()
    (chart / file).write_text("cache: {image: {repository: acme/c}}\n")

    out = run("rewrite", str(below / "values.yaml")).stdout

    assert out == (
        "image: {registry: docker.io, repository: acme/a}\n"
        f"other: {{image: {{registry: {HOST}, repository: docker-hub/acme/b}}}}\n"
    )


@pytest.mark.parametrize("is_packed", [False, True])
@pytest.mark.parametrize(("registry", "is_rewritten"), [("registry: docker.io, ", False), ("", True)])
def test_values_of_a_dependency_that_is_there(
    run: Run, chart: Path, registry: str, is_rewritten: bool, is_packed: bool
) -> None:
    (chart / "Chart.yaml").write_text(
        "apiVersion: v2\nname: shop\nversion: 1.0.0\ndependencies: [{name: cache, alias: c}]\n"
    )
    (chart / "values.yaml").write_text("c: {image: {repository: acme/a}}\n")
    values = chart / "charts" / "cache" / "values.yaml"
    values.parent.mkdir(parents=True)
    values.write_text(f"image: {{{registry}repository: acme/b}}\n")
    if is_packed:
        with tarfile.open(chart / "charts" / "cache-1.0.0.tgz", "w:gz") as archive:
            archive.add(values, "cache/values.yaml")
        values.unlink()

    assert (HOST in run("rewrite", str(chart / "values.yaml")).stdout) == is_rewritten


IMAGE = "'%s{{ .Values.image.repository }}:1'"


@pytest.mark.parametrize(
    ("values", "template", "is_rewritten"),
    [
        ("registry: docker.io, repository: acme/a", IMAGE % "{{ .Values.image.registry }}/", True),
        ("registry: docker.io, repository: acme/a", IMAGE % "", False),
        ("registry: docker.io, repository: acme/a", "{{ with .Values.image }}{{ .repository }}:1{{ end }}", False),
        ("repository: acme/a", IMAGE % "", True),
        ("repository: acme/a", IMAGE % "reg.example.com/", False),
        ("repository: acme/a", '{{ printf "reg.example.com/%s" .Values.image.repository }}', False),
        ("repository: acme/a", "a/{{ .Values.image.tag }}" + IMAGE % "", True),
        (
            "repository: acme/a",
            '{{ range .Values }}{{ .registry | default "quay.io" }}/{{ .repository }}{{ end }}',
            False,
        ),
        ("repository: acme/a", '{{ printf "%s/%s:%s" "quay.io" .Values.image.repository .Values.image.tag }}', False),
        ("repository: acme/a", '{{ include "other.image" (dict "imageRoot" .Values.image) }}', False),
        ("repository: acme/a", '{{ include "common.images.image" (dict "imageRoot" .Values.image) }}', True),
    ],
)
def test_what_the_templates_do_with_a_registry(
    run: Run, chart: Path, values: str, template: str, is_rewritten: bool
) -> None:
    (chart / "values.yaml").write_text(f"image: {{{values}}}\n")
    (chart / "templates" / "pod.yaml").write_text(POD % ("shop", "", template))

    assert (HOST in run("rewrite", str(chart / "values.yaml")).stdout) == is_rewritten


@pytest.mark.parametrize(
    ("values", "above", "is_rewritten"),
    [
        ("repository: acme/a", "global: {imageRegistry: quay.io}", False),
        ("repository: acme/a", "global: {imageRegistry: ''}", False),
        ("repository: acme/a", "global: {storageClass: gp3}", True),
        ("registry: docker.io, repository: acme/a", "global: {imageRegistry: quay.io}", False),
        ("registry: docker.io, repository: acme/a", "global: {imageRegistry: ''}", True),
    ],
)
def test_global_values_of_the_chart_above(run: Run, chart: Path, values: str, above: str, is_rewritten: bool) -> None:
    below = chart / "charts" / "cache"
    below.mkdir(parents=True)
    (below / "Chart.yaml").write_text("apiVersion: v2\nname: cache\nversion: 1.0.0\n")
    (below / "values.yaml").write_text(f"image: {{{values}}}\n")
    (chart / "values.yaml").write_text(f"{above}\n")

    assert (HOST in run("rewrite", str(below / "values.yaml")).stdout) == is_rewritten


def test_an_image_that_the_templates_give_to_a_helper(run: Run, chart: Path) -> None:
    """As in the chart of Backstage."""
    (chart / "values.yaml").write_text("image: {registry: docker.io, repository: acme/a}\n")
    helper = '{{ define "image" }}{{ .registry }}/{{ .repository }}{{ end }}'
    check = helper + '{{- $name := .Values.image.repository | required "name" -}}\n'
    (chart / "templates" / "pod.yaml").write_text(check + POD % ("shop", "", '{{ include "image" .Values.image }}'))

    assert HOST in run("rewrite", str(chart / "values.yaml")).stdout


@pytest.mark.parametrize("is_chart", [False, True])
@pytest.mark.parametrize(
    ("beside", "is_rewritten"),
    [
        ("image: {registry: quay.io, repository: acme/a}", False),
        ("global: {imageRegistry: quay.io}", False),
        ("image: {repository: acme/a}", True),
        ("other: {image: {registry: quay.io, repository: acme/a}}", True),
    ],
)
def test_values_that_replace_a_part_of_others(
    run: Run, chart: Path, beside: str, is_rewritten: bool, is_chart: bool
) -> None:
    if not is_chart:
        (chart / "Chart.yaml").unlink()
    (chart / "values.yaml").write_text(beside + "\n")
    (chart / "production.yaml").write_text("image: {repository: acme/b, tag: 1}\n")

    assert (HOST in run("rewrite", str(chart / "production.yaml")).stdout) == is_rewritten
