"""What is accepted with a warning, how a warning is silenced, and made an error."""

from pathlib import Path

import pytest

from pull_through_cache.deployment import load, read
from pull_through_cache.files.problems import InvalidFile
from tests.deployment.files import registry, settings

PROJECT = Path(__file__).parents[2]
UNTAGGED = (
    "warning: the images of a multi-architecture tag are untagged themselves, so this may expire parts of what is in use; "
    "take the rule for untagged images out (to keep it so: `silence: [untagged-images]`)"
)
IMMUTABLE = (
    "warning: ECR never refreshes an immutable tag: what `latest` was at the first pull it stays; write MUTABLE "
    "(to keep it so: `silence: [immutable-tags]`)"
)
OVERWRITE = (
    "warning: principals outside `registry.account_id` may push or delete images, which every node then pulls; let them "
    "only read, or name principals of that account (to keep it so: `silence: [others-overwrite]`)"
)
CODEBUILD = "codebuild.amazonaws.com"
RULE = '{"rulePriority": 1, "selection": {"tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": 1}'
CASES = [
    pytest.param(
        registry(registry_policy="none"),
        "first-pull",
        "deployment.yaml:4: registry.registry_policy: warning: without a registry policy the first pull of an image from "
        "another account fails: `The repository with name '…' does not exist in the registry`; write "
        "`registry_policy: managed` (to keep it so: `silence: [first-pull]`)",
        id="no registry policy",
    ),
    pytest.param(
        settings("image_tag_mutability: IMMUTABLE"),
        "immutable-tags",
        f"deployment.yaml:4: registry.repositories.image_tag_mutability: {IMMUTABLE}",
        id="immutable tags of all",
    ),
    pytest.param(
        registry(upstreams="{quay: {url: quay.io, repositories: {image_tag_mutability: IMMUTABLE}}}"),
        "immutable-tags",
        f"deployment.yaml:3: registry.upstreams.quay.repositories.image_tag_mutability: {IMMUTABLE}",
        id="immutable tags of one",
    ),
    pytest.param(
        settings("lifecycle: {expire_untagged_after_days: 3}"),
        "untagged-images",
        f"deployment.yaml:4: registry.repositories.lifecycle.expire_untagged_after_days: {UNTAGGED}",
        id="untagged images expire",
    ),
    pytest.param(
        settings(f'lifecycle: {{policy: \'{{"rules": [{RULE}, "action": {{"type": "expire"}}}}]}}\'}}'),
        "untagged-images",
        f"deployment.yaml:4: registry.repositories.lifecycle.policy: {UNTAGGED}",
        id="untagged images expire by a policy",
    ),
    pytest.param(
        registry(upstreams="{a: {url: quay.io, prefix: all}, b: {url: registry.k8s.io, prefix: all/kubernetes}}"),
        "shadowed-prefix",
        "deployment.yaml:3: registry.upstreams.b: warning: images of a whose names begin with kubernetes/ cannot be "
        "reached: all/kubernetes/ is the more specific prefix, and ECR looks for them at registry.k8s.io "
        "(to keep it so: `silence: [shadowed-prefix]`)",
        id="prefix inside another",
    ),
    pytest.param(
        registry(upstreams="{all: {url: quay.io, prefix: ROOT}}"),
        "catch-all",
        "deployment.yaml:3: registry.upstreams.all: warning: ECR asks quay.io for every repository that does not exist, so "
        "an image from there can take the place of one of yours that is missing, and everyone in `pull_access` may create "
        "any repository; write a `prefix` (to keep it so: `silence: [catch-all]`)",
        id="catch-all",
    ),
    pytest.param(
        registry(node_roles="[eks-nodes]"),
        "any-registry",
        "deployment.yaml:1: registry: warning: without `account_id`, nodes may pull from every registry that lets them in "
        "and create repositories there; write the registry's `account_id` (to keep it so: `silence: [any-registry]`)",
        id="nodes may use any registry",
    ),
    pytest.param(
        settings(f"statements: [{{sid: A, actions: [ecr:BatchGetImage], principals: {{Service: [{CODEBUILD}]}}}}]"),
        "services-for-everyone",
        "deployment.yaml:4: registry.repositories.statements[0]: warning: every account can have codebuild.amazonaws.com "
        "read here; add a condition such as aws:SourceAccount with StringEquals (to keep it so: "
        "`silence: [services-for-everyone]`)",
        id="service for everyone",
    ),
    pytest.param(
        registry(
            account_id="'123456789012'",
            registry_policy="{scope: V2, extra_statements: [{sid: A, actions: ['ecr:Batch*'], "
            "principals: {AWS: ['210987654321']}, resources: ['*']}]}",
        ),
        "others-overwrite",
        f"deployment.yaml:5: registry.registry_policy.extra_statements[0]: {OVERWRITE}",
        id="others delete",
    ),
    pytest.param(
        registry(
            account_id="'123456789012'",
            repositories="{read_write_access: ['arn:aws:iam::210987654321:root']}",
        ),
        "others-overwrite",
        f"deployment.yaml:5: registry.repositories.read_write_access: {OVERWRITE}",
        id="others push",
    ),
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "deployment.yaml"


@pytest.mark.parametrize(("text", "name", "warning"), CASES)
def test_what_will_be_regretted_is_warned_of_once(file: Path, text: str, name: str, warning: str) -> None:
    file.write_text(text)

    assert [str(problem) for problem in read(file)[1]] == [f"{file.parent}/{warning}"], name


@pytest.mark.parametrize(("text", "name", "warning"), CASES)
def test_a_warning_is_silenced_by_its_name(file: Path, text: str, name: str, warning: str) -> None:
    file.write_text(f"{text}silence: [{name}]\n")

    assert read(file)[1] == [], warning


@pytest.mark.parametrize(("text", "name", "warning"), CASES)
def test_a_strict_file_makes_a_warning_an_error(file: Path, text: str, name: str, warning: str) -> None:
    file.write_text(f"{text}strict: true\n")

    with pytest.raises(InvalidFile) as refused:
        load(file)

    assert str(refused.value) == f"{file.parent}/{warning}", name


def test_whoever_reads_strictly_is_refused_a_warning(file: Path) -> None:
    file.write_text(registry(registry_policy="none"))

    with pytest.raises(InvalidFile):
        read(file, strict=True)


def test_a_silenced_warning_is_no_error_even_where_all_are(file: Path) -> None:
    file.write_text(registry(registry_policy="none") + "silence: [first-pull]\nstrict: true\n")

    assert read(file, strict=True)[1] == []


def test_what_is_in_the_catch_all_shadows_too(file: Path) -> None:
    file.write_text(registry(upstreams="{all: {url: quay.io, prefix: ROOT}, k8s: {url: registry.k8s.io}}"))

    _, warning = read(file)[1]

    assert "images of all whose names begin with k8s/ cannot be reached" in str(warning)


@pytest.mark.parametrize("name", ["every-upstream", "every-setting", "organization"])
def test_our_own_deployments_warn_of_nothing(name: str) -> None:
    assert read(PROJECT / "deployments" / f"{name}.yaml")[1] == []


def test_the_blog_post_warns_of_first_pulls_and_of_nodes_that_may_use_any_registry() -> None:
    warnings = read(PROJECT / "deployments" / "blog-post.yaml")[1]

    assert [warning.place for warning in warnings] == ["registry", "registry.registry_policy"]
