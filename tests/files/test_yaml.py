"""What the text of a deployment file means, as YAML 1.2 has it."""

from pathlib import Path

import pytest

from pull_through_cache.files.yaml_file import YamlFile
from tests.conftest import ProblemsOf


def value(folder: Path, text: str) -> object:
    file = folder / "deployment.yaml"
    file.write_text(f"key: {text}\n")
    return YamlFile(file).data["key"]


@pytest.mark.parametrize(
    "text",
    ["no", "on", "y", "2024-01-01", "1:30", "1_000", "0b1", "0o8", "1.2.3", "nULL", "tRUE", ".", "<<", "=", "1e"],
)
def test_text(tmp_path: Path, text: str) -> None:
    assert value(tmp_path, text) == text


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("true", True),
        ("FALSE", False),
        ("017", 17),
        ("-3", -3),
        ("0o17", 15),
        ("0x1F", 31),
        ("6.0", 6.0),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("-.inf", float("-inf")),
    ],
)
def test_what_is_not_text(tmp_path: Path, text: str, meaning: object) -> None:
    found = value(tmp_path, text)
    assert (type(found), found) == (type(meaning), meaning)


def test_json(tmp_path: Path) -> None:
    assert value(tmp_path, '{"a":[1,true,null],\t"b\\/c":"\\u00e9"}') == {"a": [1, True, None], "b/c": "é"}


def test_merged_keys_are_overridden_where_they_are_written(problems_of: ProblemsOf) -> None:
    problems = problems_of("""\
        registry:
          regions: [eu-west-1]
          upstreams:
            quay: &quay {url: quay.io, prefix: quay}
            more:
              <<: *quay
              url: registry.k8s.io
              prefix: x
        """)

    assert [problem.split(": ")[:2] for problem in problems] == [
        ["deployment.yaml:8", "registry.upstreams.more.prefix"]
    ]
