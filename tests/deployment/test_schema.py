"""The JSON Schema that editors read."""

import json
import re
from pathlib import Path

import jsonschema
import pytest

from pull_through_cache.files.yaml_file import YamlFile

PROJECT = Path(__file__).parents[2]
SCHEMA = PROJECT / "deployments" / "deployment.schema.json"
DEPLOYMENTS = sorted((PROJECT / "deployments").glob("*.yaml"))


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=lambda path: path.stem)
def test_a_deployment_keeps_the_schema(deployment: Path) -> None:
    jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text())).validate(YamlFile(deployment).data)


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=lambda path: path.stem)
def test_a_deployment_names_the_schema_in_its_first_line(deployment: Path) -> None:
    first = deployment.read_text().splitlines()[0]

    assert re.fullmatch(r"# yaml-language-server: \$schema=deployment.schema.json", first)
