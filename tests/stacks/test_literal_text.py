"""Text of a deployment file is literal text to Terraform, or it is rejected, wherever it is in the file."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import yaml
from hypothesis import example, given, note
from hypothesis import strategies as st
from pydantic import ValidationError

import stacks  # noqa: F401 - before cdktf
from pull_through_cache.deployment import Deployment, read
from pull_through_cache.files.problems import InvalidFile
from stacks.app import build_app
from stacks.hcl import hcl
from stacks.output import synthesize
from tests.stacks.conftest import PROJECT
from tests.stacks.places import Entry, Place, places, with_text
from tests.stacks.test_properties import cases, stacks_of

BASE = yaml.safe_load((PROJECT / "deployments" / "every-setting.yaml").read_text()) | {"strict": False}
BASE["registry"]["upstreams"]["docker-hub"] = {"registry": "docker-hub", "credentials": {"store": "module"}}
BASE["terraform"]["backend"] = {"s3": {"bucket": "states", "region": "eu-central-1"}}
ABOUT_THE_FILE = [("silence", 0)]
LITERAL = ["marker", "mark-er", "$", "%", "a $ {b} % {c} $", "{stack}", "}", "$%"]
SECRET = '${jsonencode({"username" = var.docker_hub_username, "accessToken" = var.docker_hub_access_token})}'
EVALUATED = ["${path.cwd}", "$${path.cwd}", "a%{if true}b%{endif}", "${var.docker_hub_access_token}", SECRET]
IN_A_FILE = [
    r"$\u007bpath.cwd}",
    "${TfToken[TOKEN.0]}",
    "#{TfToken[TOKEN.0]}",
    "${each.value.prefix}",
    "${aws:username}",
    "x_82e297",
]
IN_HCL = ['quoted"} quoted {', 'quoted\n}\nlocals {\n  quoted = "', "quoted] #", 'quoted\\"\\']
QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
BEFORE = [r'{"rules": [{"a": "', "/", "/a/", "arn:aws:iam::123456789012:role/", "arn:aws:iam::123456789012:policy/"]


def texts(data: Any) -> Iterator[str]:
    """Every text in JSON, keys included."""
    if isinstance(data, Mapping):
        for key, value in data.items():
            yield key
            yield from texts(value)
    elif isinstance(data, list):
        for value in data:
            yield from texts(value)
    elif isinstance(data, str):
        yield data


def is_literal(text: str, made: Mapping[str, Any]) -> bool:
    """Whether the text is in the JSON as it is, or as what it is documented to become."""
    # Terraform's names have `_` for the `-` of a key, a setting of a backend has the stack's name for `{stack}`, and of a
    # node role's ARN Terraform takes the name.
    name = text.rpartition(":role/")[2]
    expected = {text, name, text.replace("-", "_"), *(text.replace("{stack}", stack) for stack in made)}
    return any(each in written for stack in made.values() for written in texts(stack) for each in expected)


@cases(100)
@given(place=st.sampled_from(places()), before=st.sampled_from(["", *BEFORE]), marker=st.sampled_from(LITERAL))
def test_text_is_rejected_or_literal(place: Place, before: str, marker: str) -> None:
    note(f"{place}: {before}{marker}")
    with TemporaryDirectory() as folder:
        file = Path(folder, "deployment.yaml")
        file.write_text(json.dumps(with_text(BASE, place, before + marker)))
        try:
            deployment, _ = read(file)
        except InvalidFile:
            return
        if place not in ABOUT_THE_FILE:
            assert is_literal(before + marker, stacks_of(deployment, Path(folder, "out")))


@cases(100)
@given(place=st.sampled_from(places()), marker=st.sampled_from(IN_HCL))
@example(place=("terraform", "backend", Entry.ANY, Entry.KEY), marker=IN_HCL[1])
@example(place=("terraform", "backend", Entry.ANY, "depends_on", 0), marker=IN_HCL[2])
def test_text_is_in_quotes_in_hcl(place: Place, marker: str) -> None:
    note(f"{place}: {marker}")
    with TemporaryDirectory() as folder:
        try:
            deployment = Deployment.model_validate(with_text(BASE, place, marker))
        except ValidationError:
            return
        written = [hcl(stack) for stack in stacks_of(deployment, Path(folder, "out")).values()]
    assert [text for text in written if "quoted" in QUOTED.sub("", text)] == []


@cases(100)
@given(
    place=st.sampled_from(places()),
    before=st.sampled_from(["", *BEFORE]),
    marker=st.sampled_from(EVALUATED + IN_A_FILE),
)
def test_text_that_would_be_evaluated_is_rejected_with_its_place(place: Place, before: str, marker: str) -> None:
    with TemporaryDirectory() as folder:
        file = Path(folder, "deployment.yaml")
        file.write_text(json.dumps(with_text(BASE, place, before + marker)))
        note(file.read_text())
        with pytest.raises(InvalidFile) as refused:
            read(file)
    assert all(problem.place.startswith(str(place[0])) for problem in refused.value.problems)


@cases(100)
@given(place=st.sampled_from(places()), before=st.sampled_from(["", *BEFORE]), marker=st.sampled_from(EVALUATED))
def test_text_from_no_file_is_rejected_before_it_replaces_a_stack(place: Place, before: str, marker: str) -> None:
    with TemporaryDirectory() as folder:
        try:
            deployment = Deployment.model_validate(with_text(BASE, place, before + marker))
        except ValidationError:
            return
        note(f"{place}: {before}{marker}")
        outdir = Path(folder, "out")
        with pytest.raises(InvalidFile):
            synthesize(lambda folder: build_app(deployment, outdir=folder), outdir)
        assert list(outdir.iterdir()) == []
