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
