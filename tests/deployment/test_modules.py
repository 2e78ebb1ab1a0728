"""What the versions of the Terraform modules mean for a deployment file."""

from pathlib import Path

import pytest

from pull_through_cache.deployment import load
from pull_through_cache.deployment.cdktf_json import read_cdktf_json
from pull_through_cache.deployment.modules import DEFAULT_MODULES
from pull_through_cache.files.problems import InvalidFile


def test_modules_are_handed_in(tmp_path: Path) -> None:
    file = tmp_path / "deployment.yaml"
    file.write_text("""\
registry:
  regions: [us-east-1]
  repositories: {image_tag_mutability: MUTABLE_WITH_EXCLUSION, image_tag_mutability_exclusion_filters: [latest]}
  upstreams: {quay: {url: quay.io}}
terraform: {required_providers: {aws: ~> 6.0}}
""")
    module = DEFAULT_MODULES["ecr_repository_template"]

    load(file, modules={**DEFAULT_MODULES, "ecr_repository_template": module._replace(version="~> 3.1")})


def test_the_default_modules_are_those_of_cdktf_json() -> None:
    assert read_cdktf_json().modules == DEFAULT_MODULES


def test_a_missing_cdktf_json_has_defaults(tmp_path: Path) -> None:
    assert read_cdktf_json(tmp_path / "cdktf.json").modules == DEFAULT_MODULES


def test_a_module_may_need_a_later_provider(tmp_path: Path) -> None:
    file = tmp_path / "deployment.yaml"
    file.write_text("""\
registry: {regions: [us-east-1], upstreams: {quay: {url: quay.io}}}
terraform: {required_providers: {aws: ~> 5.100}}
""")
    module = DEFAULT_MODULES["secrets_manager"]._replace(version="~> 2.0")

    with pytest.raises(InvalidFile) as error:
        load(file, modules={**DEFAULT_MODULES, "secrets_manager": module})

    assert [problem.place for problem in error.value.problems] == ["terraform.required_providers.aws"]
