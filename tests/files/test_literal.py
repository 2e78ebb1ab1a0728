"""Text that Terraform or cdktf would not take literally is rejected, wherever it is in a file."""

from pathlib import Path

import pytest

from pull_through_cache.files.problems import InvalidFile
from pull_through_cache.files.yaml_file import YamlFile

EVALUATED = "holds '${' or '%{', which Terraform would evaluate; write it without"
REFERENCE = "which cdktf takes for a reference"


@pytest.mark.parametrize(
    ("written", "message"),
    [
        pytest.param("'${path.cwd}'", EVALUATED, id="expression"),
        pytest.param("'a %{if true}b%{endif}'", EVALUATED, id="directive"),
        pytest.param("'$${path.cwd}'", EVALUATED, id="escaped for Terraform"),
        pytest.param(r'"\x24\u007bpath.cwd}"', EVALUATED, id="escaped in YAML"),
        pytest.param(r"""'{"a": "$\u007bpath.cwd}"}'""", EVALUATED, id="escaped in JSON"),
        pytest.param(r"""'{"a": "\u0025\u007Bif true}"}'""", EVALUATED, id="directive escaped in JSON"),
        pytest.param(
            "'arn:aws:iam::123456789012:user/${aws:username}'",
            "holds an IAM policy variable, which Terraform would evaluate; write the values themselves",
            id="IAM policy variable",
        ),
        pytest.param("'#{TfToken[TOKEN.1]}'", f"holds 'TfToken[', {REFERENCE}; write it without", id="token of a list"),
        pytest.param("'&{TfToken[TOKEN.1]}'", f"holds 'TfToken[', {REFERENCE}; write it without", id="token of a map"),
        pytest.param(
            "a -1.8881545897087503e+289 b",
            f"holds -1.8881545897087503e+289, {REFERENCE}; write another number",
            id="token of a number in text",
        ),
        pytest.param(
            "x_82e297",
            f"holds 82e297, {REFERENCE}; write another number",
            id="token of a number when a name has a '-' before it",
        ),
        pytest.param(
            f"-82{298 * '0'}e-1",
            f"holds -82{27 * '0'}, {REFERENCE}; write another number",
            id="token of a number with a negative exponent",
        ),
        pytest.param(
            "-1.8881545897087503e+289",
            f"holds -1.8881545897087503e+289, {REFERENCE}; write another number",
            id="token of a number",
        ),
        pytest.param(
            "-123456789", f"holds -123456789, {REFERENCE}; write another number", id="token of a map's number"
        ),
        pytest.param(
            "String Map Token Value",
            "is 'String Map Token Value', which cdktf reserves; write another text",
            id="token of a map's text",
        ),
        pytest.param("_children", "is '_children', which cdktf reserves; write another text", id="cdktf's construct"),
        pytest.param("$jsii.byref", "is '$jsii.byref', which cdktf reserves; write another text", id="object of jsii"),
        pytest.param("__proto__", "is '__proto__', which cdktf reserves; write another text", id="JavaScript's name"),
    ],
)
@pytest.mark.parametrize("place", ["key", "[0]", ""])
def test_what_is_not_literal_is_rejected(tmp_path: Path, written: str, message: str, place: str) -> None:
    file = tmp_path / "deployment.yaml"
    file.write_text({"key": f"key: {written}\n", "[0]": f"- {written}\n", "": f"{written}: 1\n"}[place])

    with pytest.raises(InvalidFile) as refused:
        YamlFile(file)

    [problem] = refused.value.problems
    assert (problem.line, problem.message) == (1, message)
    assert problem.place == place or not place


@pytest.mark.parametrize(
    "text", ["a $ b % {c}", "$", "{stack}", "-1e5", "node-2e289", "-.e300", "-1.2.3e289", r"C:\u00e9", "TfToken"]
)
def test_other_text_is_taken_as_it_is(tmp_path: Path, text: str) -> None:
    file = tmp_path / "deployment.yaml"
    file.write_text(f"key: '{text}'\n")

    assert YamlFile(file).data == {"key": text}


@pytest.mark.parametrize(
    ("tag", "number"),
    [("float", "-8.2_0e298"), ("float", "-1:0"), ("int", "-123_456_789"), ("int", "-\u0661"), ("int", " 1")],
)
def test_a_tag_makes_no_number_that_yaml_does_not_know(tmp_path: Path, tag: str, number: str) -> None:
    file = tmp_path / "deployment.yaml"
    file.write_text(f"key: !!{tag} '{number}'\n")

    with pytest.raises(InvalidFile, match=f"key: is not of the YAML type '!!{tag}'; write it in quotes, without a tag"):
        YamlFile(file)
