"""Images of Helm values whose names only the chart has, or that are under keys of its own: `rewrite` reports them."""

import pytest

from tests.images.conftest import HOST, NGINX, Run

_UNNAMED = "has its name only in the chart's templates or default values; rewrite what helm template renders"


@pytest.mark.parametrize(
    ("values", "image"),
    [
        pytest.param('image: {pullPolicy: Always, tag: "1.2"}', "?:1.2", id="tag"),
        pytest.param("image: {repository: '', tag: 1}", "?:1", id="empty repository"),
        pytest.param("image: {version: 1}", "?:1", id="version"),
        pytest.param("image: {digest: 'sha256:1'}", "?@sha256:1", id="digest"),
        pytest.param("image: {pullPolicy: Always, tag: ''}", "?", id="empty tag"),
        pytest.param("image: {pullPolicy: Always}", "?", id="pull policy"),
        pytest.param("webImage: {account: 1, region: here, tag: v1}", "?:v1", id="parts that only the chart joins"),
    ],
)
def test_an_image_without_a_name_is_reported(run: Run, values: str, image: str) -> None:
    result = run("rewrite", "--strict", stdin=values)

    place = values.partition(":")[0]
    assert (
        result.stderr
        == f"<stdin>:1: {place}: {image}: {_UNNAMED}\n0 rewritten, 0 cached, 0 uncovered, 0 left, 1 unknown\n"
    )


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("image: {tag: 1} # pull-through-cache: ignore", id="accepted"),
        pytest.param("global: {image: {tag: 1, pullPolicy: Always}}", id="for the images of all parts"),
        pytest.param(
            "global: {image: {repository: gcr.io/a/b}}\na: {image: {tag: '', pullPolicy: ''}}", id="nothing is set"
        ),
        pytest.param("image: {pullPolicy: Always, web: {repository: gcr.io/a/b}}", id="for several images"),
        pytest.param("osImage: {version: 1}", id="a machine's"),
        pytest.param("image: {width: 640}", id="a picture"),
        pytest.param(
            "{apiVersion: a/v1, kind: A, spec: {image: {tag: 1}}}", id="a custom resource with its own default"
        ),
    ],
)
def test_what_is_no_image_without_a_name(run: Run, content: str) -> None:
    assert run("rewrite", "--strict", stdin=content).exit_code == 0


@pytest.mark.parametrize("name", ["worker", "worker:1", "nginx"])
@pytest.mark.parametrize("key", ["web_image_name", "webImageName", "imageRepository", "image_repo"])
def test_a_name_under_a_key_of_the_chart_is_reported(run: Run, key: str, name: str) -> None:
    why = "may be a part of an image's name; only the chart knows"
    assert run("rewrite", stdin=f"{key}: {name}").stderr == f"<stdin>:1: {key}: {name}: {why}\n"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("imagePullSecretName: regcred", id="a secret"),
        pytest.param("image_name: Our image", id="a title"),
        pytest.param("web_image_name: '{{ .Values.web }}'", id="a template"),
        pytest.param("web_image_name: gcr.io/a/b", id="in no cache"),
    ],
)
def test_what_is_no_name_under_a_key_of_the_chart(run: Run, content: str) -> None:
    assert run("rewrite", stdin=content).stderr == ""


def test_a_part_of_a_name_without_a_version_is_reported(run: Run) -> None:
    """As in the charts of Dapr."""
    why = "may be a part of an image's name; only the chart knows"
    assert run("rewrite", stdin="image: {name: operator}").stderr == f"<stdin>:1: image.name: operator: {why}\n"


def test_the_remedy_for_a_registry_that_is_empty(run: Run) -> None:
    values = "image: {registry: '', repository: nginx}\n"

    assert "write the registry there" in run("rewrite", stdin=values).stderr
    with_registry = values.replace("''", "docker.io")
    path = NGINX.removeprefix(f"{HOST}/")
    assert run("rewrite", stdin=with_registry).stdout == f"image: {{registry: {HOST}, repository: {path}}}\n"
