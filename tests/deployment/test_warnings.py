"""How warnings are silenced, and made errors. Which mistakes have one is in `mistakes/warnings.yaml`."""

from pathlib import Path

import pytest

from pull_through_cache.deployment import load, read
from pull_through_cache.files.problems import InvalidFile
from tests.deployment.files import registry, settings

PROJECT = Path(__file__).parents[2]
CASES = [
    pytest.param(registry(registry_policy="none"), "first-pull", id="first-pull"),
    pytest.param(registry(registry_policy="{scope: V1}"), "registry-policy-scope", id="registry-policy-scope"),
    pytest.param(settings("image_tag_mutability: IMMUTABLE"), "immutable-tags", id="immutable-tags"),
    pytest.param(settings("lifecycle: {archive_after_days_unpulled: 9}"), "archived-images", id="archived-images"),
    pytest.param(
        registry(upstreams="{a: {url: quay.io, prefix: all}, b: {url: registry.k8s.io, prefix: all/kubernetes}}"),
        "shadowed-prefix",
        id="shadowed-prefix",
    ),
    pytest.param(registry(upstreams="{all: {url: quay.io, prefix: ROOT}}"), "catch-all", id="catch-all"),
    pytest.param(registry(node_roles="[eks-nodes]"), "any-registry", id="any-registry"),
    pytest.param(
        settings(
            "statements: [{sid: A, actions: [ecr:BatchGetImage], principals: {Service: [codebuild.amazonaws.com]}}]"
        ),
        "services-for-everyone",
        id="services-for-everyone",
    ),
    pytest.param(
        registry(account_id="'123456789012'", repositories="{read_write_access: ['arn:aws:iam::210987654321:root']}"),
        "others-overwrite",
        id="others-overwrite",
    ),
    pytest.param(registry(attach="false"), "no-effect", id="no-effect"),
    pytest.param(settings("statements_only: true"), "statements-only", id="statements-only"),
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "deployment.yaml"


@pytest.mark.parametrize(("text", "name"), CASES)
def test_a_warning_names_what_silences_it(file: Path, text: str, name: str) -> None:
    file.write_text(text)

    [warning] = read(file)[1]

    assert f"`silence: [{name}]`" in warning.message


@pytest.mark.parametrize(("text", "name"), CASES)
def test_a_warning_is_silenced_by_its_name(file: Path, text: str, name: str) -> None:
    file.write_text(f"{text}silence: [{name}]\n")

    assert read(file)[1] == []


@pytest.mark.parametrize(("text", "name"), CASES)
def test_a_strict_file_makes_a_warning_an_error(file: Path, text: str, name: str) -> None:
    file.write_text(f"{text}strict: true\n")

    with pytest.raises(InvalidFile, match=name):
        load(file)


def test_a_strict_reader_makes_a_warning_an_error(file: Path) -> None:
    file.write_text(registry(registry_policy="none"))

    with pytest.raises(InvalidFile):
        read(file, strict=True)


def test_a_silenced_warning_is_not_an_error_for_a_strict_reader(file: Path) -> None:
    file.write_text(registry(registry_policy="none") + "silence: [first-pull]\nstrict: true\n")

    assert read(file, strict=True)[1] == []


@pytest.mark.parametrize("name", ["every-upstream", "every-setting", "organization"])
def test_our_own_deployments_have_no_warnings(name: str) -> None:
    assert read(PROJECT / "deployments" / f"{name}.yaml")[1] == []


def test_the_blog_post_has_the_warnings_of_first_pulls_and_of_nodes_that_may_use_any_registry() -> None:
    warnings = read(PROJECT / "deployments" / "blog-post.yaml")[1]

    assert [warning.place for warning in warnings] == ["registry", "registry.registry_policy"]
